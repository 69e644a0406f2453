"""Single values of an answer: at the edge of what the contract allows, and beyond it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
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


def kinds(fields: Fields) -> tuple[Kind, ...]:
    """The kinds that change single values; the paths are those of the contract."""
    paths = tuple(dict.fromkeys(shape.path for shapes in fields.values() for shape in shapes))
    on = tuple(fields)
    path = choice("which value, by its path; [] is every entry", paths)
    matters = [(one, shape) for one in on for shape in _matter(one, fields[one])]
    inner = [(one, shape) for one, shape in matters if shape.path.startswith("data")]
    # Null in recorded answers of 2025, against the document.
    recorded = [
        (one, shape)
        for one in on
        for shape in fields[one]
        if (one, shape.path) == ("newSession", "data.ice_servers")
    ]
    field = Kind(
        "field",
        "answers",
        on,
        "one value is another: as large, small or odd as the contract allows, or beyond it",
        weight=2,
        parameters={
            "path": path,
            "value": {
                "type": ["null", "boolean", "number", "string"],
                "maxLength": 100_000,
                "description": "the value",
            },
        },
        required=("path", "value"),
        trials=tuple(one for one in _EXTREMES if one["on"] in fields),
    )
    long = Kind(
        "field-long",
        "answers",
        on,
        "one text of the body is very long",
        weight=2,
        parameters={
            "path": path,
            "characters": whole("how long the text is", low=1, high=1_000_000),
        },
        required=("path", "characters"),
        trials=({"on": "listAvatars", "path": "data[].pose_name", "characters": 100_000},)
        if "listAvatars" in fields
        else (),
    )
    entries = Kind(
        "field-entries",
        "answers",
        on,
        "one list of the body is empty, or repeats what it holds many times",
        weight=2,
        parameters={"path": path, "entries": whole("how many entries", low=0, high=10_000)},
        required=("path", "entries"),
        trials=tuple(
            {"on": one, "path": place, "entries": entries}
            for one, place in (
                ("listSessions", "data.sessions"),
                ("listAvatars", "data"),
                ("listVoices", "data.voices"),
            )
            if one in fields
            for entries in (0, 1000)
        ),
    )
    missing = Kind(
        "field-missing",
        "answers",
        on,
        "one field that the contract promises is not there",
        weight=4,
        parameters={"path": path},
        required=("path",),
        trials=tuple({"on": one, "path": shape.path} for one, shape in matters),
    )
    null = Kind(
        "field-null",
        "answers",
        on,
        "one field is null",
        weight=4,
        parameters={"path": path},
        required=("path",),
        trials=tuple(
            {"on": one, "path": shape.path}
            for one, shape in (*recorded, *inner)
            if "null" not in shape.types
            and (one in MAIN or shape.path.endswith((".token", ".sessions")))
        ),
    )
    empty = Kind(
        "field-empty",
        "answers",
        on,
        "one text, list or object is there and empty",
        weight=4,
        parameters={"path": path},
        required=("path",),
        trials=tuple(
            {"on": one, "path": shape.path}
            for one, shape in inner
            if one in (*MAIN, "createToken")
            and ("string" in shape.types or shape.path == "data.sdp")
        ),
    )
    retyped = Kind(
        "field-type",
        "answers",
        on,
        "one value is of another JSON type",
        weight=4,
        parameters={
            "path": path,
            "as": choice("the type", ("text", "number", "boolean", "list", "object")),
        },
        required=("path", "as"),
        trials=tuple(
            {"on": one, "path": shape.path, "as": _other(shape)}
            for one, shape in inner
            if (one in MAIN and "array" not in shape.types) or shape.path == "data.sessions"
        ),
    )
    return (field, long, entries, empty, null, missing, retyped)


def _matter(operation_id: str, shapes: Sequence[FieldShape]) -> Iterator[FieldShape]:
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
    """The body with that value changed; None when it has none there."""
    if body.raw is not None:
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
