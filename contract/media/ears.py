"""Hears what a room's data channels say, and hands it on as events of raw WebRTC come."""

from __future__ import annotations

from contract.media.peer import Listener
from contract.media.receiver import Receiver
from contract.rooms.packets import read_packet


class Ears:
    """A ``Listener`` before a :class:`Receiver`, which gets the packets' payloads."""

    def __init__(self, receiver: Receiver) -> None:
        self._inner: Listener = receiver
        self.wrong: list[str] = []
        """What was wrong with packets."""
        self.packets = 0

    def codec(self, kind: str, payload_type: int, name: str, clock_rate: int, /) -> None:
        """Hands it on."""
        self._inner.codec(kind, payload_type, name, clock_rate)

    def rtp(self, data: bytes, /) -> None:
        """Hands it on."""
        self._inner.rtp(data)

    def rtcp(self, data: bytes, /) -> None:
        """Hands it on."""
        self._inner.rtcp(data)

    def message(self, data: bytes | str, /) -> None:
        """Takes the packet apart."""
        packet = read_packet(data)
        self.packets += 1
        if packet.wrong is not None:
            self.wrong.append(packet.wrong)
        self._inner.message(packet.payload)

    def state(self, name: str, /) -> None:
        """Hands it on."""
        self._inner.state(name)
