"""A way to the viewer on which packets of one stream are lost, late, or not what they were."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from mock_server.core.faults.misplay import Acting, Misplay
from mock_server.core.faults.weather import Weather
from mock_server.rtc.streamer import SecurePath

_RTP_TIME = slice(4, 8)  # RFC 3550 section 5.1
_REPORT_TIME = slice(16, 20)  # section 6.4.1
_SENDER_REPORT = 200
_JUMP_MS = 5000


class CuttablePath(SecurePath, Protocol):
    """A way that can be cut: nothing comes or goes any more, and neither end is told."""

    def cut(self) -> None: ...


class OddPath:
    """Implements ``streamer.SecurePath`` around the right one. ``acting`` is set at each tick."""

    def __init__(self, stream: str, misplay: Misplay) -> None:
        self.acting: Acting = ()
        self._stream = stream
        self._rate = 90 if stream == "video" else 48
        self._used = misplay.used
        self._weather = Weather(stream)
        self._inner: CuttablePath | None = None
        self._free_at = 0.0
        self._jumps: dict[int, int] = {}

    def open(self, inner: CuttablePath) -> None:
        """From now on packets go along ``inner``."""
        self._inner = inner

    def close(self) -> None:
        """Sends nothing more, of what is late neither."""
        self._inner = None

    def cut(self) -> None:
        """Cuts the right way."""
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.cut()

    def send_rtp(self, packets: Iterable[bytes]) -> None:
        offset = self._offset()
        now: list[bytes] = []
        for packet in packets:
            data = _shifted(packet, _RTP_TIME, offset) if offset else packet
            fate = self._weather.fate(self.acting)
            for deviation in fate.due_to:
                self._used(deviation)
            late = self._late(fate.delay, waits=fate.waits)
            for _ in range(fate.copies):
                if late > 0:
                    asyncio.get_running_loop().call_later(late, self._send, (data,))
                else:
                    now.append(data)
        self._send(now)

    def send_rtcp(self, packet: bytes) -> None:
        offset = self._offset()
        if offset and packet[1] == _SENDER_REPORT:
            packet = _shifted(packet, _REPORT_TIME, offset)
        if self._inner is not None:
            self._inner.send_rtcp(packet)

    def _send(self, packets: Iterable[bytes]) -> None:
        if self._inner is not None:
            self._inner.send_rtp(packets)

    def _late(self, delay: float, *, waits: bool) -> float:
        """By how much; one that waits leaves after all before it that waited."""
        if not waits:
            return delay
        now = asyncio.get_running_loop().time()
        self._free_at = max(now + delay, self._free_at + 1e-6)
        return self._free_at - now

    def _offset(self) -> int:
        """How far RTP time has jumped: it never jumps back."""
        for one in self.acting:
            if one.do == "timestamp-jump" and one.get("stream", self._stream) == self._stream:
                self._used(one)
                self._jumps[one.at] = one.get("ms", _JUMP_MS) * self._rate
        return sum(self._jumps.values())


def _shifted(packet: bytes, place: slice, offset: int) -> bytes:
    time = int.from_bytes(packet[place], "big") + offset & 0xFFFFFFFF
    return packet[: place.start] + time.to_bytes(4, "big") + packet[place.stop :]
