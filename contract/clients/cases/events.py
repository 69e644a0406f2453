"""EVT: what the avatar tells on the data channel."""

from __future__ import annotations

from typing import Any

from contract.clients.cases.case import Case, Evidence, play
from contract.clients.plan import Plan

_START, _STOP = "avatar_start_talking", "avatar_stop_talking"
_CHANNEL = Evidence("inferred", "our guess: a release that changes what it sends")


def _event(do: str, **parameters: Any) -> Plan:
    return play({"on": "event", "nth": 1, "do": do, **parameters})


CASES: tuple[Case, ...] = (
    Case(
        "EVT-UNKNOWN-FIELDS",
        "Fields that nobody documents",
        server="avatar_stop_talking has fields of a new kind.",
        good="Ignores them.",
        demand="succeed",
        plan=_event("event-extra-fields", type=_STOP),
        evidence=Evidence("official", "@heygen/streaming-avatar: duration_ms was new in 1.0.15"),
    ),
    Case(
        "EVT-UNKNOWN-TYPE",
        "An event of an unknown type",
        server="An event of an unknown type comes before avatar_start_talking.",
        good="Ignores it.",
        demand="succeed",
        plan=_event("event-unknown-type", type=_START),
        evidence=Evidence(
            "official", "@heygen/streaming-avatar 2.1.0 knows more types than 1.0.16"
        ),
    ),
    Case(
        "EVT-FLOOD",
        "Very many events of an unknown type",
        server="A hundred events of an unknown type come before avatar_start_talking.",
        good="Ignores them.",
        demand="succeed",
        plan=_event("event-flood", type=_START),
        evidence=Evidence(
            "recorded", "docs.heygen.com/discuss, 2025-01: avatar_talking_message, word by word"
        ),
    ),
    Case(
        "EVT-START-DOUBLED",
        "The start twice",
        server="avatar_start_talking comes twice.",
        good="Takes it as one.",
        demand="succeed",
        plan=_event("event-doubled", type=_START),
        evidence=Evidence("inferred", "our guess: a sender that repeats what it is unsure of"),
    ),
    Case(
        "EVT-STOP-DOUBLED",
        "The end twice",
        server="avatar_stop_talking comes twice.",
        good="Takes it as one, also when the second comes after the next task began.",
        demand="succeed",
        plan=_event("event-doubled", type=_STOP),
        evidence=Evidence("observed", "public clients, 2025: long replies tell several ends"),
    ),
    Case(
        "EVT-START-MISSING",
        "The start is missing",
        server="avatar_start_talking never comes.",
        good="Goes by the end alone.",
        demand="succeed",
        plan=_event("event-missing", type=_START),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-STOP-MISSING",
        "The end is missing",
        server="avatar_stop_talking never comes.",
        good="Goes by the duration after a while, or says that the end was not told.",
        demand="either",
        plan=_event("event-missing", type=_STOP),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-STOP-LATE",
        "The end comes late",
        server="avatar_stop_talking comes 300 ms late.",
        good="Waits for it.",
        demand="succeed",
        plan=_event("event-late", type=_STOP, ms=300),
        evidence=Evidence("inferred", "RFC 9260, section 6.3: what is lost is sent again, later"),
    ),
    Case(
        "EVT-OUT-OF-ORDER",
        "The end before the start",
        server="avatar_start_talking comes after avatar_stop_talking.",
        good="Looks at both when they come.",
        demand="succeed",
        plan=_event("event-out-of-order", type=_START),
        evidence=Evidence("inferred", "RFC 8832, section 5.1: channels may be unordered"),
    ),
    Case(
        "EVT-WRONG-TASK",
        "The end of another task",
        server="A stop of a task that nobody gave comes right after the true start.",
        good="Compares task_id, and waits for its own.",
        demand="succeed",
        plan=_event("event-wrong-task", type=_START),
        evidence=Evidence("inferred", "our guess: another client speaks in the same session"),
    ),
    Case(
        "EVT-FOREIGN-STOP",
        "The end with another id",
        server="avatar_stop_talking has the id of a task that nobody gave.",
        good="Does not take it for its own: goes by the duration, or says so.",
        demand="either",
        plan=_event("event-wrong-task", type=_STOP, instead=True),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-NO-TASK-ID",
        "The start without an id",
        server="avatar_start_talking has no task_id.",
        good="Ignores it, or takes it for the only task.",
        demand="succeed",
        plan=_event("event-no-task-id", type=_START),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-TASK-ID-NULL",
        "The end with a null id",
        server="task_id of avatar_stop_talking is null.",
        good="Goes by the duration, or says that the end was not told.",
        demand="either",
        plan=_event("event-no-task-id", type=_STOP, form="null"),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-DURATION-ABSENT",
        "The end without a duration",
        server="avatar_stop_talking has no duration_ms.",
        good="Takes it as the end.",
        demand="succeed",
        plan=_event("event-odd-duration", type=_STOP, form="absent"),
        evidence=Evidence("official", "@heygen/streaming-avatar before 1.0.15: there is none"),
    ),
    Case(
        "EVT-DURATION-HUGE",
        "The end with an absurd duration",
        server="duration_ms of avatar_stop_talking is 1e300.",
        good="Does not sleep for it.",
        demand="either",
        plan=_event("event-odd-duration", type=_STOP, form="huge"),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-HUGE",
        "A large event",
        server="avatar_start_talking has 60,000 bytes.",
        good="Reads it.",
        demand="succeed",
        plan=_event("event-huge", type=_START),
        evidence=Evidence("inferred", "RFC 8841, section 6: 65,536 bytes without more being said"),
    ),
    Case(
        "EVT-TEXT",
        "An event as text",
        server="avatar_stop_talking is a text frame.",
        good="Reads it like a binary one.",
        demand="either",
        plan=_event("event-text", type=_STOP),
        evidence=Evidence(
            "inferred",
            "our guess: @heygen/streaming-avatar 1.0.16 expects text, and prints it",
        ),
    ),
    Case(
        "EVT-NOT-JSON",
        "An event that is no JSON",
        server="avatar_start_talking is cut in the middle.",
        good="Ignores it, and reads on.",
        demand="succeed",
        plan=_event("event-not-json", type=_START),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-EMPTY",
        "An empty message",
        server="An empty message comes in place of avatar_start_talking.",
        good="Ignores it, and reads on.",
        demand="succeed",
        plan=_event("event-not-json", type=_START, form="empty"),
        evidence=Evidence("inferred", "RFC 8831, section 6.6: empty messages are possible"),
    ),
    Case(
        "EVT-NOT-AN-OBJECT",
        "JSON that is no event",
        server="A JSON array comes in place of avatar_start_talking.",
        good="Ignores it, and reads on.",
        demand="succeed",
        plan=_event("event-not-an-event", type=_START, form="array"),
        evidence=_CHANNEL,
    ),
    Case(
        "EVT-INVALID-UTF8",
        "Bytes that are no text",
        server="avatar_start_talking has bytes that are no UTF-8.",
        good="Ignores it, and reads on.",
        demand="succeed",
        plan=_event("event-invalid-utf8", type=_START),
        evidence=_CHANNEL,
    ),
)
