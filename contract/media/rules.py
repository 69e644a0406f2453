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
    }
)  # fmt: skip
"""Scenario -> the rules it judges, the dearest scenario first."""

COST: Mapping[str, float] = MappingProxyType(
    {
        "talking": 3.6, "interrupting": 2.9, "queueing": 2.8, "h264": 2.0, "offering": 0.9,
        "high": 1.0, "default": 0.6,
    }
)  # fmt: skip
"""Seconds each takes when nothing is wrong."""

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
        "viewer-lost": None,
    }
)  # fmt: skip
"""Rule -> the operation that a violation is blamed on."""

RULES: frozenset[str] = frozenset().union(*SCENARIOS.values())
"""Every rule that the probe judges, beside those that the Monitor judges on its way."""


def scenarios_for(names: frozenset[str]) -> list[str]:
    """The cheapest scenario for each rule among ``names``; a scenario's own name means itself.

    Raises KeyError for a name that is neither.
    """
    chosen = set()
    for name in names:
        if name in SCENARIOS:
            chosen.add(name)
            continue
        fitting = [scenario for scenario, rules in SCENARIOS.items() if name in rules]
        if not fitting:
            raise KeyError(name)
        chosen.add(min(fitting, key=COST.__getitem__))
    return [name for name in SCENARIOS if name in chosen]
