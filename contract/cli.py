"""The program ``heygen-contract``."""

from __future__ import annotations

import argparse
import difflib
import importlib
import importlib.metadata
import io
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

from contract.exchange import UnreachableError
from contract.spec import SpecError
from contract.unable import UnableError

_ABOUT = """\
Tells, with the smallest example and the evidence behind the rule, where a server breaks the
contract of the HeyGen Streaming API, and what breaks a client of it.

  heygen-contract check                                the fake, started for this run
  heygen-contract check --target http://127.0.0.1:8000 a server of yours
  heygen-contract check --target real                  the plan for the real API, and its cost
  heygen-contract rules                                what is checked, and how sure that is
  heygen-contract record --target real -o talk.har     keep what a client and the API say
  heygen-contract replay talk.har                      judge a recording, offline
  heygen-contract fuzz -- python my_client.py          what breaks a client of yours
  heygen-contract grade -- python my_client.py         how well it copes, case by case
"""

_ENDS = "Exit status: 0 fine, 1 findings, 2 could not run, 130 after Ctrl-C."

SHOWN = ("check", "rules", "record", "replay", "reap", "fuzz", "grade")
COMMANDS = (*SHOWN, "guard")  # which a judge starts for itself
LOG_LEVELS = ("debug", "info", "warning", "error")
_EXTRA = frozenset({"httpx2", "hypothesis", "rich", "schemathesis"})
"""What only the extra `contract` installs."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program: 0 fine, 1 findings, 2 could not run, 130 after Ctrl-C."""
    _end_like_an_exception()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A report is not lost for a letter that the terminal's encoding does not have.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _read(argv)
    logging.basicConfig(
        level=options.log_level.upper(), format="%(levelname)s %(message)s", stream=sys.stderr
    )
    if options.log_level == "info":
        for library in ("aioice", "aiortc", "httpx2"):  # theirs is a line for each packet or call
            logging.getLogger(library).setLevel(logging.WARNING)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except (UnableError, SpecError, UnreachableError) as error:
        print(f"heygen-contract: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        print(
            f"heygen-contract: {options.command} needs {missing}: "
            'pip install "heygen-mock[contract]"',
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `heygen-contract rules | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _read(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        named = next((word for word in unknown if word.startswith("-")), unknown[0])
        flags = options.flags
        near = difflib.get_close_matches(named.partition("=")[0], flags, n=1)
        hint = f"did you mean {near[0]}?" if near else f"see {parser.prog} {options.command} --help"
        parser.exit(2, f"{parser.prog}: {named!r} is no option of {options.command}; {hint}\n")
    return options


def _end_like_an_exception() -> None:
    """A terminated judge must still end the server that it started."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version and end")

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> None:
        print(f"heygen-contract {importlib.metadata.version('heygen-mock')}")
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in a line; the usage, of many, would hide it."""

    def error(self, message: str) -> NoReturn:
        unknown = re.match(r"argument COMMAND: invalid choice: '(.*?)'", message)
        if unknown is None:
            hint = f"{self.prog} --help tells what can be given"
        else:
            near = difflib.get_close_matches(unknown[1], SHOWN, n=1)
            message = f"there is no command {unknown[1]!r}"
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SHOWN)}"
        self.exit(2, f"{self.prog}: {message}; {hint}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="heygen-contract",
        description=_ABOUT,
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version)
    log_level: dict[str, Any] = {"choices": LOG_LEVELS, "help": "how much to log (default: info)"}
    parser.add_argument("--log-level", default="info", **log_level)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"contract.commands.{name}").add(commands)
    for command in commands.choices.values():
        # After the command too; only there absent means what stands before it.
        command.add_argument("--log-level", default=argparse.SUPPRESS, **log_level)
        command.add_argument("--version", action=_Version)
        command.set_defaults(flags=re.findall(r"--[a-z-]+", command.format_usage()))
    return parser
