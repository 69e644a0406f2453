"""An answer without what differs from run to run: ids by name, times by unit, SDP by promise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.exchange import Exchange
from contract.sdp import SdpError, read_sdp
from contract.spec import Spec

ABSENT = "(absent)"
STATUS = "HTTP status"
CODE = "error code"
_DAY = 86_400.0
_BY_KIND = frozenset(
    {"ice_servers", "ice_servers2", "access_token", "url", "realtime_endpoint",
     "livekit_agent_token"}
)  # fmt: skip
"""What a server says of its own surroundings: compared by its kind only."""
_CATALOGUES = {"listAvatars": "data", "listVoices": "voices"}


@dataclass(slots=True)
class Names:
    """What ids and tokens are called on both sides, so that they can be compared."""

    known: dict[str, str] = field(default_factory=dict)

    def of(self, value: object) -> str:
        """The name; a word of their kind for values that are not known."""
        if isinstance(value, str):
            return self.known.get(value, "an id of its own")
        return kind_of(value)


def answer_of(exchange: Exchange, spec: Spec, names: Names) -> dict[str, str]:
    """Place in the answer -> what is there, in words that two servers can share."""
    response = exchange.response
    places = {STATUS: str(response.status), "content type": response.media_type}
    if "response body" in exchange.unknown:
        return places
    operation = spec.at(exchange.request.method, exchange.request.path)
    called = "" if operation is None else operation.id
    try:
        body = response.json
    except ValueError:
        return places | {"body": "not JSON"}
    if response.status >= 400 and isinstance(body, dict):
        return places | _error(called, response.status, body, spec)
    places.update(_leaves(body, "", _Reader(names, called, exchange.ended)))
    return places


def kind_of(value: object) -> str:
    """The JSON type, and whether something is in it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "an object" if value else "an empty object"
        case str():
            return "text" if value else "empty text"
    return "a number"


@dataclass(frozen=True, slots=True)
class _Reader:
    names: Names
    operation: str
    now: float


def _error(operation: str, status: int, body: Mapping[str, Any], spec: Spec) -> dict[str, str]:
    code, message = body.get("code"), body.get("message")
    rows = []
    if isinstance(code, int) and isinstance(message, str):
        rows = spec.meanings(operation, status, code, message)
    places = {CODE: repr(code), "message": rows[0].name if rows else repr(message)[:80]}
    return places | {name: kind_of(body[name]) for name in body.keys() - {"code", "message"}}


def _leaves(value: object, place: str, reader: _Reader) -> Iterator[tuple[str, str]]:
    last = place.rpartition(".")[2]
    if last in _BY_KIND or last == _CATALOGUES.get(reader.operation):
        yield place, kind_of(value)
    elif last == "sdp" and isinstance(value, str):
        yield from _sdp(value, place)
    elif isinstance(value, dict | list) and not value:
        yield place, kind_of(value)
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, f"{place}.{name}".lstrip("."), reader)
    elif isinstance(value, list):
        for name, part in _rows(value, last, reader.names):
            yield from _leaves(part, f"{place}[{name}]", reader)
    else:
        yield place, _leaf(last, value, reader)


def _rows(rows: list[object], name: str, names: Names) -> Iterator[tuple[str, object]]:
    """The rows of a list; sessions by name, without those of other programs."""
    for number, row in enumerate(rows):
        if name != "sessions":
            yield str(number), row
            continue
        session_id = row.get("session_id") if isinstance(row, dict) else None
        if isinstance(session_id, str) and session_id in names.known:
            yield names.of(session_id), row


def _leaf(name: str, value: object, reader: _Reader) -> str:
    if name in ("session_id", "task_id", "token"):
        return reader.names.of(value)
    if name == "message" and isinstance(value, str):
        return value.lower()
    if name == "created_at" and _is_number(value):
        return _time(float(value), reader.now)  # type: ignore[arg-type] # a number
    return repr(value)[:80]


def _time(value: float, now: float) -> str:
    if math.isclose(value, now, abs_tol=_DAY):
        return "seconds"
    return "milliseconds" if math.isclose(value / 1000, now, abs_tol=_DAY) else f"{value:g}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sdp(text: str, place: str) -> Iterator[tuple[str, str]]:
    try:
        description = read_sdp(text)
    except SdpError as problem:
        yield place, f"no SDP: {problem}"
        return
    bare = text.replace("\r\n", "")
    yield f"{place} line ends", "CRLF" if "\n" not in bare else "LF"
    yield f"{place} media", ", ".join(section.kind for section in description.sections)
    for section in description.sections:
        if section.kind in ("audio", "video"):
            codecs = dict.fromkeys(c.name.upper() for c in section.codecs if not c.is_repair)
            words = "rejected" if section.rejected else section.direction
            yield f"{place} {section.kind}", f"{words} {' '.join(codecs)}"
