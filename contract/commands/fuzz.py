"""``heygen-contract fuzz``: what breaks a client."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract.commands.client import PAGES, add_client, hired, progress, words_of
from contract.commands.numbers import above_zero, at_least_one, whole_number
from contract.unable import UnableError

if TYPE_CHECKING:
    from contract.clients.catalogue import Catalogue
    from contract.clients.course import Settings
    from contract.clients.runner import Hire
    from contract.clients.summary import Summary

DIRECTORY = Path("heygen-fuzz")

_ABOUT = """\
Runs your client again and again against a fake that misbehaves, a little differently each time,
and tells the smallest misbehaviour that breaks it, as a plan file that plays it again.

The client is any command. It must take the server's address from HEYGEN_BASE_URL and the key from
HEYGEN_API_KEY, do something with a session, and end: with status 0 when all went well, with any
other and a message when not. Both are good; a hang, a crash, a retry storm, a session left open
(which costs credits), or status 0 without having come as far as when healthy are not.

  heygen-contract fuzz -- python my_client.py             all single deviations, then a minute of
                                                          combinations
  heygen-contract fuzz --media none -- node client.js     a client without WebRTC
  heygen-contract fuzz --only answers,wire -- ./client    only these families (or kinds, or
                                                          operations; heygen-mock faults lists them)
  heygen-contract fuzz --sweep-only --jobs 4 -- ./client  for CI: no combinations
  heygen-contract fuzz --minutes 30 -- ./client           for the night
  heygen-contract fuzz --plan heygen-fuzz/hang-sendTask-status.json -- ./client
                                                          one finding again, exactly
  heygen-mock serve --plan heygen-fuzz/hang-sendTask-status.json
                                                          the same fake, for a debugger

First comes the healthy run, twice; it must end with status 0, and it sets the time limit. What is
written: a plan file for each finding, report.html, report.json and junit.xml.
"""
_ENDS = """\
Exit status: 0 fine, 1 findings, 2 could not run (a client that fails when healthy or never calls
the server, a bad plan, a mistake of the fake), 130 after Ctrl-C or SIGTERM, with what was found so
far.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the program."""
    parser = commands.add_parser(
        "fuzz",
        help="find what breaks a client",
        usage="heygen-contract fuzz [--minutes M] [--jobs N] [--only LIST] [--timeout S] "
        "[--seed N]\n         [--media real|none] [--sweep-only] [--plan FILE] [-o DIR]\n"
        "         -- CMD ... | --page URL [--ready EXPR] [--failed EXPR] [--end EXPR]",
        description=_ABOUT + "\n" + PAGES.format(command="fuzz"),
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--minutes", type=above_zero, metavar="M",
        help="at most so long, sweep and combinations together (default: the whole sweep, and one "
             "minute of combinations)")  # fmt: skip
    add("--jobs", type=at_least_one, metavar="N",
        help="clients that run at the same time (default: one per core)")  # fmt: skip
    add("--only", metavar="LIST",
        help="kinds, families or targets of misbehaviour, with commas between")  # fmt: skip
    add("--timeout", type=above_zero, metavar="S",
        help="seconds after which a run is a hang, beyond what the misbehaviour makes it wait "
             "(default: 120 for the healthy run; then 2, or 8 times what that took)")  # fmt: skip
    add("--seed", type=whole_number, metavar="N",
        help="the same combinations again (default: random, shown)")  # fmt: skip
    add("--media", choices=("real", "none"), default="real",
        help="none: sessions connect without WebRTC, for a client that has none "
             "(default: real)")  # fmt: skip
    add("--sweep-only", action="store_true", help="no combinations")
    add("--plan", type=Path, metavar="FILE",
        help="play exactly this plan, after the healthy run, and judge it")  # fmt: skip
    add("-o", "--output", type=Path, default=DIRECTORY, metavar="DIR",
        help=f"where plan files and reports go (default: {DIRECTORY}/)")  # fmt: skip
    add_client(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """The exit status. Raises UnableError, ModuleNotFoundError."""
    from contract.clients.interrupts import heard_once  # noqa: PLC0415 - not for --help

    with heard_once(), hired(args) as hire:
        return _replay(args, hire) if args.plan is not None else _fuzz(args, hire)


def _fuzz(args: argparse.Namespace, hire: Hire) -> int:
    if not args.sweep_only and importlib.util.find_spec("hypothesis") is None:
        raise ModuleNotFoundError("No module named 'hypothesis'", name="hypothesis")
    from contract.clients.catalogue import load_catalogue  # noqa: PLC0415 - not for --help
    from contract.clients.fuzz import fuzz  # noqa: PLC0415
    from contract.clients.report.files import write_files  # noqa: PLC0415
    from contract.report.files import prepare  # noqa: PLC0415

    catalogue = load_catalogue()
    settings = _settings(args, catalogue)
    prepare(args.output, flag="-o")
    with progress() as screen:
        summary = fuzz(settings, catalogue=catalogue, hire=hire, screen=screen)
    try:
        write_files(summary, args.output)
    finally:  # a full disk takes no report, and the work of a night is worth telling
        _print(summary, args.output)
    sys.stdout.write(f"report: {args.output / 'report.html'}\n")
    return summary.status


def _replay(args: argparse.Namespace, hire: Hire) -> int:
    from contract.clients.catalogue import load_catalogue  # noqa: PLC0415 - not for --help
    from contract.clients.fuzz import replay  # noqa: PLC0415
    from contract.clients.plan import read_plan  # noqa: PLC0415

    for name in ("minutes", "only"):
        if getattr(args, name) is not None:
            raise UnableError(f"--{name} chooses what is tried, and --plan tries one plan")
    plan = read_plan(args.plan)
    catalogue = load_catalogue()
    settings = _settings(args, catalogue)
    with progress() as screen:
        summary = replay(settings, plan, catalogue=catalogue, hire=hire, screen=screen)
    _print(summary, None)
    return summary.status


def _settings(args: argparse.Namespace, catalogue: Catalogue) -> Settings:
    from contract.clients.course import Settings  # noqa: PLC0415 - not for --help

    only = None
    if args.only is not None:
        only = tuple(name.strip() for name in args.only.split(",") if name.strip())
        if not only:
            raise UnableError(f"--only {args.only!r} names nothing; see heygen-mock faults")
        catalogue.only(only)  # a wrong name is told before anything runs
    timeout = () if args.timeout is None else ("--timeout", f"{args.timeout:g}")
    media = () if args.media == "real" else ("--media", args.media)
    return Settings(
        client=words_of(args),
        options=(*media, *timeout),
        seed=secrets.randbelow(1_000_000) if args.seed is None else args.seed,
        jobs=args.jobs or os.cpu_count() or 1,
        media=args.media,
        only=only,
        seconds=None if args.minutes is None else 60 * args.minutes,
        combine=not args.sweep_only,
        timeout=args.timeout,
        tool_version=importlib.metadata.version("heygen-mock"),
    )


def _print(summary: Summary, directory: Path | None) -> None:
    from contract.clients.report.text import write_text  # noqa: PLC0415 - not for --help
    from contract.report.text import ansi_paint, no_paint  # noqa: PLC0415

    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    paint = ansi_paint if coloured else no_paint
    sys.stdout.write(write_text(summary, directory=directory, paint=paint))
