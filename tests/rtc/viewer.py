"""An aiortc client, as a viewer would write one, that remembers what it saw and heard."""

from __future__ import annotations

import array
import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from aioice.ice import get_host_addresses
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Encoding, Quality
from mock_server.core.sdp import parse_description
from mock_server.core.speech import Speech, speak
from mock_server.media.library import Library
from mock_server.peers import PeerNews, PeerSpec
from mock_server.rtc import RtcOptions, RtcPeerFactory, adapter
from mock_server.rtc.addresses import MediaSockets
from mock_server.rtc.peer import RtcPeer
from tests.rtc.relay import Relay

SPEC = PeerSpec(
    session_id="3c6d1f0e-0000-11ef-8000-000000000001",
    avatar=AVATARS[0],
    voice=VOICES[0],
    emotion=Emotion.NEUTRAL,
    quality=Quality.LOW,
    encoding=Encoding.VP8,
    seed=7,
)


needs_network = pytest.mark.skipif(
    not get_host_addresses(use_ipv4=True, use_ipv6=True),
    reason="aioice leaves out loopback, and there is no other network",
)


async def eventually(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Returns as soon as the condition holds; fails when it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions are of all kinds of objects
            await asyncio.sleep(0.005)


@dataclass
class Shown:
    pts: int
    width: int
    height: int
    frame: Any


class Viewer:
    """``local`` binds it to loopback, as a client does that has no other network."""

    def __init__(self, *, local: bool = False) -> None:
        self._local = local or not get_host_addresses(use_ipv4=True, use_ipv6=True)
        self.peer = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.pictures: list[Shown] = []
        self.loudness: list[int] = []
        self.messages: list[tuple[str, object]] = []
        self.channels: list[RTCDataChannel] = []
        self._pulls: list[asyncio.Task[None]] = []
        self.peer.on("track", self._pull)
        self.peer.on("datachannel", self._hear)

    def _pull(self, track: MediaStreamTrack) -> None:
        self._pulls.append(asyncio.ensure_future(self._receive(track)))

    async def _receive(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                if track.kind == "video":
                    self.pictures.append(Shown(frame.pts, frame.width, frame.height, frame))
                else:
                    samples = array.array("h", bytes(frame.planes[0]))
                    self.loudness.append(max(map(abs, samples)))

    def _hear(self, channel: RTCDataChannel) -> None:
        self.channels.append(channel)
        channel.on("message", lambda message: self.messages.append((channel.label, message)))

    def open_channel(self, label: str) -> RTCDataChannel:
        channel = self.peer.createDataChannel(label)
        self._hear(channel)
        return channel

    async def answer(self, offer: str) -> str:
        await self.peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        self._use_loopback()
        await self.peer.setLocalDescription()
        text: str = self.peer.localDescription.sdp
        return text

    def _use_loopback(self) -> None:
        """Where there is no other network aioice 0.13 leaves aiortc without addresses."""
        if self._local:
            adapter.adopt_ice(
                self.peer.getTransceivers()[0].receiver.transport.transport,
                bind=MediaSockets(RtcOptions()).bind,
                addresses=("127.0.0.1",),
                consent=30.0,
                expired=lambda: None,
            )

    async def offer(self) -> str:
        self._use_loopback()
        await self.peer.setLocalDescription()
        text: str = self.peer.localDescription.sdp
        return text

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self) -> None:
        await self.peer.close()
        for pull in self._pulls:
            pull.cancel()
        if self._pulls:
            await asyncio.wait(self._pulls)


def steps(pictures: list[Shown]) -> list[int]:
    """From each picture to the next, in units of 1/90,000 s."""
    return [later.pts - one.pts for one, later in pairwise(pictures)]


@dataclass
class Show:
    """A factory with what its peers report."""

    factory: RtcPeerFactory
    news: list[PeerNews] = field(default_factory=list)
    peers: list[RtcPeer] = field(default_factory=list)
    viewers: list[Viewer] = field(default_factory=list)
    relays: list[Relay] = field(default_factory=list)

    def relay(self) -> Relay:
        self.relays.append(Relay())
        return self.relays[-1]

    def peer(self, spec: PeerSpec = SPEC) -> RtcPeer:
        peer = self.factory(spec, self.news.append)
        self.peers.append(peer)
        return peer

    def viewer(self, *, local: bool = False) -> Viewer:
        viewer = Viewer(local=local)
        self.viewers.append(viewer)
        return viewer

    async def connect(self, spec: PeerSpec = SPEC) -> tuple[RtcPeer, Viewer]:
        """A viewer that has answered the server's offer, and sees the first picture."""
        peer, viewer = self.peer(spec), self.viewer()
        answer = await viewer.answer(await peer.offer())
        await peer.accept(parse_description("answer", answer))
        await eventually(lambda: viewer.pictures)
        return peer, viewer


@contextlib.asynccontextmanager
async def showing(
    options: RtcOptions | None = None,
    *,
    clock: Callable[[float], float] = float,
    direct: bool = True,
    library: Library | None = None,
) -> AsyncIterator[Show]:
    library = library or Library()
    show = Show(RtcPeerFactory(library, clock=clock, options=options, direct=direct))
    try:
        yield show
    finally:
        for relay in show.relays:
            relay.close()
        for viewer in show.viewers:
            await viewer.close()
        for peer in show.peers:
            await peer.close()
        await show.factory.close()


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Runs a test's coroutine; fails when anything was only told to the event loop or left over."""
    unheard: list[dict[str, Any]] = []

    async def body() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: unheard.append(context))
        await main()
        # One turn for the callbacks of what was just closed.
        await asyncio.sleep(0.05)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        # aioice 0.13 starts the consent checks of a viewer that is closed while it connects.
        left = {t for t in left if "Connection.query_consent" not in repr(t)}
        assert not left, left

    asyncio.run(body())
    assert not unheard, unheard


def said(text: str, now: float, rate: float = 1.0) -> Speech:
    return Speech("task", speak(text, rate=rate), now)
