"""A guest in a room whose messages are read and answered in a thread of its own."""

from __future__ import annotations

import threading

from contract.media.ears import Ears
from contract.media.peer import Peer
from contract.rooms.guest import Guest
from contract.wire import Dial

_LOOK_EVERY = 0.2


class Attendance:
    """Joins at once. Raises RefusedError."""

    def __init__(self, dial: Dial, url: str, token: str, *, peer: Peer, ears: Ears) -> None:
        self.ears = ears
        self._guest = Guest(dial, url, token, answer=lambda offer: peer.answer(offer, bare=True))
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="contract-room", daemon=True)
        self._thread.start()

    @property
    def joined(self) -> bool:
        """Whether the room has said who is there."""
        return self._guest.join is not None

    @property
    def shown(self) -> bool:
        """Whether an offer of the avatar's tracks was answered."""
        return self._guest.shown

    def close(self) -> None:
        """Leaves the room. May be called twice."""
        self._left.set()
        self._thread.join()
        self._guest.close()

    def _attend(self) -> None:
        while not self._left.is_set() and self._guest.ended_at is None:
            self._guest.attend(lambda _: self._left.is_set(), _LOOK_EVERY)
