"""What is sent on the data channel in place of an event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from mock_server.core.effects import SendEvent
from mock_server.core.faults.plan import Deviation

START, STOP = "avatar_start_talking", "avatar_stop_talking"
MESSAGE, END = "avatar_talking_message", "avatar_end_message"
"""Those that v2 has beside them."""
FOREIGN_TASK = "00000000-0000-1000-8000-000000000000"
"""The id of a task that nobody gave."""
UNKNOWN_TYPE = "avatar_blinked"

MOST = 500
"""Messages in place of one event, however many deviations multiply it."""

Message = bytes | str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for the data channel: ``late_ms`` after its time, or ``held`` until the next
    event of the session was sent.
    """

    message: Message
    late_ms: int = 0
    held: bool = False


def outgoing(
    deviations: Iterable[Deviation], event: SendEvent, encoded: Message | None
) -> tuple[list[Outgoing], list[Deviation]]:
    """What is sent in place of an event, and the deviations that made it so.

    None, an event that is not sent, stays unsent.
    """
    if encoded is None:
        return [], []
    sent = [Outgoing(encoded)]
    used: list[Deviation] = []
    for deviation in deviations:
        edit = EDITS[deviation.do]
        # Of a flood one message is edited for all: a plan may make each of them huge.
        made = {one: edit(one, deviation, event) for one in dict.fromkeys(sent)}
        before, sent = sent, list(islice((more for one in sent for more in made[one]), MOST))
        if sent != before:
            used.append(deviation)
    return sent, used


Edit = Callable[[Outgoing, Deviation, SendEvent], list[Outgoing]]


def _missing(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    return []


def _doubled(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    return [one, one]


def _late(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    return [replace(one, late_ms=one.late_ms + deviation["ms"])]


def _out_of_order(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    return [replace(one, held=True)]


def _unknown_type(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    unknown = _changed(one, type=deviation.get("name", UNKNOWN_TYPE))
    return [unknown] if deviation.get("instead", False) else [unknown, one]


def _wrong_task(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    if deviation.get("instead", False):
        return [_changed(one, task_id=FOREIGN_TASK)]
    # Where a client that does not compare ids takes its own speech to be over.
    foreign = _changed(one, type=STOP, task_id=FOREIGN_TASK, duration_ms=0.0)
    return [one, foreign] if event.type == START else [foreign, one]


def _not_json(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    data = _bytes(one)
    match deviation.get("form", "cut"):
        case "empty":
            data = b""
        case "word":
            data = event.type.encode()
        case _:
            data = data[: len(data) // 2]
    return [replace(one, message=data)]


NO_EVENTS: Mapping[str, bytes] = {
    "null": b"null",
    "number": b"1",
    "string": b'"avatar_start_talking"',
    "array": b"[]",
    "empty": b"{}",
}


def _not_an_event(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    return [replace(one, message=NO_EVENTS[deviation["form"]])]


def _text(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    return [replace(one, message=_bytes(one).decode("utf-8", "replace"))]


def _extra_fields(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    more = {"event_id": 7, "emotion": None, "details": {"source": "avatar", "words": []}}
    return [_changed(one, **more)]


TASK_IDS: Mapping[str, Any] = {"null": None, "number": 7, "empty": ""}


def _no_task_id(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    form = deviation.get("form", "absent")
    if form == "absent":
        return [_without(one, "task_id")]
    return [_changed(one, task_id=TASK_IDS[form])]


DURATIONS: Mapping[str, Any] = {
    "zero": 0,
    "negative": -1.0,
    "huge": 1e300,
    "null": None,
    "text": "1.5s",
}


def _odd_duration(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    if deviation["form"] == "absent":
        return [_without(one, "duration_ms")]
    return [_changed(one, duration_ms=DURATIONS[deviation["form"]])]


TEXTS: Mapping[str, Any] = {"null": None, "number": 7, "empty": "", "list": ["Hello"]}


def _odd_message(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    if deviation["form"] == "absent":
        return [_without(one, "message")]
    return [_changed(one, message=TEXTS[deviation["form"]])]


def _huge(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    padding = max(0, deviation.get("bytes", 60_000) - len(_bytes(one)) - len(',"padding":""'))
    return [_changed(one, padding="x" * padding)]


def _invalid_utf8(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    broken = _bytes(_changed(one, note="~")).replace(b'"note":"~"', b'"note":"\xff\xfe"')
    return [replace(one, message=broken)]


def _flood(one: Outgoing, deviation: Deviation, event: SendEvent) -> list[Outgoing]:
    unknown = _changed(one, type=UNKNOWN_TYPE)
    return [*[unknown] * deviation.get("count", 100), one]


def _bytes(one: Outgoing) -> bytes:
    return one.message.encode() if isinstance(one.message, str) else one.message


def _edited(one: Outgoing, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Outgoing:
    """The message with its object changed; what an earlier deviation broke stays as it is."""
    try:
        body = json.loads(_bytes(one))
    except ValueError:
        return one
    if not isinstance(body, dict):
        return one
    text = json.dumps(edit(body), separators=(",", ":"))
    return replace(one, message=text if isinstance(one.message, str) else text.encode())


def _changed(one: Outgoing, **fields: Any) -> Outgoing:
    return _edited(one, lambda body: {**body, **fields})


def _without(one: Outgoing, name: str) -> Outgoing:
    return _edited(one, lambda body: {key: body[key] for key in body if key != name})


EDITS: Mapping[str, Edit] = {
    "event-extra-fields": _extra_fields,
    "event-unknown-type": _unknown_type,
    "event-doubled": _doubled,
    "event-late": _late,
    "event-out-of-order": _out_of_order,
    "event-wrong-task": _wrong_task,
    "event-no-task-id": _no_task_id,
    "event-flood": _flood,
    "event-odd-duration": _odd_duration,
    "event-odd-message": _odd_message,
    "event-huge": _huge,
    "event-text": _text,
    "event-invalid-utf8": _invalid_utf8,
    "event-not-json": _not_json,
    "event-not-an-event": _not_an_event,
    "event-missing": _missing,
}
"""The kinds of the family that are done to messages, by name."""
