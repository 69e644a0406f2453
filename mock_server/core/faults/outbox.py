"""The messages of one session that do not go out at once."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field

from mock_server.core.faults.messages import Message, Outgoing

MAX_LATE = 1000
"""Late messages kept for one session; those past it are lost."""


@dataclass(frozen=True, slots=True, order=True)
class _Late:
    due: float
    message: Message = field(compare=False)


class Outbox:
    """Keeps late messages until they are due, and held ones until the next event was sent.

    Times are seconds on the fake's clock.
    """

    __slots__ = ("_held", "_late")

    def __init__(self) -> None:
        self._late: list[_Late] = []
        self._held: tuple[Outgoing, ...] = ()

    @property
    def due(self) -> float | None:
        """When :meth:`take` has something to give; None when nothing is late."""
        return self._late[0].due if self._late else None

    def post(self, messages: Iterable[Outgoing], now: float) -> list[Message]:
        """Takes the messages of an event: what is to be sent at once, in order."""
        given = tuple(messages)
        ready = (*(one for one in given if not one.held), *self._held)
        self._held = tuple(one for one in given if one.held)
        for one in ready:
            if one.late_ms and len(self._late) < MAX_LATE:
                bisect.insort(self._late, _Late(now + one.late_ms / 1000, one.message))
        return [one.message for one in ready if not one.late_ms]

    def take(self, now: float) -> list[Message]:
        """The late messages that are due, the first of them first."""
        count = bisect.bisect_right(self._late, now, key=lambda late: late.due)
        taken, self._late = self._late[:count], self._late[count:]
        return [late.message for late in taken]

    def clear(self) -> None:
        """Forgets all: nobody is there to get it."""
        self._late, self._held = [], ()
