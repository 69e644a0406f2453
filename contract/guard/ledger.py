"""Which sessions a guard has opened, and whether it may open another. Pure: time is a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.exchange import Headers
from contract.guard.config import MINIMUM_BILLED


@dataclass(frozen=True, slots=True)
class Held:
    """An open session; ``credentials`` are those that it was opened with, as clients send them."""

    number: int
    session_id: str
    since: float
    credentials: Headers = field(repr=False)


class Ledger:
    """The budget: how many sessions, how many minutes as billed, how many at once, how old."""

    def __init__(
        self,
        *,
        sessions: int | None = None,
        minutes: float | None = None,
        max_open: int | None = None,
        max_age: float | None = None,
    ) -> None:
        self._sessions = sessions
        self._seconds = None if minutes is None else minutes * 60
        self._max_open = max_open
        self._max_age = max_age
        self._open: dict[str, Held] = {}
        self._pending: set[int] = set()
        self._numbers = 0
        self._ended_seconds = 0.0
        self.opened = 0
        """Sessions that the service said it has opened, and such as it may have."""
        self.unanswered = 0
        """Of these, the ones whose id was never seen."""
        self.refused = 0

    @property
    def open(self) -> tuple[Held, ...]:
        """The open sessions, oldest first."""
        return tuple(self._open.values())

    @property
    def pending(self) -> int:
        """How many calls of newSession are under way."""
        return len(self._pending)

    @property
    def settled(self) -> bool:
        """Whether nothing can be left open."""
        return not (self._open or self._pending or self.unanswered)

    def refusal(self, now: float) -> str | None:
        """Why no further session may be opened; None when one may."""
        if self._sessions is not None and self.opened + self.pending >= self._sessions:
            return f"the budget of {self._sessions} sessions is spent"
        spent = self.billed(now) + (self.pending + 1) * MINIMUM_BILLED
        if self._seconds is not None and spent > self._seconds:
            return f"the budget of {self._seconds / 60:g} minutes is spent"
        return None

    def refuse(self) -> None:
        """Counts a call that was refused for the budget."""
        self.refused += 1

    def reserve(self) -> int:
        """A number for a call of newSession that is about to be made."""
        self._numbers += 1
        self._pending.add(self._numbers)
        return self._numbers

    def release(self, number: int) -> None:
        """The call opened nothing."""
        self._pending.discard(number)

    def lose(self, number: int) -> None:
        """The call may have opened a session whose id is not known; it stays counted."""
        self._pending.discard(number)
        self.opened += 1
        self.unanswered += 1
        self._ended_seconds += MINIMUM_BILLED

    def hold(self, number: int, session_id: str, now: float, credentials: Headers) -> None:
        """The call opened a session."""
        self._pending.discard(number)
        self.opened += 1
        self._open[session_id] = Held(number, session_id, now, credentials)

    def end(self, session_id: str, now: float) -> bool:
        """The session has ended; False for one that was not open."""
        held = self._open.pop(session_id, None)
        if held is None:
            return False
        self._ended_seconds += max(MINIMUM_BILLED, now - held.since)
        return True

    def excess(self) -> tuple[Held, ...]:
        """The oldest sessions, which must go before the calls under way may be made."""
        if self._max_open is None:
            return ()
        return self.open[: max(0, len(self._open) + self.pending - self._max_open)]

    def overdue(self, now: float) -> tuple[Held, ...]:
        """The sessions that have been open for too long, or for too long together."""
        if self._seconds is not None and self.billed(now) > self._seconds:
            return self.open
        age = self._max_age
        return tuple(held for held in self.open if age is not None and now - held.since >= age)

    def billed(self, now: float) -> float:
        """Seconds of session time, at least half a minute for each session."""
        running = (max(MINIMUM_BILLED, now - held.since) for held in self._open.values())
        return self._ended_seconds + sum(running)
