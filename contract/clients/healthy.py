"""What a client does when nothing is wrong: the measure for all that follows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from contract.clients.outcome import Milestones, Outcome

STORM = 60
"""Requests that are no storm yet, however few a client makes when healthy."""
POLLED = 5
"""Calls of one operation in a healthy run from which on it counts as polled."""


@dataclass(frozen=True, slots=True)
class Healthy:
    """What the client does when nothing is wrong; of several runs the slowest and the most.

    ``traces`` are signatures of errors that it reports even then.
    """

    seconds: float = 0.0
    requests: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    """Those on the data channel, by their type."""
    visits: int = 0
    """To rooms of v2, by the journal."""
    chats: int = 0
    """Chat sockets that it opened."""
    milestones: Milestones = field(default_factory=Milestones)
    traces: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    """Operations that were answered 5xx, which the client must have asked for."""

    def storm_in(self, seconds: float) -> int:
        """The number of requests above which a run of so many seconds is a storm."""
        return max(STORM, 3 * self.requests) + sum(self.polls(one, seconds) for one in self.calls)

    def polls(self, operation: str, seconds: float) -> int:
        """How many calls more a longer run has of an operation that the client polls.

        Who polls when healthy goes on polling while it waits for a slow server.
        """
        calls = self.calls[operation]
        if calls < POLLED or seconds <= self.seconds or not self.seconds:
            return 0
        return math.ceil(calls * (seconds / self.seconds - 1))


def healthy_of(outcomes: Sequence[Outcome]) -> Healthy:
    """What runs with the empty plan have in common."""
    calls: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for outcome in outcomes:
        calls |= outcome.after.by_operation
        events |= Counter(
            entry["event"]
            for life in outcome.after.sessions
            for entry in life.timeline
            if entry["event"].startswith("avatar_")
        )
    return Healthy(
        seconds=max(outcome.ended.seconds for outcome in outcomes),
        requests=max(outcome.after.total for outcome in outcomes),
        calls=calls,
        events=events,
        visits=max(_noted(outcome, "viewer_joined") for outcome in outcomes),
        chats=max(_noted(outcome, "chat_opened") for outcome in outcomes),
        milestones=_least([outcome.milestones for outcome in outcomes]),
        traces=frozenset(trace.signature for one in outcomes for trace in one.errors),
        refused=frozenset(
            call.operation
            for outcome in outcomes
            for call in outcome.after.calls
            if call.operation is not None and (call.status or 0) >= 500
        ),
    )


def _noted(outcome: Outcome, event: str) -> int:
    """How often it is in the time lines of the run's sessions."""
    return sum(len(life.events(event)) for life in outcome.after.sessions)


def _least(milestones: Sequence[Milestones]) -> Milestones:
    """What every run came to: a client that differs from run to run is not blamed for it."""
    names = Milestones.__dataclass_fields__
    return Milestones(**{name: min(getattr(one, name) for one in milestones) for name in names})
