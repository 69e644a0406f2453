"""Data packets that are not what they should be."""

from __future__ import annotations

from collections.abc import Callable

from livekit.protocol import metrics, models

from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.rooms import STRANGER
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.speech import Speech
from mock_server.livekit.odd_line import GARBAGE
from mock_server.peers import Peer

_FORMS = {
    "garbage": GARBAGE,
    "empty": b"",
    "no-payload": models.DataPacket(user=models.UserPacket()).SerializeToString(),
    "other": models.DataPacket(
        metrics=metrics.MetricsBatch(timestamp_ms=1), participant_identity=STRANGER
    ).SerializeToString(),
}


def packets(message: bytes, deviation: Deviation) -> list[bytes]:
    """What is sent in place of a packet."""
    match deviation.do:
        case "packet-malformed":
            odd = _FORMS[deviation["form"]]
            return [odd] if deviation.get("instead", False) else [odd, message]
        case "packet-lossy":
            packet = models.DataPacket.FromString(message)
            packet.kind = models.DataPacket.LOSSY
            return [packet.SerializeToString()]
        case "packet-from-stranger":
            return [_from(message, STRANGER, f"PA_{STRANGER}")]
        case "avatar-renamed":
            return [_from(message, deviation.get("identity", "avatar"), None)]
        case _:
            return [message]


def _from(message: bytes, identity: str, sid: str | None) -> bytes:
    packet = models.DataPacket.FromString(message)
    packet.participant_identity = packet.user.participant_identity = identity
    if sid is not None:
        packet.user.participant_sid = packet.participant_sid = sid
    return packet.SerializeToString()


class PacketPeer:
    """Implements ``peers.Peer``: the inner one, but for the packets that it sends.

    ``closed`` is called when it is closed.
    """

    def __init__(
        self,
        inner: Peer,
        deviations: tuple[Deviation, ...],
        *,
        used: Callable[[Deviation], None],
        closed: Callable[[], None],
    ) -> None:
        self._inner = inner
        self._deviations = deviations
        self._used = used
        self._closed = closed

    async def offer(self, *, media: bool = True) -> str:
        return await self._inner.offer(media=media)

    async def accept(self, answer: SessionDescription) -> None:
        await self._inner.accept(answer)

    async def answer(self, offer: SessionDescription) -> str:
        return await self._inner.answer(offer)

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        await self._inner.add_candidate(candidate)

    def show(self, speech: Speech | None) -> None:
        self._inner.show(speech)

    def send(self, message: bytes | str) -> None:
        if isinstance(message, str):  # made by a plan, and no packet
            self._inner.send(message)
            return
        sent = [message]
        for deviation in self._deviations:
            if sent != (changed := [p for one in sent for p in _tried(one, deviation)]):
                self._used(deviation)
                sent = changed
        for packet in sent:
            self._inner.send(packet)

    async def close(self) -> None:
        self._closed()
        await self._inner.close()


def _tried(message: bytes, deviation: Deviation) -> list[bytes]:
    # What one deviation has broken another cannot read.
    return [message] if message in _FORMS.values() else packets(message, deviation)
