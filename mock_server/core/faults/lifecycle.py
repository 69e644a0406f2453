"""Lives of sessions that end before their time, or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from mock_server.core.faults.kind import AT_MS, Kind, whole
from mock_server.core.faults.plan import Deviation

CLOSED, IDLE, LIMIT = "closed by the server", "idle timeout", "duration limit"
"""Why a session ended; the last two are also what its own timers say."""


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """A session ends ``after`` seconds since it ``connected``, or since its first speech began."""

    reason: str
    since: Literal["connected", "talking"]
    after: float
    deviation: Deviation

    def due(self, *, connected_at: float | None, talking_at: float | None) -> float | None:
        """When, on the fake's clock; None while it is not known yet."""
        begin = connected_at if self.since == "connected" else talking_at
        return None if begin is None else begin + self.after


def early_ends(deviations: Iterable[Deviation]) -> tuple[EarlyEnd, ...]:
    """The ends of a session to which these deviations on ``session`` apply."""
    return tuple(_ENDS[one.do](one) for one in deviations if one.do in _ENDS)


def _at(reason: str) -> Callable[[Deviation], EarlyEnd]:
    return lambda one: EarlyEnd(reason, "connected", one["at_ms"] / 1000, one)


_ENDS: Mapping[str, Callable[[Deviation], EarlyEnd]] = {
    "session-closed": _at(CLOSED),
    "session-closed-talking": lambda one: EarlyEnd(CLOSED, "talking", one["after_ms"] / 1000, one),
    "idle-timeout": _at(IDLE),
    "duration-limit": _at(LIMIT),
}

LIST_STALE = Kind(
    "list-stale",
    "events",
    ("listSessions",),
    "the list still shows sessions that have ended as connected",
    weight=2,
    every=True,
)
STOP_IGNORED = Kind(
    "stop-ignored",
    "events",
    ("stopSession",),
    "the stop is answered with success, and the session goes on and costs",
    weight=2,
)

KINDS: tuple[Kind, ...] = (
    LIST_STALE,
    STOP_IGNORED,
    Kind(
        "idle-timeout",
        "events",
        ("session",),
        "the session ends as if nothing had been asked of it for too long",
        weight=4,
        parameters={"at_ms": AT_MS},
        required=("at_ms",),
        trials=({"at_ms": 400},),
    ),
    Kind(
        "duration-limit",
        "events",
        ("session",),
        "the session ends as if its longest duration were over",
        weight=4,
        parameters={"at_ms": AT_MS},
        required=("at_ms",),
        trials=({"at_ms": 400},),
    ),
    Kind(
        "session-closed-talking",
        "events",
        ("session",),
        "the server closes the session a while after the avatar first began to speak",
        weight=4,
        parameters={
            "after_ms": whole("milliseconds since its first speech began", low=0, high=86_400_000)
        },
        required=("after_ms",),
        trials=({"after_ms": 200}, {"after_ms": 0}),
    ),
    Kind(
        "session-closed",
        "events",
        ("session",),
        "the server closes the session: its peer connection, and its place in the list",
        weight=5,
        parameters={"at_ms": AT_MS},
        required=("at_ms",),
        trials=({"at_ms": 300}, {"at_ms": 0}),
    ),
)
