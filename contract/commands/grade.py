"""``heygen-contract grade``: how well clients cope, by a fixed suite of cases."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract.commands.client import PAGES, add_client, command_of, hired, progress, words_of
from contract.commands.numbers import above_zero, at_least_one
from contract.unable import UnableError

if TYPE_CHECKING:
    from contract.clients.baseline import Baseline
    from contract.clients.cases.case import Case
    from contract.clients.grade import Candidate, Graded
    from contract.clients.matrix.matrix import Matrix
    from contract.clients.runner import Hire, Runner

DIRECTORY = Path("heygen-grade")

_ABOUT = """\
Plays a fixed suite of cases to a client, and grades what it does in each: ok, non-strict (no harm,
but not what a good client does), failed, informational (nothing is asked) or not exercised (it
gave no occasion). docs/cases.md has all cases, with the evidence that servers really do so.

The client is any command. It must take the server's address from HEYGEN_BASE_URL and the key from
HEYGEN_API_KEY, do something with a session, and end: with status 0 when all went well, with any
other and a message when not.

  heygen-contract grade -- python my_client.py            all cases
  heygen-contract grade --only EVT,ERR-429-RETRY-AFTER -- ./client
                                                          groups and cases
  heygen-contract grade --client 'old=./v1' --client 'new=./v2 --fast'
                                                          a matrix of several clients
  heygen-contract grade --write-baseline grades.json -- ./client
                                                          this is how it is
  heygen-contract grade --baseline grades.json -- ./client
                                                          for CI: exit 1 only for what got worse,
                                                          and for entries that are out of date
  heygen-mock serve --plan heygen-grade/SDP-EXTRA-MLINE.json
                                                          one case again, for a debugger

First comes the healthy run, twice; it must end with status 0, and it sets the time limit. What
fails is run a second time, alone. What is written: report.html, report.json, junit.xml, and the
plan of each case that failed.
"""
_ENDS = """\
Exit status: 0 fine, 1 failures (with --baseline: what got worse, and entries out of date), 2 could
not run (a client that fails when healthy or never calls the server), 130 after Ctrl-C or SIGTERM,
with what was graded so far.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command to the program."""
    parser = commands.add_parser(
        "grade",
        help="grade clients by a suite of cases",
        usage="heygen-contract grade [--only LIST] [--jobs N] [--timeout S] [--media real|none]\n"
        "         [--baseline FILE] [--write-baseline FILE] [--name NAME] [-o DIR]\n"
        "         -- CMD ... | --client NAME=CMD ... | --page URL [--ready EXPR] [--failed EXPR] "
        "[--end EXPR]",
        description=_ABOUT + "\n" + PAGES.format(command="grade"),
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--client", dest="clients", action="append", default=[], metavar="NAME=CMD",
        help="a client and its name; repeatable")  # fmt: skip
    add("--name", metavar="NAME",
        help="the name of the client after -- or of the page (default: from its "
             "words)")  # fmt: skip
    add("--only", metavar="LIST", help="ids and groups of cases, with commas between")
    add("--baseline", type=Path, metavar="FILE", help="the grades to compare with")
    add("--write-baseline", type=Path, metavar="FILE",
        help="write the grades of this run there")  # fmt: skip
    add("--jobs", type=at_least_one, metavar="N",
        help="runs at the same time (default: one per core)")  # fmt: skip
    add("--timeout", type=above_zero, metavar="S",
        help="seconds after which a run is a hang, beyond what the case makes it wait (default: "
             "2, or 8 times the healthy run)")  # fmt: skip
    add("--media", choices=("real", "none"), default="real",
        help="none: sessions connect without WebRTC, for a client that has none "
             "(default: real)")  # fmt: skip
    add("-o", "--output", type=Path, default=DIRECTORY, metavar="DIR",
        help=f"where reports and plans go (default: {DIRECTORY}/)")  # fmt: skip
    add_client(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """The exit status. Raises UnableError, ModuleNotFoundError."""
    from contract.clients.interrupts import heard_once  # noqa: PLC0415 - not for --help

    with heard_once():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    from contract.clients.baseline import read_baseline  # noqa: PLC0415 - not for --help
    from contract.clients.cases import choose  # noqa: PLC0415
    from contract.clients.matrix.files import write_files  # noqa: PLC0415
    from contract.clients.matrix.text import write_text  # noqa: PLC0415
    from contract.report.files import prepare  # noqa: PLC0415

    cases = choose(None if args.only is None else _names(args.only))
    before = None if args.baseline is None else read_baseline(args.baseline)
    prepare(args.output, flag="-o")
    known = None if args.write_baseline is None else _known(args.write_baseline)
    matrix = _matrix(args, cases, before)
    try:
        write_files(matrix, args.output)
        if known is not None:
            _write_baseline(args.write_baseline, matrix, known)
    finally:  # a full disk takes no report, and the work of minutes is worth telling
        sys.stdout.write(write_text(matrix))
    sys.stdout.write(f"report: {args.output / 'report.html'}\n")
    return matrix.status


def _matrix(args: argparse.Namespace, cases: Sequence[Case], before: Baseline | None) -> Matrix:
    from contract.clients.baseline import changes  # noqa: PLC0415 - not for --help
    from contract.clients.cases import CASES  # noqa: PLC0415
    from contract.clients.matrix.matrix import Matrix  # noqa: PLC0415

    began, started = time.time(), time.monotonic()
    clients = tuple(_graded(args, cases))
    found = None
    if before is not None:
        known, chosen = {case.id for case in CASES}, {case.id for case in cases}
        found = tuple(changes(clients, before, known=known, chosen=chosen))
    elif args.write_baseline is not None:
        found = ()  # it is taken as it is
    return Matrix(
        cases=tuple(cases),
        clients=clients,
        began=began,
        seconds=time.monotonic() - started,
        changes=found,
        tool_version=importlib.metadata.version("heygen-mock"),
    )


def _graded(args: argparse.Namespace, cases: Sequence[Case]) -> Iterator[Graded]:
    from contract.clients.catalogue import load_catalogue  # noqa: PLC0415 - not for --help
    from contract.clients.grade import grade  # noqa: PLC0415

    with ExitStack() as stack:
        candidates = _candidates(args, stack)
        catalogue = load_catalogue()
        screen = stack.enter_context(progress())
        for candidate in candidates:
            graded = grade(
                candidate,
                cases,
                catalogue=catalogue,
                screen=screen,
                jobs=args.jobs or os.cpu_count() or 1,
                media=args.media,
                timeout=args.timeout,
            )
            yield graded
            if graded.interrupted:
                break


def _candidates(args: argparse.Namespace, stack: ExitStack) -> list[Candidate]:
    """Raises UnableError for a client that cannot be run, and for two of one name."""
    from contract.clients.command import CommandRunner  # noqa: PLC0415 - not for --help
    from contract.clients.grade import Candidate  # noqa: PLC0415

    found = []
    for given in args.clients:
        name, sign, command = given.partition("=")
        if not (name and sign and command):
            raise UnableError(f"--client {given!r}: write a name and a command, like new=./client")
        try:
            words = tuple(shlex.split(command))
        except ValueError as problem:
            raise UnableError(f"--client {given!r}: {problem}") from None
        runner = CommandRunner(words, environment=os.environ)
        found.append(Candidate(name, words, _hire(runner)))
    if args.client or args.page is not None or not found:
        hire = stack.enter_context(hired(args))
        words = command_of(args) or words_of(args)
        found.append(Candidate(args.name or name_of(args), words, hire))
    names = [candidate.name for candidate in found]
    for name in names:
        if names.count(name) > 1:
            raise UnableError(f"two clients are named {name!r}; name them with --client or --name")
    return found


def _hire(runner: Runner) -> Hire:
    return lambda: nullcontext(runner)


def name_of(args: argparse.Namespace) -> str:
    """What people would call the client: its script, else its program; of a page its host."""
    if args.page is not None:
        parts = urlsplit(args.page)
        return parts.netloc or PurePath(parts.path).stem or "page"
    program, *more = command_of(args)
    script = next((word for word in more if PurePath(word).suffix), program)
    return PurePath(script).stem


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UnableError(f"--only {text!r} names nothing; give ids or groups of docs/cases.md")
    return names


def _known(file: Path) -> Baseline:
    """What the baseline holds that is to be written. Raises UnableError where none can be."""
    from contract.clients.baseline import read_baseline  # noqa: PLC0415 - not for --help

    flag = "--write-baseline"
    if file.exists():
        return read_baseline(file, flag=flag)
    if not file.parent.is_dir():
        raise UnableError(f"{flag} {file}: there is no directory {file.parent}; make it first")
    return {}


def _write_baseline(file: Path, matrix: Matrix, before: Baseline) -> None:
    from contract.clients.baseline import text_of  # noqa: PLC0415 - not for --help
    from contract.clients.cases import CASES  # noqa: PLC0415

    if matrix.status not in (0, 1):
        sys.stderr.write(f"--write-baseline {file}: not written, as not all was graded\n")
        return
    text = text_of(matrix.clients, before, known={case.id for case in CASES})
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UnableError(f"--write-baseline {file}: {problem.strerror or problem}") from None
