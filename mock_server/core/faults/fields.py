"""Single values of an answer: at the edge of what the contract allows, and beyond it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.core.faults.body import Body
from mock_server.core.faults.kind import Json, Kind, choice, whole
from mock_server.core.faults.places import GONE, changed
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.refusals import MAIN


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One value in an answer: its dotted path, its JSON types, and whether it must be there."""

    path: str
    types: tuple[str, ...]
    required: bool


Fields = Mapping[str, Sequence[FieldShape]]
"""operation id -> the values in its successful answer."""

_WORDS = frozenset(
    ("session_id", "task_id", "token", "sdp", "duration_ms", "avatar_id", "voice_id")
)
"""Names of the fields that clients cannot do without, beside those that hold others."""

_OTHER_TYPES = {"string": "number", "number": "text", "object": "list", "array": "object"}
_EXTREMES: tuple[Json, ...] = (
    {"on": "newSession", "path": "data.is_paid", "value": False},
    {"on": "newSession", "path": "data.session_duration_limit", "value": 2**63},
    {"on": "newSession", "path": "data.session_duration_limit", "value": 1},
    {"on": "newSession", "path": "data.access_token", "value": "\u202e\U0001f511"},
    {"on": "newSession", "path": "data.url", "value": "wss://127.0.0.1:9"},
    {"on": "sendTask", "path": "data.duration_ms", "value": 0},
    {"on": "sendTask", "path": "duration_ms", "value": 0},
    {"on": "sendTask", "path": "data.duration_ms", "value": 1_000_000},
    {"on": "sendTask", "path": "duration_ms", "value": 1_000_000},
    {"on": "sendTask", "path": "data.duration_ms", "value": 1e308},
    {"on": "listSessions", "path": "data.sessions[].created_at", "value": 99_999_999_999},
    {"on": "listSessions", "path": "data.sessions[].status", "value": "connecting"},
    {"on": "listAvatars", "path": "data[].pose_name", "value": "\u202e\u0000 \U0001f469 \ud800"},
)


MOST_BYTES = 5_000_000
"""Of a body: what would make it longer is not done, so that no plan holds up the server."""

_LISTS = {"listSessions": "data.sessions", "listAvatars": "data", "listVoices": "data.voices"}
_VALUE: Json = {
    "type": ["null", "boolean", "number", "string"],
    "maxLength": 100_000,
    "description": "the value",
}


def kinds(fields: Fields) -> tuple[Kind, ...]:
    """The kinds that change single values; the paths are those of the contract."""
    on = tuple(fields)
    paths = tuple(dict.fromkeys(shape.path for shapes in fields.values() for shape in shapes))
    path = choice("which value, by its path; [] is every entry", paths)
    read = [(one, shape) for one in on for shape in _read(one, fields[one])]
    inner = [(one, shape) for one, shape in read if shape.path.startswith("data")]

    def kind(do: str, sentence: str, *, weight: int, trials: Iterable[Json], **more: Json) -> Kind:
        return Kind(
            do,
            "answers",
            on,
            sentence,
            weight,
            {"path": path, **more},
            ("path", *more),
            trials=tuple(one for one in trials if one["on"] in fields),
        )

    return (
        kind(
            "field",
            "one value is another: as large, small or odd as the contract allows, or beyond it",
            weight=2,
            value=_VALUE,
            trials=_EXTREMES,
        ),
        kind(
            "field-long",
            "one text of the body is very long",
            weight=2,
            characters=whole("how long the text is", low=1, high=1_000_000),
            trials=[{"on": "listAvatars", "path": "data[].pose_name", "characters": 100_000}],
        ),
        kind(
            "field-entries",
            "one list of the body is empty, or repeats what it holds many times",
            weight=2,
            entries=whole("how many entries", low=0, high=2000),
            trials=[
                {"on": one, "path": place, "entries": entries}
                for one, place in _LISTS.items()
                for entries in (0, 1000)
            ],
        ),
        kind(
            "field-empty",
            "one text, list or object is there and empty",
            weight=4,
            trials=[
                {"on": one, "path": shape.path}
                for one, shape in inner
                if one in (*MAIN, "createToken")
                and ("string" in shape.types or shape.path == "data.sdp")
            ],
        ),
        kind(
            "field-null",
            "one field is null",
            weight=4,
            trials=[
                # So in recorded answers of 2025, against the document.
                {"on": "newSession", "path": "data.ice_servers"},
                *(
                    {"on": one, "path": shape.path}
                    for one, shape in inner
                    if "null" not in shape.types
                    and (one in MAIN or shape.path.endswith((".token", ".sessions")))
                ),
            ],
        ),
        kind(
            "field-missing",
            "one field that the contract promises is not there",
            weight=4,
            trials=[{"on": one, "path": shape.path} for one, shape in read],
        ),
        kind(
            "field-type",
            "one value is of another JSON type",
            weight=4,
            **{"as": choice("the type", ("text", "number", "boolean", "list", "object"))},
            trials=[
                {"on": one, "path": shape.path, "as": _other(shape)}
                for one, shape in inner
                if (one in MAIN and "array" not in shape.types) or shape.path == "data.sessions"
            ],
        ),
    )


def _read(operation_id: str, shapes: Sequence[FieldShape]) -> Iterator[FieldShape]:
    """The values that a client reads: what it must have, and not twice where it is told twice."""
    paths = {shape.path for shape in shapes}
    for shape in shapes:
        name = shape.path.rpartition(".")[2]
        twice = f"data.{shape.path}" in paths and operation_id not in MAIN
        holds = not {"object", "array"}.isdisjoint(shape.types)
        # Lists inside a session are mostly empty, and clients read ice_servers2.
        unread = name == "ice_servers" or ("[]" in shape.path and operation_id in MAIN)
        if shape.required and not twice and not unread and (holds or name in _WORDS):
            yield shape


def _other(shape: FieldShape) -> str:
    return next(_OTHER_TYPES[one] for one in shape.types if one in _OTHER_TYPES)


def edited(deviation: Deviation, body: Body) -> Body | None:
    """The body with that value changed; None when it has none there, or would become too long."""
    if body.raw is not None:
        return None
    more = 0

    def measured(old: Any) -> Any:
        nonlocal more
        more += _length(deviation, old)
        return old

    changed(body.value, deviation["path"], measured)
    if more and len(body.encoded()) + more > MOST_BYTES:
        return None
    value = changed(body.value, deviation["path"], lambda old: _new(deviation, old))
    return None if value is body.value else dataclasses.replace(body, value=value)


def _new(deviation: Deviation, old: Any) -> Any:
    match deviation.do:
        case "field":
            return deviation["value"]
        case "field-missing":
            return GONE
        case "field-null":
            return None
        case "field-empty":
            return type(old)() if isinstance(old, str | list | dict) else old
        case "field-long":
            return _long(old, deviation["characters"])
        case "field-entries":
            return _repeated(old, deviation["entries"])
        case _:
            return _typed(old, deviation["as"])


def _length(deviation: Deviation, old: Any) -> int:
    """About how many bytes the new value takes; 0 where it is hardly longer than the old one."""
    match deviation.do:
        case "field":
            return len(json.dumps(deviation["value"]))
        case "field-long" if isinstance(old, str):
            return int(deviation["characters"]) * len(json.dumps(old or "a")) // len(old or "a")
        case "field-entries" if isinstance(old, list) and old:
            return int(deviation["entries"]) * len(json.dumps(old)) // len(old)
        case _:
            return 0


def _long(old: Any, characters: int) -> Any:
    if not isinstance(old, str):
        return old
    text = old or "a"
    return (text * (characters // len(text) + 1))[:characters]


def _repeated(old: Any, entries: int) -> Any:
    if not isinstance(old, list):
        return old
    return (old * (entries // len(old) + 1))[:entries] if old else old


def _typed(old: Any, wanted: str) -> Any:
    """The value as far as another type can tell it; what is of that type stays."""
    match wanted:
        case "text":
            return old if isinstance(old, str) else json.dumps(old)
        case "number":
            number = isinstance(old, int | float) and not isinstance(old, bool)
            return old if number else 7
        case "boolean":
            return old if isinstance(old, bool) else True
        case "list":
            return old if isinstance(old, list) else [old]
        case _:
            return old if isinstance(old, dict) else {"value": old}
