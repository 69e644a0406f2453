"""A viewer over aiortc that connects, and looks at nothing."""

from __future__ import annotations

import threading

from contract.media.loop import MediaLoop
from contract.media.peer import Deaf, Peer

PATIENCE = 5.0
"""Seconds that ICE and DTLS may take."""


class Connector:
    """A ``Viewer``. At most ``max_connects`` connections come about in its life.

    Beyond that it still gives descriptions that fit, but nobody stands behind them.
    """

    def __init__(self, max_connects: int = 40, *, patience: float = PATIENCE) -> None:
        self.max_connects = max_connects
        self.attempts = 0
        """How many connections were awaited."""
        self.connects = 0
        """How many came about."""
        self.spent = False
        """Whether a connection was wanted beyond the limit."""
        self._patience = patience
        self._lock = threading.Lock()
        self._loop: MediaLoop | None = None
        self._peers: dict[str, Peer] = {}
        self._counted: set[str] = set()

    def answer(self, session_id: str, offer: str) -> str:
        """An answer that fits. Raises ValueError for an offer that cannot be answered."""
        peer = Peer(self._running(), Deaf())
        try:
            text = peer.answer(offer)
        except ValueError:
            peer.close()
            raise
        self._keep(session_id, peer)
        return text

    def offer(self, session_id: str) -> str:
        """An offer to receive video, audio and a data channel."""
        peer = Peer(self._running(), Deaf())
        text = peer.offer()
        self._keep(session_id, peer)
        return text

    def connected(self, session_id: str, answer: str | None = None) -> bool:
        """Whether both sides are done with ICE and DTLS in time; False once it is spent."""
        with self._lock:
            peer = self._peers.get(session_id)
        if peer is None:
            return False
        with self._lock:
            self.attempts += session_id not in self._counted
        if answer is not None:
            try:
                peer.take(answer)
            except ValueError:
                return False
        connected = peer.wait_connected(self._patience)
        if connected:
            peer.wait_heard()
        with self._lock:
            if connected and session_id not in self._counted:
                self._counted.add(session_id)
                self.connects += 1
        return connected

    def leave(self, session_id: str) -> None:
        """Closes the viewer's side; nothing happens when there is none."""
        with self._lock:
            peer = self._peers.pop(session_id, None)
            self._counted.discard(session_id)
        if peer is not None:
            peer.close()

    def close(self) -> None:
        """Closes all that is open, and ends the thread. It can be used again."""
        for session_id in list(self._peers):
            self.leave(session_id)
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.close()

    def _running(self) -> MediaLoop:
        with self._lock:
            if self._loop is None:
                self._loop = MediaLoop()
            return self._loop

    def _keep(self, session_id: str, peer: Peer) -> None:
        """Takes the place of what the session had; without a place left nobody is there."""
        self.leave(session_id)
        with self._lock:
            waiting = sum(known not in self._counted for known in self._peers)
            room = self.connects + waiting < self.max_connects
            if room:
                self._peers[session_id] = peer
            else:
                self.spent = True
        if not room:
            peer.close()
