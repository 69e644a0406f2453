"""Seats in rooms with a connection of aiortc each, which looks at nothing."""

from __future__ import annotations

from contract.media.loop import MediaLoop
from contract.media.peer import Deaf, Peer
from contract.subject import Publisher, Seat
from contract.viewers.publisher import DataPublisher


class PeerSeat:
    """A ``Seat``."""

    def __init__(self, loop: MediaLoop) -> None:
        self._peer = Peer(loop, Deaf())

    def answer(self, offer: str) -> str:
        """An answer that receives what is offered. Raises ValueError."""
        return self._peer.answer(offer, bare=True)

    def is_up(self, seconds: float) -> bool:
        """Whether ICE and DTLS are done, at the latest after so many seconds, and media came."""
        return self._peer.wait_connected(seconds) and self._peer.wait_heard(seconds)

    def close(self) -> None:
        """Says goodbye. May be called twice."""
        self._peer.close()


class PeerSeats:
    """Implements ``contract.viewers.rooms.Seats``, on one event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop: MediaLoop | None = None

    def __call__(self, session_id: str) -> Seat:
        return PeerSeat(self._running())

    def publisher(self) -> Publisher:
        """What a viewer sends data by."""
        return DataPublisher(self._running())

    def close(self) -> None:
        """Ends the thread; all seats must have been closed. It can be used again."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()

    def _running(self) -> MediaLoop:
        if self._loop is None:
            self._loop = MediaLoop()
        return self._loop
