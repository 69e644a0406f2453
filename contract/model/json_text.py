"""JSON as every reader takes it: what only lenient readers understand is named."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from contract.exchange import whole


class NotJsonError(ValueError):
    """The bytes are no JSON. The message says why."""


class FlawedJsonError(ValueError):
    """Lenient readers understand it. ``value`` is what they read; the message is the flaw."""

    def __init__(self, value: Any, flaw: str) -> None:
        super().__init__(flaw)
        self.value = value


class RepeatedNameError(FlawedJsonError):
    """An object has one name twice; readers that take it take the last (RFC 8259, section 4)."""


def read_json(data: bytes) -> Any:
    """The value of ``data``. Raises NotJsonError; FlawedJsonError for what some readers refuse."""
    flaw = None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        flaw = "it is not in UTF-8 (RFC 8259, section 8.1)"
        text = _other_encoding(data)
    if text.startswith("\ufeff"):
        flaw = flaw or "a byte order mark before it (RFC 8259, section 8.1)"
        text = text[1:]
    twice: list[str] = []
    try:
        value = _decoder(twice).decode(text)
    except (ValueError, RecursionError) as problem:
        raise NotJsonError(str(problem)) from None
    if flaw:
        raise FlawedJsonError(value, flaw)
    if twice:
        raise RepeatedNameError(value, f'the name "{twice[0][:80]}" twice in one object')
    return value


def _other_encoding(data: bytes) -> str:
    """As json.loads guesses it: UTF-16 and UTF-32."""
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as problem:
        raise NotJsonError(str(problem)) from None


def _decoder(twice: list[str]) -> json.JSONDecoder:
    """Python's decoder without its extensions; names that come twice are put into ``twice``."""

    def pairs(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            names = Counter(name for name, _ in members)
            twice.extend(name for name, number in names.items() if number > 1)
        return found

    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_constant=_refuse, parse_float=_finite, parse_int=whole
    )


def _refuse(name: str) -> float:
    raise NotJsonError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJsonError(f"{text[:40]} is beyond every number")
    return number
