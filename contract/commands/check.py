"""``heygen-contract check``: where does a server break the contract."""

from __future__ import annotations

import argparse
import difflib
import importlib.metadata
import importlib.util
import os
import secrets
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from contract.keys import DEFAULT_KEY, KEY_VARIABLE, keys_of_url
from contract.reach import STIMULI
from contract.spec import SHAPES, Spec, load_spec
from contract.target import Target, parse_target, parse_url
from contract.unable import UnableError

if TYPE_CHECKING:
    from contract.deviations import Deviation
    from contract.report.screen import BarScreen, PlainScreen
    from contract.report.summary import Summary
    from contract.settings import Settings

_NEEDS = {"schemathesis": ("schemathesis",), "machine": ("hypothesis",)}

_ABOUT = """\
Drives a server with requests and real WebRTC, holds every answer against the contract, and shows
each rule that is broken with its evidence and the smallest example.

  heygen-contract check                                    the fake, started for this run
  heygen-contract check --seed 7 --stimuli tour,machine    a part of it, and the same again
  heygen-contract check --target http://127.0.0.1:8000 --api-key K1 --api-key K2
                                                           a server of yours, with two accounts
  heygen-contract check --target http://127.0.0.1:8000 --no-media
                                                           where no UDP passes
  heygen-contract check --target real                      the plan for the real API, and its cost
  heygen-contract check --target real --budget 3           run it: at most three sessions
  heygen-contract check --report-dir report                junit.xml, report.json, report.html

The stimuli are schemathesis (fuzzing from the schema), tour (every action in every state), machine
(long random histories, shrunk by Hypothesis) and media (what a WebRTC client sees and hears).
"""
_ENDS = """\
Exit status: 0 fine, 1 findings, 2 could not run (or a rule was never reached), 130 after Ctrl-C.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the program."""
    parser = commands.add_parser(
        "check",
        help="judge the fake, the real API or any server",
        description=_ABOUT,
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole = _whole_number
    add = parser.add_argument
    add("--target", default="fake", metavar="fake|real|URL",
        help="what to judge (default: fake)")  # fmt: skip
    add("--api-key", action="append", default=[], metavar="KEY",
        help=f"the key; a second one is another account (default: {KEY_VARIABLE}, "
             f"else {DEFAULT_KEY})")  # fmt: skip
    add("--seed", type=whole, metavar="N", help="the same choices again (default: random, shown)")
    add("--stimuli", default=",".join(STIMULI), metavar="LIST",
        help=f"which, with commas between (default: {','.join(STIMULI)})")  # fmt: skip
    add("--profile", choices=("strict", "real"),
        help="real: what differs from mere guesses is noted, and no failure (default: real for "
             "the real API, else strict)")  # fmt: skip
    add("--answers", choices=(*SHAPES, "auto"),
        help="the shape that answers must have; auto: that of the first (default: auto for the "
             "real API, else union)")  # fmt: skip
    add("--accepts-any-key", action="store_true",
        help="the server is meant to take any key")  # fmt: skip
    add("--max-connects", type=whole, default=40, metavar="N",
        help="sessions that are connected by WebRTC at most (default: 40)")  # fmt: skip
    add("--no-media", action="store_true",
        help="connect nothing by WebRTC; rules behind a connection are not reached")  # fmt: skip
    add("--allow-unreached", action="append", default=[], metavar="RULE",
        help="do not fail when this rule is never reached (repeatable)")  # fmt: skip
    add("--deviations", action="append", default=[], type=Path, metavar="FILE",
        help="further known deviations (repeatable)")  # fmt: skip
    add("--report-dir", type=Path, metavar="DIR",
        help="write junit.xml, report.json, report.html and curl scripts there")  # fmt: skip
    real = parser.add_argument_group("for --target real")
    real.add_argument("--budget", type=whole, metavar="N",
                      help="run, and open at most N sessions; without it only the plan is "
                           "shown")  # fmt: skip
    real.add_argument("--minutes", type=float, metavar="M",
                      help="at most so many minutes of session time as billed")  # fmt: skip
    real.add_argument("--real-url", metavar="URL",
                      help="where the real API is (default: https://api.heygen.com)")  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """The exit status. Raises UnableError, ModuleNotFoundError."""
    target = parse_target(args.target)
    if target.kind == "real" and args.real_url is not None:
        target = Target("real", parse_url(args.real_url, real=True))
    spec = load_spec()
    _refuse_odd(args, target, spec)
    if target.kind == "real" and args.budget is None:
        from contract.check_real import write_plan  # noqa: PLC0415 - slow, and for one target

        _print(write_plan(real_url=target.url, minutes=args.minutes, media=not args.no_media))
        return 0
    settings = _settings(args, target, spec)
    _require(settings.chosen)
    if args.report_dir is not None:
        from contract.report.files import prepare  # noqa: PLC0415 - not for --help

        prepare(args.report_dir)
    sys.stderr.write(f"heygen-contract check: {target}, seed {settings.seed}\n")
    with _screen() as screen:
        summary = _check(args, settings, spec, screen)
    _show(summary, args.report_dir)
    return summary.status


def _check(
    args: argparse.Namespace, settings: Settings, spec: Spec, screen: BarScreen | PlainScreen
) -> Summary:
    if settings.target.kind == "real":
        from contract.check_real import check_real  # noqa: PLC0415 - slow, and for one target

        return check_real(settings, spec, screen, budget=args.budget, minutes=args.minutes)
    from contract.check import check  # noqa: PLC0415 - not for --help

    return check(settings, spec, screen)


def _refuse_odd(args: argparse.Namespace, target: Target, spec: Spec) -> None:
    """Raises UnableError for flags that cannot mean anything."""
    if target.kind != "real":
        for name in ("budget", "minutes", "real_url"):
            if getattr(args, name) is not None:
                flag = f"--{name.replace('_', '-')}"
                raise UnableError(f"{flag} is for --target real, not for {target}; leave it out")
    if target.kind == "real" and args.stimuli != ",".join(STIMULI):
        raise UnableError("--stimuli: the real API is given its own short probe; leave it out")
    if args.accepts_any_key and target.kind != "url":
        raise UnableError(f"--accepts-any-key is for a URL, not for {target}; leave it out")
    if args.minutes is not None and not 0 < args.minutes < 10_000:
        raise UnableError(f"--minutes {args.minutes:g}: give a number above zero")
    if args.budget == 0:
        raise UnableError("--budget 0 opens no session; leave it out to see the plan")
    if len(args.api_key) > 2:
        raise UnableError(f"{len(args.api_key)} times --api-key: two accounts are enough")
    for rule in args.allow_unreached:
        if rule not in spec.rules:
            near = difflib.get_close_matches(rule, spec.rules, n=1)
            hint = f"did you mean {near[0]}?" if near else "see heygen-contract rules"
            raise UnableError(f"--allow-unreached {rule!r} is no rule; {hint}")


def _settings(args: argparse.Namespace, target: Target, spec: Spec) -> Settings:
    from contract.settings import Settings  # noqa: PLC0415 - not for --help

    keys, source = _keys(args, target)
    settings = Settings(
        target=target,
        seed=secrets.randbelow(1_000_000) if args.seed is None else args.seed,
        stimuli=_stimuli(args.stimuli),
        keys=keys,
        key_source=source,
        profile=args.profile or ("real" if target.kind == "real" else "strict"),
        answers=args.answers or ("auto" if target.kind == "real" else "union"),
        accepts_any_key=args.accepts_any_key,
        media=not args.no_media and args.max_connects > 0,
        max_connects=args.max_connects,
        allow_unreached=frozenset(args.allow_unreached),
        deviations=_deviations(args.deviations, spec),
        tool_version=importlib.metadata.version("heygen-mock"),
    )
    if not settings.chosen:
        why = "--no-media" if args.no_media else "--max-connects 0"
        raise UnableError(f"--stimuli {args.stimuli} with {why} leaves nothing to run")
    return settings.with_command(_again(args, settings.seed))


def _stimuli(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = ", ".join(STIMULI)
    if not names:
        raise UnableError(f"--stimuli {text!r} names none; choose of {known}")
    for name in names:
        if name not in STIMULI:
            raise UnableError(f"--stimuli: {name!r} is none of {known}")
    return names


def _keys(args: argparse.Namespace, target: Target) -> tuple[tuple[str, ...], str]:
    if target.kind == "real":
        from contract.guard.process import take_key  # noqa: PLC0415 - for one target

        if args.api_key:
            raise UnableError(
                f"--api-key is seen by every user of this machine; for the real API set "
                f"{KEY_VARIABLE}"
            )
        key = take_key(os.environ)
        if key is None:
            raise UnableError(f"--target real needs the API key: set {KEY_VARIABLE}")
        return (key,), KEY_VARIABLE
    if target.kind == "fake" and not args.api_key:
        return (), ""
    return keys_of_url(args.api_key, os.environ)


def _deviations(files: Sequence[Path], spec: Spec) -> tuple[Deviation, ...]:
    from contract.deviations import PACKAGED, load_deviations  # noqa: PLC0415 - not for --help

    rows: dict[str, Deviation] = {}
    for file in (PACKAGED, *files):
        for row in load_deviations(file, spec):
            if row.id in rows:
                raise UnableError(f"{file}: id {row.id!r} is also in an earlier file; rename it")
            rows[row.id] = row
    return tuple(rows.values())


def _require(chosen: Sequence[str]) -> None:
    """Raises ModuleNotFoundError now, and not after a stimulus has run."""
    for name in chosen:
        for module in _NEEDS.get(name, ()):
            if importlib.util.find_spec(module) is None:
                raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def _again(args: argparse.Namespace, seed: int) -> str:
    """The command line that does the same; keys stay out of it."""
    words = ["heygen-contract", "check", "--target", args.target, "--seed", str(seed)]
    if args.stimuli != ",".join(STIMULI):
        words += ["--stimuli", args.stimuli]
    for name in ("profile", "answers", "budget", "minutes", "real_url"):
        if (value := getattr(args, name)) is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    if args.max_connects != 40:
        words += ["--max-connects", str(args.max_connects)]
    words += ["--accepts-any-key"] if args.accepts_any_key else []
    words += ["--no-media"] if args.no_media else []
    for rule in args.allow_unreached:
        words += ["--allow-unreached", rule]
    for file in args.deviations:
        words += ["--deviations", str(file)]
    return shlex.join(words)


def _screen() -> BarScreen | PlainScreen:
    from contract.report.screen import BarScreen, PlainScreen  # noqa: PLC0415 - not for --help

    # Many CI systems say that they have a terminal, and then keep every frame of a bar.
    if sys.stderr.isatty() and not os.environ.get("CI"):
        return BarScreen(sys.stderr)
    return PlainScreen(sys.stderr)


def _show(summary: Summary, directory: Path | None) -> None:
    from contract.report.files import write_files  # noqa: PLC0415 - not for --help
    from contract.report.text import ansi_paint, no_paint, write_text  # noqa: PLC0415

    scripts = {} if directory is None else write_files(summary, directory)
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    _print(write_text(summary, paint=ansi_paint if coloured else no_paint, scripts=scripts))
    if directory is not None:
        _print(f"report: {directory / 'report.html'}\n")
    if summary.command:
        _print(f"again:  {summary.command}\n")


def _print(text: str) -> None:
    sys.stdout.write(text)


def _whole_number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return number
