"""Viewers in rooms: on paper, or with a connection behind the answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from livekit.protocol import rtc

from contract.rooms.guest import Guest
from contract.subject import Publisher, Seat
from contract.viewers.paper import write_answer
from contract.wire import Dial, RefusedError

PATIENCE = 5.0
"""Seconds that an offer and a connection may take."""


class Seats(Protocol):
    """Makes seats, for one session after the other."""

    def __call__(self, session_id: str) -> Seat: ...

    def publisher(self) -> Publisher | None: ...

    def close(self) -> None: ...


class PaperSeat:
    """Answers that fit, with nobody behind them."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id

    def answer(self, offer: str) -> str:
        """An answer that receives what is offered. Raises ValueError."""
        return write_answer(self._session_id, offer)

    def is_up(self, seconds: float) -> bool:
        """Whoever takes paper for a connection has one."""
        return True

    def close(self) -> None:
        """Nothing is open."""


class PaperSeats:
    """Seats of paper."""

    def __call__(self, session_id: str) -> Seat:
        return PaperSeat(session_id)

    def publisher(self) -> None:
        """Nothing is sent by paper."""

    def close(self) -> None:
        """There is nothing to put away."""


@dataclass(slots=True)
class _Visitor:
    guest: Guest
    seat: Seat


class RoomViewers:
    """A ``RoomViewer``. Not thread-safe."""

    def __init__(
        self,
        dial: Dial,
        *,
        seats: Seats | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``seats`` are of paper unless given."""
        self._dial = dial
        self._seats = seats or PaperSeats()
        self._clock = clock
        self._visitors: dict[str, _Visitor] = {}
        self._pings = 0

    @property
    def dial(self) -> Dial:
        """Opens WebSockets, for who wants to sit in a room otherwise."""
        return self._dial

    def seat(self, session_id: str) -> Seat:
        """What stands behind such a one's answers."""
        return self._seats(session_id)

    def publisher(self) -> Publisher | None:
        """What such a one sends data by; None where nobody stands behind the answers."""
        return self._seats.publisher()

    def enter(self, session_id: str, url: str, token: str) -> bool:
        """Joins the room of a session, in the place of who sits there; whether it was let in."""
        self.leave(session_id)
        seat = self._seats(session_id)
        try:
            guest = Guest(self._dial, url, token, answer=seat.answer, clock=self._clock)
        except RefusedError:
            seat.close()
            return False
        self._visitors[session_id] = _Visitor(guest, seat)
        return guest.attend(lambda it: it.join is not None, PATIENCE)

    def connected(self, session_id: str) -> bool:
        """Whether the avatar was offered and is received, after waiting a few seconds."""
        visitor = self._visitors.get(session_id)
        if visitor is None:
            return False
        guest = visitor.guest
        if not guest.attend(lambda it: it.shown, PATIENCE):
            return False
        self._await_heed(guest)
        return visitor.seat.is_up(PATIENCE)

    def leave(self, session_id: str) -> None:
        """Leaves the room; nothing happens for who is not in it."""
        visitor = self._visitors.pop(session_id, None)
        if visitor is not None:
            visitor.guest.say(rtc.SignalRequest(leave=rtc.LeaveRequest()))
            visitor.guest.close()
            visitor.seat.close()

    def close(self) -> None:
        """Leaves all rooms."""
        for session_id in list(self._visitors):
            self.leave(session_id)
        self._seats.close()

    def _await_heed(self, guest: Guest) -> None:
        """Until all that was said has been heard: what is said last is answered last."""
        self._pings += 1
        number = self._pings
        guest.say(rtc.SignalRequest(ping_req=rtc.Ping(timestamp=number)))
        guest.attend(
            lambda it: any(
                each.pong_resp.last_ping_timestamp == number for each in it.all_of("pong_resp")
            ),
            PATIENCE,
        )
