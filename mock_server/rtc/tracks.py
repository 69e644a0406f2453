"""Tracks of pre-encoded packets on aiortc's public interface alone.

The pump is cheaper by half and hears what viewers miss; these serve where it cannot, with a
version of aiortc that the adapter does not know.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet

from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.rtc.streamer import Performance

_KEY_EVERY = 50  # frames; nobody tells this track that a viewer lacks one
_TOO_LATE = 0.25


class SilentTrack(MediaStreamTrack):
    """Stands for a stream whose packets the pump sends: it gives none."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()
        self._ended = asyncio.Event()

    async def recv(self) -> Packet[Any]:
        await self._ended.wait()
        raise MediaStreamError

    def stop(self) -> None:
        super().stop()
        self._ended.set()


class _Grid:
    """Due times ``step`` seconds apart, in step with the loop's clock; late ones are left out."""

    def __init__(self, step: float) -> None:
        self._step = step
        self._loop = asyncio.get_running_loop()
        self._number = math.floor(self._loop.time() / step)
        self.first = self._number

    async def next(self) -> tuple[int, float]:
        """Waits for the next number, and gives it with the time it was due."""
        self._number += 1
        due = self._number * self._step
        now = self._loop.time()
        if now - due > _TOO_LATE:
            self._number = math.ceil(now / self._step)
            due = self._number * self._step
        await asyncio.sleep(max(0.0, due - now))
        return self._number - self.first, due


class VideoTrack(MediaStreamTrack):
    """Frames of an atlas, 25 per second; none until there is an atlas."""

    kind = "video"

    def __init__(self, performance: Performance, clock: Callable[[float], float]) -> None:
        super().__init__()
        self.performance = performance
        self._clock = clock
        self._grid: _Grid | None = None
        self._atlas: Atlas | H264Atlas | None = None
        self._ready = asyncio.Event()
        self._sent = 0

    def use(self, atlas: Atlas | H264Atlas) -> None:
        """The pictures to send, in the codec that was negotiated."""
        self._atlas = atlas
        self._ready.set()

    async def recv(self) -> Packet[Any]:
        await self._ready.wait()
        if self.readyState != "live" or self._atlas is None:
            raise MediaStreamError
        if self._grid is None:
            self._grid = _Grid(1 / 25)
        number, due = await self._grid.next()
        state = self.performance.state(self._clock(due))
        if isinstance(self._atlas, H264Atlas):
            data = self._atlas.frame(state, self._sent % 2)
        elif self._sent % _KEY_EVERY == 0:
            data = self._atlas.key_frame
        else:
            data = self._atlas.frame(state)
        self._sent += 1
        return _packet(data, number * 3600, 90000)

    def stop(self) -> None:
        super().stop()
        self._ready.set()


class AudioTrack(MediaStreamTrack):
    """Opus packets, 50 per second."""

    kind = "audio"

    def __init__(self, performance: Performance, clock: Callable[[float], float]) -> None:
        super().__init__()
        self.performance = performance
        self._clock = clock
        self._grid: _Grid | None = None

    async def recv(self) -> Packet[Any]:
        if self.readyState != "live":
            raise MediaStreamError
        if self._grid is None:
            self._grid = _Grid(1 / 50)
        number, due = await self._grid.next()
        return _packet(self.performance.packet(self._clock(due)), number * 960, 48000)


def _packet(data: bytes, pts: int, rate: int) -> Packet[Any]:
    packet: Packet[Any] = Packet(data)
    packet.pts = pts
    packet.time_base = Fraction(1, rate)
    return packet
