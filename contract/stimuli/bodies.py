"""The bodies of requests: plain ones that are valid, changes to them, and ways to write them.

A string that is one of these is filled in: ``$session`` is the id of the action's session,
``$answer`` the viewer's answer to its offer, ``$offer`` the viewer's own offer, ``$paper`` an
answer with nobody behind it, ``$paper-offer`` such an offer. ``$paper/NAME`` is the paper spoilt
as descriptions.py names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contract.exchange import Headers
from contract.stimuli.actions import Edit

SAMPLE_TEXT = "Hello there, it is good to see you."

PLAIN: Mapping[str, Any] = {
    "newSession": {"quality": "low"},
    "startSession": {"session_id": "$session", "sdp": {"type": "answer", "sdp": "$answer"}},
    "submitIce": {
        "session_id": "$session",
        "candidate": {
            "candidate": "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
            "sdpMid": "0",
            "sdpMLineIndex": 0,
        },
    },
    "sendTask": {"session_id": "$session", "text": SAMPLE_TEXT},
    "stopSession": {"session_id": "$session"},
    "interruptTask": {"session_id": "$session"},
    "keepAlive": {"session_id": "$session"},
    "startListening": {"session_id": "$session"},
    "stopListening": {"session_id": "$session"},
    "createToken": {},
}
"""A valid body for each operation that takes one."""

_JSON: Headers = (("content-type", "application/json"),)
_LARGE = 1_200_000
"""Bytes; more than a server of small messages takes, and no burden on loopback."""


def _text(value: object) -> str:
    return json.dumps(value)


FORMS: Mapping[str, Callable[[object], tuple[Headers, bytes]]] = {
    "json": lambda value: (_JSON, _text(value).encode()),
    "charset": lambda value: (
        (("content-type", "application/json; charset=utf-8"),),
        json.dumps(value, ensure_ascii=False).encode(),
    ),
    "spaced": lambda value: (_JSON, b"\r\n\t " + json.dumps(value, indent=2).encode() + b"\n"),
    "escaped": lambda value: (
        _JSON,
        # Every letter of a string as \\uXXXX: the same value to a JSON reader.
        _escaped(_text(value)).encode(),
    ),
    "same key twice": lambda value: (_JSON, _twice(value).encode()),
    "no content type": lambda value: ((), _text(value).encode()),
    "text/plain": lambda value: ((("content-type", "text/plain"),), _text(value).encode()),
    "form": lambda _: (
        (("content-type", "application/x-www-form-urlencoded"),),
        b"session_id=a&text=b",
    ),
    "empty": lambda _: (_JSON, b""),
    "empty, no content type": lambda _: ((), b""),
    "empty text/plain": lambda _: ((("content-type", "text/plain"),), b""),
    "not JSON": lambda _: (_JSON, b"session_id: a"),
    "not JSON, text/plain": lambda _: ((("content-type", "text/plain"),), b"session_id: a"),
    "truncated": lambda value: (_JSON, _text(value)[:-1].encode()),
    "two values": lambda value: (_JSON, (_text(value) + " {}").encode()),
    "single quotes": lambda value: (_JSON, repr(value).encode()),
    "comma at the end": lambda value: (_JSON, (_text(value)[:-1] + ",}").encode()),
    "NaN": lambda _: (_JSON, b'{"session_id": "a", "x": NaN}'),
    "BOM": lambda value: (_JSON, b"\xef\xbb\xbf" + _text(value).encode()),
    "Latin-1": lambda _: (_JSON, b'{"session_id": "\xe9", "text": "\xe9"}'),
    "UTF-16": lambda value: (_JSON, _text(value).encode("utf-16")),
    "nested": lambda _: (_JSON, b"[" * 20_000),
    "too large": lambda value: (_JSON, _text(value).encode() + b" " * _LARGE),
}
"""How a value is written: (headers, bytes)."""

GOOD_FORMS = ("charset", "spaced", "escaped", "no content type")
BAD_JSON = (
    "empty", "not JSON", "truncated", "two values", "single quotes", "comma at the end", "NaN",
    "BOM", "Latin-1", "UTF-16", "nested",
)  # fmt: skip
BAD_TYPES = ("text/plain", "form")


def edited(operation_id: str, edits: Iterable[Edit]) -> Any:
    """The operation's plain body with the edits made; placeholders are left as they are.

    An edit of the whole body replaces it; one below what is no object makes it an object.
    """
    body = json.loads(json.dumps(PLAIN.get(operation_id, {})))
    for edit in edits:
        if not edit.place:
            body = None if edit.value is None else json.loads(edit.value)
            continue
        *parents, name = edit.place.split(".")
        here = body if isinstance(body, dict) else (body := {})
        for parent in parents:
            if not isinstance(here.get(parent), dict):
                here[parent] = {}
            here = here[parent]
        if edit.value is None:
            here.pop(name, None)
        else:
            here[name] = json.loads(edit.value)
    return body


def filled(value: Any, fill: Callable[[str], str]) -> Any:
    """The value with each string that begins with ``$`` replaced by what ``fill`` says."""
    match value:
        case str() if value.startswith("$"):
            return fill(value)
        case dict():
            return {name: filled(part, fill) for name, part in value.items()}
        case list():
            return [filled(part, fill) for part in value]
    return value


def _escaped(text: str) -> str:
    if '\\"' in text:
        return text
    parts = text.split('"')
    for number in range(1, len(parts), 2):
        if "\\" not in parts[number]:
            parts[number] = "".join(f"\\u{ord(letter):04x}" for letter in parts[number])
    return '"'.join(parts)


def _twice(value: object) -> str:
    """Each field twice, the right one last: which one counts is left open by RFC 8259."""
    if not isinstance(value, dict):
        return _text(value)
    pairs = [f"{json.dumps(n)}: null, {json.dumps(n)}: {_text(v)}" for n, v in value.items()]
    return "{" + ", ".join(pairs) + "}"
