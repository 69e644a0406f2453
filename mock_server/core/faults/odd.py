"""Bodies that say what they should in odd JSON, and bodies that say something else altogether."""

from __future__ import annotations

import dataclasses
from typing import Any

from mock_server.core.faults.body import Body, Spelling
from mock_server.core.faults.kind import OPERATIONS, Kind, choice
from mock_server.core.faults.plan import Deviation

_MESSAGES = {
    "long": "success " * 12_500,
    "unicode": "\u202e\u0000 \U0001f469\u200d\U0001f680 \ufeff\u2028 \ud800 success",
    "empty": "",
}
_EXTRA: Any = {"since": 2026, "notes": [None, {"deep": [[]]}], "": ""}
_LISTING = {"code": 100, "message": "success", "data": {"sessions": []}, "sessions": []}
_TOKEN = {"error": None, "data": {"token": "eyJ0b2tlbiI6ICJub25lIn0="}}
_ERROR = {"code": 400175, "message": "Invalid parameter"}
_BODIES: dict[str, Any] = {
    "empty-object": {},
    "null": None,
    "array": [],
    "text": "success",
    "number": 100,
}

EXTRA_FIELDS = Kind(
    "extra-fields",
    "answers",
    OPERATIONS,
    "every object in the body has one more field, which the contract does not know",
    weight=1,
    trials=({"on": ("newSession", "startSession", "sendTask", "createToken", "listSessions")},),
)
REORDERED = Kind(
    "reordered",
    "answers",
    OPERATIONS,
    "the fields of every object come in the opposite order",
    weight=1,
    trials=({"on": "newSession"},),
)
WHITESPACE = Kind(
    "whitespace",
    "answers",
    OPERATIONS,
    "the JSON has tabs and ends of lines wherever it may, around the whole too",
    weight=1,
    trials=({"on": "sendTask"},),
)
ESCAPES = Kind(
    "escapes",
    "answers",
    OPERATIONS,
    r"every character of names and texts is written as a \u escape",
    weight=1,
    trials=({"on": "newSession"},),
)
DUPLICATE_NAMES = Kind(
    "duplicate-names",
    "answers",
    OPERATIONS,
    "the first field of every object is given twice, first as null (RFC 8259, section 4)",
    weight=2,
    trials=({"on": "newSession"},),
)
ODD_MESSAGE = Kind(
    "odd-message",
    "answers",
    OPERATIONS,
    "the message is very long, or empty, or of characters that are hard to show",
    weight=1,
    parameters={"text": choice("which message", tuple(_MESSAGES))},
    required=("text",),
    trials=(
        {"text": "empty", "on": "startSession"},
        {"text": "unicode", "on": "sendTask"},
        {"text": "long", "on": "newSession"},
    ),
)
WRONG_BODY = Kind(
    "wrong-body",
    "answers",
    OPERATIONS,
    "the status is right, and the body is another: no object, nothing, an error, or the answer "
    "of another operation",
    weight=4,
    parameters={
        "body": choice(
            "what the body is; bare is the data without its envelope",
            (*_BODIES, "empty", "error", "other", "bare"),
        )
    },
    required=("body",),
    trials=(
        {"body": "bare", "on": "newSession"},
        {"body": "error", "on": ("newSession", "startSession", "sendTask", "stopSession")},
        {"body": "other", "on": ("sendTask", "createToken")},
        {"body": "empty-object", "on": ("newSession", "createToken")},
        {"body": "array", "on": "listSessions"},
        {"body": "text", "on": "sendTask"},
        {"body": "empty", "on": ("newSession", "startSession", "stopSession", "submitIce")},
        {"body": "null"},
    ),
)

KINDS = (
    EXTRA_FIELDS,
    REORDERED,
    WHITESPACE,
    ESCAPES,
    DUPLICATE_NAMES,
    ODD_MESSAGE,
    WRONG_BODY,
)
_SPELLINGS: tuple[Spelling, ...] = ("escapes", "whitespace", "duplicate-names")


def edited(deviation: Deviation, body: Body) -> Body | None:
    """The body as the deviation wants it, perhaps the same; None when there is none to change."""
    if deviation.do == WRONG_BODY.do:
        return _wrong(deviation, body)
    if body.raw is not None:
        return None
    for spelling in _SPELLINGS:
        if deviation.do == spelling:
            return dataclasses.replace(body, spelling=body.spelling | {spelling})
    value = _value(deviation, body.value)
    return None if value is body.value else dataclasses.replace(body, value=value)


def _wrong(deviation: Deviation, body: Body) -> Body | None:
    match deviation["body"]:
        case "empty":
            return Body(None, raw=b"")
        case "bare":
            value = body.value
            if body.raw is not None or not isinstance(value, dict) or "data" not in value:
                return None
            return dataclasses.replace(body, value=value["data"])
        case "error":
            return Body(_ERROR)
        case "other":
            return Body(_LISTING if deviation.on == "createToken" else _TOKEN)
        case name:
            return Body(_BODIES[name])


def _value(deviation: Deviation, value: Any) -> Any:
    match deviation.do:
        case EXTRA_FIELDS.do:
            return _with_extra(value)
        case REORDERED.do:
            return _reordered(value)
        case _:
            if not isinstance(value, dict) or "message" not in value:
                return value
            return {**value, "message": _MESSAGES[deviation["text"]]}


def _with_extra(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{name: _with_extra(one) for name, one in value.items()}, "x_extra": _EXTRA}
    if isinstance(value, list):
        return [_with_extra(one) for one in value] or value
    return value


def _reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reordered(one) for name, one in reversed(value.items())} or value
    if isinstance(value, list):
        return [_reordered(one) for one in value] or value
    return value
