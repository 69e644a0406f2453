"""What the client is, on a command line: a command, or a page."""

from __future__ import annotations

import argparse

import pytest

from contract.commands.client import add_client, hired, words_of
from contract.unable import UnableError


def read(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", default="real")
    add_client(parser)
    return parser.parse_args(words)


def test_a_client_is_told_as_it_was_written() -> None:
    assert words_of(read("--", "python", "client.py", "-v")) == ("--", "python", "client.py", "-v")
    assert words_of(read("--", "--", "sh", "-c", "$1", "--", "x")) == (
        "--", "sh", "-c", "$1", "--", "x"
    )  # fmt: skip
    page = ("--page", "http://localhost/", "--ready", "a b", "--end", "c")
    assert words_of(read(*page)) == page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command: write it after --"),
        (["--", "no-such-command"], "the command 'no-such-command' is not there"),
        (["--ready", "x", "--", "true"], "--ready is about a page; give its URL with --page"),
        (["--page", "http://a/", "--", "true"], "--page and the command 'true': only one can be"),
        (["--page", "http://a/", "--media", "none"], "a page needs --media real"),
        (["--", "--"], "no command: write it after --"),
        (["--", "."], "the command '.' cannot be run"),
        (["--page", "http://[::1"], "--page http://[::1: Invalid IPv6 URL"),
        (["--page", "a.html"], "--page a.html: give a URL with http://"),
    ],
)
def test_what_cannot_be_the_client_is_told_in_one_line(words: list[str], said: str) -> None:
    with pytest.raises(UnableError) as raised, hired(read(*words)):
        pass
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_command_is_run_by_every_job() -> None:
    with hired(read("--", "true")) as hire, hire() as one, hire() as other:
        assert one is other
