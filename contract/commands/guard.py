"""``heygen-contract guard``, which the program starts itself; hidden from the list of commands."""

from __future__ import annotations

import argparse
import sys

from contract.unable import UnableError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command without a line in the help."""
    guard = commands.add_parser(
        "guard", description="The process in front of the real API. It is started by others."
    )
    guard.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 at its end, 2 when it could not start. Raises UnableError for who typed it."""
    if sys.stdin.isatty():
        raise UnableError("guard is started by others; use check --target real, or record")
    from contract.guard.serve import run_guard  # noqa: PLC0415 - --help must not wait for it

    return run_guard()
