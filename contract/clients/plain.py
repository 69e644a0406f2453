"""What clients print, made fit for terminals, XML and pages."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])"
)
"""Control sequences and strings of ECMA-48, and xterm's strings that end with BEL."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE = 300


def plain(text: str) -> str:
    """Without colours and other orders to a terminal. What else no text may hold is U+FFFD."""
    # A line that is written over and over, like a bar of progress, becomes as many lines.
    lines = _SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("\ufffd", lines)


def shortened(line: str) -> str:
    """A line, the end of a very long one left out."""
    return line if len(line) <= _LINE else f"{line[:_LINE]}..."
