"""Writes down what arrives at one viewer."""

from __future__ import annotations

from collections.abc import Callable

from aiortc.rtp import RtcpPacket, RtcpSrPacket

from contract.media import machine
from contract.media.loop import TICK, MediaLoop
from contract.media.packets import Packet, parse_rtp
from contract.media.recording import Codec, Message, Recording, Report

_NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970 (RFC 5905 section 6)


class Receiver:
    """A ``Listener``. It is written to in the loop's thread and read from any."""

    def __init__(
        self, loop: MediaLoop, *, waited: Callable[[], float | None] = machine.waited
    ) -> None:
        self._loop = loop
        self._codecs: dict[int, Codec] = {}
        self._reports: list[Report] = []
        self.packets: list[Packet] = []
        self.messages: list[Message] = []
        self.closed_at: float | None = None
        self._began = loop.now()
        self._count_waited = waited
        self._waited = waited()

    def codec(self, kind: str, payload_type: int, name: str, clock_rate: int, /) -> None:
        """Learns what a payload type means."""
        self._codecs[payload_type] = Codec(kind, name.upper(), clock_rate)

    def rtp(self, data: bytes, /) -> None:
        """Notes a packet; what is none is left out."""
        packet = parse_rtp(data, self._loop.now())
        if packet is not None:
            self.packets.append(packet)

    def rtcp(self, data: bytes, /) -> None:
        """Notes the sender reports."""
        try:
            packets = RtcpPacket.parse(data)
        except ValueError:
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                info = packet.sender_info
                wall = info.ntp_timestamp / 2**32 - _NTP_EPOCH
                self._reports.append(Report(packet.ssrc, wall, info.rtp_timestamp))

    def message(self, data: bytes | str, /) -> None:
        """Notes a message of a data channel."""
        self.messages.append(Message(self._loop.now(), data))

    def state(self, name: str, /) -> None:
        """Notes when the connection has ended."""
        if name in {"closed", "failed"} and self.closed_at is None:
            self.closed_at = self._loop.now()

    def kind(self, packet: Packet) -> str | None:
        """Video or audio; None when it is not known."""
        codec = self._codecs.get(packet.payload_type)
        return codec and codec.kind

    def recording(self) -> Recording:
        """All that arrived so far."""
        return Recording(
            codecs=dict(self._codecs),
            packets=tuple(self.packets),
            reports=tuple(self._reports),
            messages=tuple(self.messages),
            closed_at=self.closed_at,
            late=self._loop.late(self._began),
            crowded=self._crowded(),
        )

    def _crowded(self) -> float:
        before, after = self._waited, self._count_waited()
        if before is None or after is None:
            return 0.0
        return (after - before) / max(self._loop.now() - self._began, TICK)
