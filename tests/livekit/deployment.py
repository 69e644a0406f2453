"""A fake's own room in place of a LiveKit deployment: it takes what another fake publishes there.

It is no SFU: nobody in the room gets what another one sends. What arrives is kept instead.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from livekit.protocol import models

from mock_server import Stamp, decode_stamp
from mock_server.livekit import messages
from mock_server.peers import Hearing, Peer, PeerFactory, PeerNews, PeerSpec, Publisher
from mock_server.rtc.factory import RtcPeerFactory

PATIENCE = 15.0
"""Seconds until a test gives up on what should come soon."""


@dataclass(frozen=True, slots=True)
class Picture:
    at: float
    size: tuple[int, int]
    stamp: Stamp | None


class Arrivals:
    """What came from the publisher, with the time it came at (monotonic)."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.levels: list[tuple[float, float]] = []
        self.events: list[tuple[float, dict[str, Any]]] = []
        self.senders: set[str] = set()
        self._news = threading.Condition()

    def keep(self, where: list[Any], what: object) -> None:
        with self._news:
            where.append(what)
            self._news.notify_all()

    def until(self, condition: Callable[[], object]) -> None:
        """Waits until what arrived makes the condition hold."""
        with self._news:
            assert self._news.wait_for(condition, PATIENCE), "nothing came in time"

    def event(self, name: str) -> tuple[float, dict[str, Any]]:
        """The first event of that name, awaited."""

        def found() -> list[tuple[float, dict[str, Any]]]:
            return [one for one in self.events if one[1]["type"] == name]

        self.until(found)
        return found()[0]


class _Ear:
    """Implements ``peers.Hearing``: keeps what the real one gets too."""

    def __init__(self, real: Hearing, arrivals: Arrivals) -> None:
        self._real = real
        self._arrivals = arrivals

    def data(self, message: bytes) -> None:
        user = models.DataPacket.FromString(message).user
        event = json.loads(user.payload)
        self._arrivals.senders.add(models.DataPacket.FromString(message).participant_identity)
        self._arrivals.keep(self._arrivals.events, (time.monotonic(), event))
        self._real.data(message)

    def sound(self, level: float, seconds: float) -> None:
        self._arrivals.keep(self._arrivals.levels, (time.monotonic(), level))
        self._real.sound(level, seconds)


class Intake:
    """The peers of the room's fake. Takes pictures too, which a fake never does."""

    def __init__(self) -> None:
        self.arrivals: queue.Queue[Arrivals] = queue.Queue()
        """Of each publisher, in the order they came."""
        self._peers: list[tuple[asyncio.AbstractEventLoop, Peer]] = []
        self._real: RtcPeerFactory | None = None
        self._watching: set[asyncio.Task[None]] = set()

    def instead_of(self, real: PeerFactory) -> PeerFactory:
        """The seam ``peers``."""
        assert isinstance(real, RtcPeerFactory)
        self._real = real
        return self

    def pass_on(self, payload: object, *, sender: str) -> None:
        """Gives the participant that came last a data packet, as an SFU would pass it on."""
        loop, peer = self._peers[-1]
        loop.call_soon_threadsafe(peer.send, packet(payload, sender=sender))

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer:
        assert self._real is not None
        peer = self._real(spec, notify)
        self._peers.append((asyncio.get_running_loop(), peer))
        return peer

    def publisher(self, hearing: Hearing) -> Publisher:
        assert self._real is not None
        arrivals = Arrivals()
        self.arrivals.put(arrivals)

        def watch(track: MediaStreamTrack) -> None:
            self._watching.add(asyncio.create_task(_look(track, arrivals)))

        return self._real.publisher(_Ear(hearing, arrivals), watch=watch)

    async def close(self) -> None:
        assert self._real is not None
        await self._real.close()


async def _look(track: MediaStreamTrack, arrivals: Arrivals) -> None:
    try:
        while True:
            frame = await track.recv()
            assert isinstance(frame, VideoFrame)
            plane = frame.planes[0]
            stamp = decode_stamp(
                bytes(plane), width=frame.width, height=frame.height, stride=plane.line_size
            )
            picture = Picture(time.monotonic(), (frame.width, frame.height), stamp)
            arrivals.keep(arrivals.pictures, picture)
    except MediaStreamError:
        pass


def packet(payload: object, *, sender: str) -> bytes:
    """A data packet as an SFU passes it on."""
    member = messages.Member(sid="", identity=sender, name=sender, joined_at=0)
    return messages.data(json.dumps(payload).encode(), sender=member)
