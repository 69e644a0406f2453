"""Which scenario of the probe judges which rule, and which call each rule is about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STREAM = frozenset(
    {"media-rate", "media-continuity", "media-decodes", "new-encoding", "new-quality-size"}
)
"""What any picture shows."""

SCENARIOS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "talking": STREAM
        | {
            "start-answer", "media-silence", "media-voice", "media-moves", "media-lips",
            "media-key-frame", "media-ends", "events-binary", "events-on-time",
            "events-duration", "task-events", "task-duration", "interrupt-silent", "stop-ends",
            "new-emotion-shown",
        },
        "interrupting": frozenset(
            {
                "start-answer", "media-voice", "events-binary", "interrupt-silences",
                "interrupt-in-time", "media-decodes", "new-avatar-shown", "new-emotion-shown",
                "new-encoding", "new-quality-size",
            }
        ),
        "queueing": STREAM
        | {
            "start-answer", "media-silence", "media-voice", "events-binary", "events-duration",
            "task-events", "task-queue", "new-avatar-shown", "new-emotion-shown",
        },
        "h264": STREAM
        | {"start-answer", "media-key-frame", "new-avatar-shown", "new-emotion-shown"},
        "offering": STREAM | {"start-offer", "viewer-lost", "stop-after-leaving"},
        "high": STREAM | {"start-answer", "new-emotion-shown"},
        "default": frozenset({"start-answer", "new-default-avatar", "media-decodes"}),
        "room": (STREAM - {"new-encoding"})
        | {
            "room-connects", "room-encoding", "room-packets", "room-events", "room-messages",
            "media-silence", "media-voice", "media-moves", "media-lips", "media-key-frame",
            "media-ends", "events-on-time", "events-duration", "task-events", "stop-ends",
            "new-avatar-shown", "new-emotion-shown",
        },
        "viewers": STREAM
        | {
            "room-connects", "room-packets", "media-voice", "interrupt-silences",
            "interrupt-in-time",
        },
    }
)  # fmt: skip
"""Scenario -> the rules it judges, the dearest scenario first."""

SHOWN_BEST: Mapping[str, str] = MappingProxyType(
    {
        "start-answer": "high", "start-offer": "offering",
        "new-quality-size": "high", "new-encoding": "h264", "new-avatar-shown": "h264",
        "new-emotion-shown": "high", "new-default-avatar": "default",
        "media-rate": "high", "media-continuity": "talking", "media-decodes": "high",
        "media-silence": "talking", "media-voice": "queueing", "media-moves": "talking",
        "media-lips": "talking", "media-key-frame": "talking", "media-ends": "talking",
        "events-binary": "queueing", "events-on-time": "talking", "events-duration": "queueing",
        "task-events": "queueing", "task-queue": "queueing", "task-duration": "talking",
        "interrupt-silent": "talking", "interrupt-silences": "interrupting",
        "interrupt-in-time": "interrupting",
        "room-connects": "viewers", "room-encoding": "room", "room-packets": "room",
        "room-events": "room", "room-messages": "room",
        "stop-ends": "talking", "viewer-lost": "offering", "stop-after-leaving": "offering",
    }
)  # fmt: skip
"""Rule -> the scenario that shows it best, and soon."""

OPERATIONS: Mapping[str, str | None] = MappingProxyType(
    {
        "media-rate": None, "media-continuity": None, "media-decodes": None,
        "media-silence": None, "media-key-frame": None, "media-moves": None, "media-lips": None,
        "media-voice": "sendTask", "media-ends": "stopSession",
        "new-encoding": "newSession", "new-quality-size": "newSession",
        "new-avatar-shown": "newSession", "new-default-avatar": "newSession",
        "new-emotion-shown": "newSession",
        "start-answer": "startSession", "start-offer": "startSession",
        "events-binary": "sendTask", "events-on-time": "sendTask", "events-duration": "sendTask",
        "task-events": "sendTask", "task-duration": "sendTask", "task-queue": "sendTask",
        "interrupt-silent": "interruptTask", "interrupt-silences": "interruptTask",
        "interrupt-in-time": "interruptTask",
        "stop-ends": "stopSession", "stop-after-leaving": "stopSession",
        "viewer-lost": None, "room-connects": "sendTask", "room-packets": None,
        "room-encoding": "newSession",
        "room-events": "sendTask", "room-messages": "sendTask",
    }
)  # fmt: skip
"""Rule -> the operation that a violation is blamed on."""

RULES: frozenset[str] = frozenset().union(*SCENARIOS.values())
"""Every rule that the probe judges, beside those that the Monitor judges on its way."""


def scenarios_for(names: frozenset[str]) -> list[str]:
    """The scenario that shows each rule among ``names`` best; a scenario's name means itself.

    Raises KeyError for a name that is neither.
    """
    chosen = {name if name in SCENARIOS else SHOWN_BEST[name] for name in names}
    return [name for name in SCENARIOS if name in chosen]
