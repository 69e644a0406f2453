"""The client that a command is about: a command after ``--``, or a page."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from contract.unable import UnableError

if TYPE_CHECKING:
    from contract.clients.runner import Hire
    from contract.clients.screen import LineScreen

_EXPRESSIONS = ("ready", "failed", "end")

PAGES = """\
A page instead of a command, in one Chromium for all plans (needs the extra `browser`):

  heygen-contract {command} --page http://localhost:3000/ --ready "app.done" --failed "app.error"

It finds the server in window.HEYGEN_BASE_URL and window.HEYGEN_API_KEY, and under these names in
the query of its URL. It has done well once --ready is true (without it: once a video plays), and
said that something went wrong once --failed is. Then --end is awaited, if the page is ready, and
the page is left; it has a second to stop its session.
"""


def add_client(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what the client is."""
    add = parser.add_argument
    add("--page", metavar="URL", help="a page is the client, opened in Chromium")
    add("--ready", metavar="EXPR",
        help="JavaScript, true once the page has done its work (default: a video "
             "plays)")  # fmt: skip
    add("--failed", metavar="EXPR",
        help="JavaScript, true once the page shows that it could not (default: none)")  # fmt: skip
    add("--end", metavar="EXPR",
        help="JavaScript, awaited when the page is ready, like a click on its button to "
             "stop")  # fmt: skip
    add("client", nargs="*", metavar="CMD", help="the client, after --")


def command_of(args: argparse.Namespace) -> tuple[str, ...]:
    """The client's own words: a second ``--``, as Makefiles write one, is none of them."""
    words = tuple(args.client)
    while words[:1] == ("--",):
        words = words[1:]
    return words


def words_of(args: argparse.Namespace) -> tuple[str, ...]:
    """The client as it was written on the command line."""
    if args.page is None:
        return ("--", *command_of(args))
    given = [(name, getattr(args, name)) for name in ("page", *_EXPRESSIONS)]
    return tuple(
        word for name, value in given if value is not None for word in (f"--{name}", value)
    )


@contextmanager
def progress() -> Iterator[LineScreen]:
    """Where it is shown how far the runs are."""
    from contract.clients.screen import LineScreen  # noqa: PLC0415 - not for --help

    # Many CI systems say that they have a terminal, and then keep every state of a line.
    live = sys.stderr.isatty() and not os.environ.get("CI")
    screen = LineScreen(sys.stderr, live=live)
    try:
        yield screen
    finally:
        screen.end()


@contextmanager
def hired(args: argparse.Namespace) -> Iterator[Hire]:
    """What makes a runner for each job. Raises UnableError for a client that cannot be run."""
    if args.page is None:
        for name in _EXPRESSIONS:
            if getattr(args, name) is not None:
                raise UnableError(f"--{name} is about a page; give its URL with --page")
        from contract.clients.command import CommandRunner  # noqa: PLC0415 - not for --help

        runner = CommandRunner(command_of(args), environment=os.environ)
        yield lambda: nullcontext(runner)
        return
    if args.client:
        raise UnableError(f"--page and the command {args.client[0]!r}: only one can be the client")
    if args.media == "none":
        raise UnableError("a page needs --media real: a browser connects over WebRTC")
    from contract.clients.chromium import Chromium  # noqa: PLC0415 - not for --help
    from contract.clients.page import PageClient, page_hire  # noqa: PLC0415

    page = PageClient(args.page, ready=args.ready, failed=args.failed, end=args.end)
    with Chromium() as chromium:
        yield page_hire(chromium, page)
