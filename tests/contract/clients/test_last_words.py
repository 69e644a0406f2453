"""What is shown of a client's output is what tells why it ended."""

from __future__ import annotations

import pytest

from contract.clients.last_words import last_words
from tests.contract.clients.catalogues import outcome

NODE = """\
connecting
/home/me/client.js:3
    throw new Error("no task");
    ^

Error: no task
    at main (/home/me/client.js:3:11)
    at node:internal/main/run_main_module:28:49

Node.js v20.11.0
"""
PYTHON = """\
Traceback (most recent call last):
  File "/home/me/client.py", line 9, in main
    return body["data"]
           ~~~~^^^^^^^^
KeyError: 'data'
closing
"""
RUST = """\
thread 'main' panicked at src/main.rs:4:5:
no session
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""


@pytest.mark.parametrize(
    ("output", "last"),
    [
        ("", []),
        ("\n \n", []),
        ("a\n\nb\n\n\nc\nd\n\n", ["b", "c", "d"]),
        ("no task\n\nNode.js v20.11.0\n", ["no task"]),
        (NODE, ["Error: no task"]),
        (PYTHON, ["KeyError: 'data'"]),
        (RUST, ["thread 'main' panicked at src/main.rs:4:5:", "no session"]),
    ],
)
def test_the_error_is_shown_else_the_last_lines_that_say_something(
    output: str, last: list[str]
) -> None:
    assert last_words(outcome(output=output, status=1)) == last


def test_as_many_lines_are_shown_as_are_asked_for() -> None:
    assert last_words(outcome(output="a\nb\nc\n", status=1), most=1) == ["c"]
