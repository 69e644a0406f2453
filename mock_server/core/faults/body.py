"""The body of an answer while deviations change it: a JSON value, and how it is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

JSON = "application/json"
HTML = "text/html; charset=utf-8"

Spelling = Literal["escapes", "whitespace", "duplicate-names"]

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Body:
    """``raw``, where there is one, is sent in place of the value."""

    value: Any
    spelling: frozenset[Spelling] = field(default_factory=frozenset)
    raw: bytes | None = None
    media_type: str = JSON

    def encoded(self) -> bytes:
        """The bytes, ASCII but for what is raw."""
        if self.raw is not None:
            return self.raw
        if not self.spelling:
            return _encode(self.value).encode("ascii")
        text = "".join(_written(self.value, self.spelling, "\r\n"))
        return f" \n\t{text}\r\n ".encode() if "whitespace" in self.spelling else text.encode()


def _written(value: Any, spelling: frozenset[Spelling], line: str) -> Iterator[str]:
    """The value's JSON in pieces; ``line`` begins a new line at this depth."""
    wide = "whitespace" in spelling
    inner, comma = (f"{line}\t", " ,\t") if wide else ("", ",")
    match value:
        case dict() if value:
            yield "{"
            if "duplicate-names" in spelling:
                # Parsers of ECMAScript, Python, Go and Java keep the last one.
                yield f"{inner}{_text(next(iter(value)), spelling)}:null,"
            for at, (name, one) in enumerate(value.items()):
                yield (comma if at else "") + inner + _text(str(name), spelling)
                yield " :  " if wide else ":"
                yield from _written(one, spelling, inner)
            yield f"{line if wide else ''}}}"
        case list() if value:
            yield "["
            for at, one in enumerate(value):
                yield (comma if at else "") + inner
                yield from _written(one, spelling, inner)
            yield f"{line if wide else ''}]"
        case str():
            yield _text(value, spelling)
        case _:
            yield _encode(value)


def _text(text: str, spelling: frozenset[Spelling]) -> str:
    if "escapes" not in spelling:
        return _encode(text)
    if not text:
        return '""'
    units = text.encode("utf-16-be", "surrogatepass").hex(" ", 2).upper()
    return '"\\u' + units.replace(" ", "\\u") + '"'
