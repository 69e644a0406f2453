"""Messages of the data channel that go wrong.

Every kind has ``type``, so that a plan can mean the first end of speech, say.
"""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.core.faults.kind import Json, Kind, choice, whole
from mock_server.core.faults.messages import (
    DURATIONS,
    END,
    MESSAGE,
    NO_EVENTS,
    START,
    STOP,
    TASK_IDS,
    TEXTS,
    UNKNOWN_TYPE,
)

_TYPE: Json = choice(
    "only events of this type, of which v1 has the first and the last; absent: of any",
    (START, MESSAGE, END, STOP),
)
_INSTEAD: Json = {
    "type": "boolean",
    "description": "in the true event's place, not beside it",
    "default": False,
}


def _kind(
    do: str,
    sentence: str,
    weight: int,
    trials: tuple[Json, ...],
    *,
    required: tuple[str, ...] = (),
    waits: Mapping[str, float] | None = None,
    **parameters: Json,
) -> Kind:
    return Kind(
        do,
        "events",
        ("event",),
        sentence,
        weight=weight,
        parameters={"type": _TYPE, **parameters},
        required=required,
        waits=waits or {},
        trials=trials,
    )


KINDS: tuple[Kind, ...] = (
    _kind(
        "event-extra-fields",
        "an event has fields that no document names",
        1,
        ({"type": STOP},),
    ),
    _kind(
        "event-unknown-type",
        "a message of a type that no document names comes before an event (with `instead` true: in "
        "its place)",
        1,
        ({"type": START}, {"type": START, "instead": True}, {"type": STOP, "instead": True}),
        name={
            "type": "string",
            "maxLength": 200,
            "description": "the type",
            "default": UNKNOWN_TYPE,
        },
        instead=_INSTEAD,
    ),
    _kind(
        "event-doubled",
        "an event comes twice",
        2,
        ({"type": START}, {"type": STOP}, {"type": MESSAGE}),
    ),
    _kind(
        "event-late",
        "an event comes late, measured on the fake's clock, or never if the session ends before",
        2,
        ({"type": START, "ms": 300}, {"type": STOP, "ms": 300}),
        required=("ms",),
        waits={"ms": 0.001},
        ms=whole("milliseconds", low=1, high=600_000),
    ),
    _kind(
        "event-out-of-order",
        "an event comes after the one that follows it, or never if none follows",
        2,
        ({"type": START},),
    ),
    _kind(
        "event-wrong-task",
        "a stop of a task that nobody gave comes after the true start or before the true stop "
        "(with `instead` true: the event itself has that task's id)",
        2,
        ({"type": START}, {"type": STOP, "instead": True}),
        instead=_INSTEAD,
    ),
    _kind(
        "event-no-task-id",
        "an event lacks its task_id, or has something else there",
        2,
        ({"type": START}, {"type": STOP, "form": "null"}),
        form={**choice("what is there", ("absent", *TASK_IDS)), "default": "absent"},
    ),
    _kind(
        "event-flood",
        "an event comes after very many messages of an unknown type",
        2,
        ({"type": START},),
        count={**whole("how many", low=1, high=400), "default": 100},
    ),
    _kind(
        "event-odd-duration",
        "the end of speech has no sensible duration_ms",
        2,
        ({"type": STOP, "form": "absent"}, {"type": STOP, "form": "huge"}),
        required=("type", "form"),
        type=choice("the event that has a duration", (STOP,)),
        form=choice("what is there", ("absent", *DURATIONS)),
    ),
    _kind(
        "event-odd-message",
        "what the avatar says is told without a sensible text, in v2",
        2,
        ({"type": MESSAGE, "form": "absent"}, {"type": MESSAGE, "form": "list"}),
        required=("type", "form"),
        type=choice("the event that has a text", (MESSAGE,)),
        form=choice("what is there", ("absent", *TEXTS)),
    ),
    _kind(
        "event-huge",
        "an event is as large as a message of the data channel may be",
        2,
        ({"type": START},),
        # More than 65,536 needs leave in the description (RFC 8841 section 6).
        bytes={**whole("bytes of the message", low=1000, high=65_536), "default": 60_000},
    ),
    _kind(
        "event-text",
        "an event is a text frame, where the service sends binary ones",
        3,
        ({"type": START}, {"type": STOP}),
    ),
    _kind(
        "event-invalid-utf8",
        "an event's bytes are no UTF-8",
        3,
        ({"type": START},),
    ),
    _kind(
        "event-not-json",
        "an event is no JSON: cut in the middle, a bare word, or empty",
        3,
        ({"type": START, "form": "cut"}, {"type": STOP, "form": "empty"}),
        form={**choice("what it is", ("cut", "word", "empty")), "default": "cut"},
    ),
    _kind(
        "event-not-an-event",
        "an event is JSON, but no object with a type",
        3,
        ({"type": START, "form": "null"}, {"type": START, "form": "array"}),
        required=("form",),
        form=choice("what it is", tuple(NO_EVENTS)),
    ),
    _kind(
        "event-missing",
        "an event never comes",
        3,
        ({"type": START}, {"type": STOP}, {"type": MESSAGE}, {"type": END}),
    ),
)
