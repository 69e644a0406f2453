"""Which rooms there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mock_server.livekit.room import LiveRoom
from mock_server.peers import Listener, PeerFactory, PeerNews, PeerSpec

CHANNELS = ("_lossy", "_reliable")
"""Labels of the data channels that LiveKit clients look for (livekit-client 2.11, RTCEngine)."""


class LiveRooms:
    """Makes and finds rooms; implements ``peers.RoomFactory``.

    ``edit`` may change or drop each signalling message; ``now`` is in Unix seconds.
    """

    def __init__(
        self, peers: PeerFactory, *, edit: Callable[[str, Any], Any], now: Callable[[], float]
    ) -> None:
        self._peers = peers
        self._edit = edit
        self._now = now
        self._rooms: dict[str, LiveRoom] = {}

    def __call__(
        self,
        spec: PeerSpec,
        notify: Callable[[PeerNews], None],
        *,
        note: Callable[[str, dict[str, str | float]], None],
        listen: Callable[[], Listener],
    ) -> LiveRoom:
        name = spec.session_id
        room = self._rooms[name] = LiveRoom(
            replace(spec, channels=CHANNELS),
            notify,
            note=note,
            listen=listen,
            peers=self._peers,
            edit=self._edit,
            now=self._now,
            closed=lambda: self._forget(name),
        )
        return room

    def find(self, name: str) -> LiveRoom | None:
        """The open room of that name."""
        return self._rooms.get(name)

    def _forget(self, name: str) -> None:
        self._rooms.pop(name, None)

    async def close(self) -> None:
        """Nothing is shared: the peers are closed by who made their factory."""
