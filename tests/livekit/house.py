"""A room without sockets, for tests: its clients' WebSockets are lists of what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from livekit.protocol import rtc

from mock_server.core.access_token import Grant
from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Encoding, Quality
from mock_server.core.null_sdp import NullTransport, null_answer
from mock_server.core.sdp import parse_description
from mock_server.livekit.room import LiveRoom
from mock_server.livekit.rooms import LiveRooms
from mock_server.null_peer import NullPeerFactory
from mock_server.peers import PeerFactory, PeerNews, PeerSpec
from tests.loops import SkippingLoop

SPEC = PeerSpec("a-room", AVATARS[0], VOICES[0], Emotion.NEUTRAL, Quality.LOW, Encoding.VP8, seed=1)


class Line:
    """The WebSocket of one client, as a list of what was sent."""

    def __init__(self) -> None:
        self.sent: list[rtc.SignalResponse] = []
        self.over = False

    def send(self, message: bytes) -> None:
        assert not self.over
        self.sent.append(rtc.SignalResponse.FromString(message))

    def hang_up(self) -> None:
        self.over = True

    def kinds(self) -> list[str | None]:
        return [message.WhichOneof("message") for message in self.sent]

    def last(self, kind: str) -> Any:
        found = [m for m in self.sent if m.WhichOneof("message") == kind]
        return getattr(found[-1], kind)


class Ear:
    """Implements ``peers.Listener``."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def text(self, text: str) -> None:
        self.heard.append(text)

    def push_to_talk(self, *, on: bool) -> None:
        self.heard.append(on)

    def audio(self, level: float, seconds: float) -> None:
        self.heard.append((level, seconds))

    def ignore(self, what: str, why: str) -> None:
        self.heard.append(f"ignored {what}: {why}")

    def left(self) -> None:
        self.heard.append("left")


class House:
    """One room with all that it tells the outside."""

    def __init__(self, peers: PeerFactory | None = None) -> None:
        self.news: list[PeerNews] = []
        self.notes: list[tuple[str, object]] = []
        self.ears: list[Ear] = []
        self.dropped: frozenset[str] = frozenset()
        self.rooms = LiveRooms(
            peers or NullPeerFactory(), edit=self._edit, now=lambda: 1_800_000_000.5
        )
        self.room: LiveRoom = self.rooms(
            SPEC,
            self.news.append,
            note=lambda event, detail: self.notes.append((event, detail.get("reason"))),
            listen=self._listen,
        )

    def _listen(self) -> Ear:
        self.ears.append(Ear())
        return self.ears[-1]

    def _edit(self, kind: str, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        return None if kind in self.dropped else message

    async def join(self, identity: str = "client", **grant: bool) -> tuple[Any, Line]:
        line = Line()
        participant = self.room.join(Grant("a-room", identity, identity, **grant), line)
        await turn()
        return participant, line

    async def watch(self, identity: str = "client") -> tuple[Any, Line]:
        participant, line = await self.join(identity)
        await answer(participant, line)
        return participant, line


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def answer(participant: Any, line: Line) -> None:
    """Answers the newest offer, as a viewer that takes all."""
    offer = parse_description("offer", line.last("offer").sdp)
    text = null_answer(NullTransport.for_session("viewer"), offer, direction="recvonly")
    request = rtc.SignalRequest(answer=rtc.SessionDescription(type="answer", sdp=text))
    await participant.take(request.SerializeToString())
    await turn()


def run(
    scene: Callable[[House], Coroutine[Any, Any, None]], *, peers: PeerFactory | None = None
) -> None:
    async def whole() -> None:
        house = House(peers)
        await scene(house)
        await house.room.close(shutdown=False)

    loop = SkippingLoop()
    try:
        loop.run_until_complete(whole())
    finally:
        loop.close()
