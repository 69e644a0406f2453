"""What one run of a client came to: how it ended, and what the fake's journal says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.clients.plan import Plan
from contract.clients.runner import Ended
from contract.clients.traces import Trace, find_traces

_BY_ITSELF = ("idle timeout", "duration limit", "closed by the server", "crashed")
"""How a session's ``closed_because`` begins when no client had a part in its end."""

OVER = frozenset({10005, 10006, 400004})
"""The codes of session-closed, session-not-found and session-unknown in ``x-errors``."""

_ROUNDING = 1
"""Milliseconds by which a speech may end before its duration."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that the fake answered. Times are in seconds since the run began.

    ``faults`` are the places in the plan of what was applied to it. ``learned`` is False where
    the answer to newSession did not tell the client its session.
    """

    operation: str | None
    method: str
    path: str
    status: int | None
    began: float
    ended: float
    session_id: str | None = None
    faults: tuple[int, ...] = ()
    retry_after: float | None = None
    delivered: bool = True
    learned: bool = True
    code: int | None = None

    @property
    def data(self) -> dict[str, Any]:
        """As reports have it."""
        return {
            "t": round(self.began, 3),
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "faults": list(self.faults),
        }


@dataclass(frozen=True, slots=True)
class Life:
    """One session, as the fake remembers it. ``timeline`` entries have ``t`` and ``event``."""

    session_id: str
    status: str
    closed_because: str
    timeline: tuple[Mapping[str, Any], ...] = ()

    @property
    def ended_by_itself(self) -> bool:
        """Whether the server ended it, by a timer or because the plan said so."""
        return self.closed_because.startswith(_BY_ITSELF)

    def events(self, name: str) -> list[Mapping[str, Any]]:
        """The timeline's entries of that name."""
        return [entry for entry in self.timeline if entry["event"] == name]

    def reached(self, status: str) -> bool:
        """Whether it ever was in that state."""
        return any(entry.get("status") == status for entry in self.events("state"))


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What the fake knows after a run: calls in the order of their answers, sessions, and the
    places in the plan of deviations that were never applied.

    ``total`` counts all requests; of very many the fake keeps the last.
    """

    calls: tuple[Call, ...] = ()
    sessions: tuple[Life, ...] = ()
    unused: tuple[int, ...] = ()
    total: int = 0

    @property
    def by_operation(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(call.operation for call in self.calls if call.operation is not None)


@dataclass(frozen=True, slots=True)
class Milestones:
    """How far a client came, by the fake's journal alone.

    ``opened``, ``started`` and ``connected`` count sessions, ``accepted`` tasks, ``spoken``
    speeches that ran to their end, ``ended`` sessions that were stopped by the client.
    """

    opened: int = 0
    started: int = 0
    connected: int = 0
    accepted: int = 0
    spoken: int = 0
    ended: int = 0

    def missing(self, healthy: Milestones) -> tuple[str, ...]:
        """What the healthy run came to and this did not, in words."""
        words = (
            ("opened", "opened no session", "opened {} sessions of {}"),
            ("started", "started no session", "started {} sessions of {}"),
            ("connected", "connected no session", "connected {} sessions of {}"),
            ("accepted", "had no task accepted", "had {} tasks of {} accepted"),
            ("spoken", "heard no speech to its end", "heard {} speeches of {} to their end"),
        )
        found = []
        for name, none, some in words:
            mine, theirs = getattr(self, name), getattr(healthy, name)
            if mine < theirs:
                found.append(some.format(mine, theirs) if mine else none)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of a client with one plan."""

    plan: Plan
    ended: Ended
    after: Aftermath

    @property
    def consumed(self) -> bool:
        """Whether every deviation of the plan was applied."""
        return not self.after.unused

    @property
    def milestones(self) -> Milestones:
        """How far the client came."""
        return milestones_of(self.after)

    @property
    def errors(self) -> tuple[Trace, ...]:
        """The errors that nobody handled: those the runner saw, and traces in the output."""
        ended = self.ended
        failed = ended.stopped is None and ended.status not in (0, None)
        seen = [Trace(one.signature, one.text) for one in ended.complaints if one.of == "error"]
        return (*seen, *find_traces(ended.output, failed=failed))

    @property
    def left_open(self) -> tuple[Life, ...]:
        """The sessions that the client should have stopped."""
        return left_open(self.after)


def left_open(after: Aftermath) -> tuple[Life, ...]:
    """The sessions that the client knew of and did not try to stop, while the server neither
    ended them nor told it that they had ended.

    A viewer that merely goes away still leaves its session open: the service waits for it.
    """
    learned = {
        call.session_id
        for call in after.calls
        if call.operation == "newSession"
        and call.status is not None
        and 200 <= call.status < 300
        and call.learned
        and call.delivered
    }
    settled = stops(after.calls) | _told_over(after.calls)
    return tuple(
        life
        for life in after.sessions
        if life.session_id in learned - settled
        and not life.ended_by_itself
        and not life.closed_because.startswith("stopped")
    )


def stops(calls: Sequence[Call]) -> frozenset[str]:
    """The sessions that the client tried to stop. A stop that was refused counts as tried."""
    return frozenset(
        call.session_id
        for call in calls
        if call.operation == "stopSession" and call.session_id is not None
    )


def _told_over(calls: Sequence[Call]) -> frozenset[str]:
    """The sessions of which an answer said that they have ended, or are not known."""
    return frozenset(
        call.session_id
        for call in calls
        if call.session_id is not None and call.delivered and call.code in OVER
    )


def milestones_of(after: Aftermath) -> Milestones:
    """How far a client came."""
    tried = stops(after.calls)
    sessions = after.sessions
    return Milestones(
        opened=len(sessions),
        started=sum(life.reached("connecting") or life.reached("connected") for life in sessions),
        connected=sum(life.reached("connected") for life in sessions),
        accepted=sum(len(life.events("task")) for life in sessions),
        spoken=sum(_spoken(life) for life in sessions),
        ended=sum(
            life.session_id in tried or life.closed_because.startswith("stopped")
            for life in sessions
        ),
    )


def _spoken(life: Life) -> int:
    """How many of its tasks were spoken to the end."""
    wanted = {entry.get("task_id"): entry.get("duration_ms", 0) for entry in life.events("task")}
    return sum(
        entry.get("duration_ms", 0) >= wanted[entry.get("task_id")] - _ROUNDING
        for entry in life.events("avatar_stop_talking")
        if entry.get("task_id") in wanted
    )
