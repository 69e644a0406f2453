"""``heygen-contract replay``: judges a recording, or sends it again and compares."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from contract.keys import keys_of_url
from contract.subject import Advance
from contract.unable import UnableError

if TYPE_CHECKING:
    from contract.exchange import Exchange
    from contract.findings import Findings
    from contract.recording.recording import Recording
    from contract.recording.resend import Resender
    from contract.spec import Spec

_ABOUT = """\
Judges a recording (HAR, as browsers, proxies and `heygen-contract record` write it), offline:
every exchange by the contract, and all of them by the life cycle of sessions and tokens. What
happened before, after or beside the recording is unknown, not wrong.

With --target the recorded requests are sent to a server, with its own ids for the recorded ones,
and the answers are compared. Each difference has a verdict: spec (the recorded answer breaks the
contract), fake (the target's does), recording (the outcome differs, and the contract allows
both), both allowed (the contract leaves it open).

Exit status: 0 fine, 1 violations or differences that are not "both allowed", 2 could not run.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    replay = commands.add_parser(
        "replay",
        help="judge a recording, offline or against a target",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="a recording in the format HAR")
    replay.add_argument(
        "--target", metavar="fake|URL", help="send the requests there and compare the answers"
    )
    replay.add_argument(
        "--api-key", metavar="KEY", help="the target's key (default: HEYGEN_API_KEY, test-key)"
    )
    replay.add_argument(
        "--profile", choices=("strict", "real"), default="real",
        help="whether rules that are only guesses can fail (default: real: they cannot)",
    )  # fmt: skip
    replay.add_argument(
        "--answers", choices=("union", "documented", "recorded", "auto"), default="auto",
        help="the shape that answers must have (default: that of most of them)",
    )  # fmt: skip
    replay.add_argument(
        "--host", metavar="HOST[:PORT]", help="judge the exchanges with this host only"
    )
    replay.add_argument(
        "--report-dir", type=Path, metavar="DIR",
        help="write junit.xml, report.json and report.html there (not with --target)",
    )  # fmt: skip
    replay.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 fine, 1 findings. Raises UnableError."""
    from contract.recording.har import read_har  # noqa: PLC0415 - --help must not wait for it
    from contract.recording.text import describe  # noqa: PLC0415
    from contract.spec import load_spec  # noqa: PLC0415

    if args.target is not None and args.report_dir is not None:
        raise UnableError("--report-dir is for judging; leave it or --target out")
    spec = load_spec()
    recording = read_har(args.file, paths=spec.paths, host=args.host)
    _say(describe(recording))
    if args.target is None:
        return _judge(recording, spec, args)
    return _compare(recording, spec, args)


def _judge(recording: Recording, spec: Spec, args: argparse.Namespace) -> int:
    from contract.recording.judge import judge  # noqa: PLC0415
    from contract.recording.text import describe_findings  # noqa: PLC0415
    from contract.report.masking import Masking  # noqa: PLC0415
    from contract.report.secrets import all_secrets  # noqa: PLC0415

    findings, shape = judge(recording.exchanges, spec, profile=args.profile, answers=args.answers)
    _say("")
    _say(Masking(all_secrets(recording.exchanges))(describe_findings(findings)))
    if args.answers == "auto" and shape is not None:
        _say(f"The answers were held to the shape {shape}.")
    failed = any(violation.verdict == "violation" for violation in findings.violations)
    if args.report_dir is not None:
        _report(recording, findings, shape or args.answers, args.report_dir)
    return 1 if failed else 0


def _report(recording: Recording, findings: Findings, answers: str, directory: Path) -> None:
    from contract.recording.summary import summarize  # noqa: PLC0415
    from contract.report.files import prepare, write_files  # noqa: PLC0415

    prepare(directory)
    summary = summarize(
        recording,
        findings,
        answers=answers,
        tool_version=importlib.metadata.version("heygen-mock"),
        command=f"heygen-contract replay {recording.name}",
    )
    write_files(summary, directory)
    _say(f"report in {directory}")


def _compare(recording: Recording, spec: Spec, args: argparse.Namespace) -> int:
    from contract.recording.compare import compare  # noqa: PLC0415
    from contract.recording.text import describe_differences  # noqa: PLC0415
    from contract.report.masking import Masking  # noqa: PLC0415
    from contract.report.secrets import all_secrets  # noqa: PLC0415

    replayed, notes = _resend(recording, spec, args)
    for note in notes:
        _say(f"  note      {note}")
    differences = compare(recording.exchanges, replayed, spec)
    _say("")
    mask = Masking(all_secrets([*recording.exchanges, *replayed]))
    _say(mask(describe_differences(differences)))
    return 1 if any(each.verdict != "both allowed" for each in differences) else 0


def _resend(
    recording: Recording, spec: Spec, args: argparse.Namespace
) -> tuple[list[Exchange], list[str]]:
    from contract.recording.judge import judge  # noqa: PLC0415
    from contract.recording.resend import (  # noqa: PLC0415
        Resender,
        accepted_keys,
        session_limit,
    )
    from contract.rooms.sockets import dial  # noqa: PLC0415
    from contract.target import FakeProcess, parse_target  # noqa: PLC0415
    from contract.transport import HttpSend  # noqa: PLC0415
    from contract.viewers.paper import write_answer  # noqa: PLC0415
    from contract.viewers.rooms import RoomViewers  # noqa: PLC0415

    target = parse_target(args.target)
    if target.kind == "real":
        raise UnableError(
            "replay does not send to the real API, where sessions cost credits; use --target fake"
        )
    exchanges = recording.exchanges

    def make(
        url: str, key: str, keys: list[str], advance: Advance | None
    ) -> tuple[Resender, Callable[[], None]]:
        send = HttpSend(url)
        rooms = stack.enter_context(closing(RoomViewers(dial)))

        def enter(session_id: str, url: str, token: str) -> bool:
            return rooms.enter(session_id, url, token) and rooms.connected(session_id)

        resender = Resender(
            spec, send, key=key, answer=write_answer, keys=keys, advance=advance, enter=enter
        )
        return resender, send.close

    with ExitStack() as stack:
        if target.url is not None:
            key = keys_of_url([args.api_key] if args.api_key else [], os.environ)[0][0]
            resender, close = make(target.url, key, [], None)
        else:
            keys = accepted_keys(exchanges)
            _, shape = judge(exchanges, spec, answers=args.answers)
            limit = session_limit(exchanges, spec)
            fake = stack.enter_context(
                FakeProcess(
                    arguments=[
                        *(f"--api-key={key}" for key in keys),
                        *("--max-sessions", str(limit)),
                        *("--answers", shape or "union"),
                    ]
                )
            )
            resender, close = make(fake.url, next(iter([*keys, *fake.keys])), keys, fake.advance)
        stack.callback(close)
        return resender.run(exchanges), resender.notes


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
