"""Peers of wood: they note what they are told, and do what a test wants of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mock_server.clock import Clock
from mock_server.core.faults.plan import FaultPlan
from mock_server.core.registry import Caller, Registry
from mock_server.core.sdp import IceCandidate, SdpError, SessionDescription
from mock_server.core.session import Session
from mock_server.core.speech import Speech
from mock_server.journal import Journal
from mock_server.peers import (
    Hearing,
    Listener,
    PeerConnected,
    PeerFactory,
    PeerNews,
    PeerSpec,
    PeerUnavailableError,
    Publisher,
    RoomFactory,
)
from mock_server.runtime import Runtime
from tests.core.sessions import config
from tests.loops import SkippingLoop


class WoodenPeer:
    """Takes one second for each coroutine. ``fails`` maps a method's name to what it raises."""

    def __init__(self, notify: Callable[[PeerNews], None], log: list[str]) -> None:
        self.notify = notify
        self.log = log
        self.fails: dict[str, Exception] = {}
        self.takes = 1.0

    async def _do(self, what: str) -> None:
        self.log.append(f"{what} begins")
        await asyncio.sleep(self.takes)
        self._fail(what)
        self.log.append(f"{what} ends")

    def _fail(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]

    async def offer(self, *, media: bool = True) -> str:
        await self._do("offer")
        return "the offer"

    async def accept(self, answer: SessionDescription) -> None:
        await self._do("accept")
        self.notify(PeerConnected())

    async def answer(self, offer: SessionDescription) -> str:
        await self._do("answer")
        self.notify(PeerConnected())
        return "the answer"

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        await self._do("candidate")

    def show(self, speech: Speech | None) -> None:
        self._fail("show")
        self.log.append(f"show {speech.task_id if speech else None}")

    def send(self, message: bytes | str) -> None:
        self._fail("send")
        self.log.append(f"send {message!r}")

    async def close(self) -> None:
        await self._do("close")


class World:
    """A runtime with wooden peers and time that costs nothing."""

    def __init__(self) -> None:
        self.loop = SkippingLoop()
        self.clock = Clock(epoch=0.0, monotonic=self.loop.time)
        self.registry = Registry()
        self.journal = Journal(now=self.clock.now)
        self.peers: dict[str, WoodenPeer] = {}
        self.logs: dict[str, list[str]] = {}
        self.prepare: Callable[[WoodenPeer], None] = lambda peer: None
        self.unavailable = ""
        self.faults = FaultPlan()
        self.runtime = Runtime(
            faults=self.faults,
            clock=self.clock,
            registry=self.registry,
            journal=self.journal,
            peers=self._factory,
            rooms=self._no_rooms,
            listen=_deaf,
            encode_event=lambda event: f"{event.type} {event.task_id}",
            shown=lambda speech: speech,
        )

    async def _factory(self) -> PeerFactory:
        return _Factory(self)

    async def _no_rooms(self) -> RoomFactory:
        raise AssertionError("a session of v1 asked for a room")

    def session(self, name: str = "one", **changes: Any) -> Session:
        """A session that is registered and not yet open."""
        made = Session(config(session_id=name, created_at=self.clock.now(), **changes))
        self.registry.add(made, Caller("key"))
        return made

    def log(self, name: str = "one") -> list[str]:
        return self.logs[name]

    def talking(self, name: str = "one") -> list[tuple[str, str]]:
        """(event, task id) of the session's timeline."""
        return [
            (entry["event"], entry["task_id"])
            for entry in self.journal.timeline(name)
            if str(entry["event"]).startswith("avatar_")
        ]


class _Factory:
    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> WoodenPeer:
        if self._world.unavailable:
            raise PeerUnavailableError(self._world.unavailable)
        log = self._world.logs.setdefault(spec.session_id, [])
        peer = WoodenPeer(notify, log)
        self._world.peers[spec.session_id] = peer
        self._world.prepare(peer)
        return peer

    def publisher(self, hearing: Hearing) -> Publisher:
        raise AssertionError("a session of v1 has no publishers")

    async def close(self) -> None:
        """Nothing is shared."""


def _deaf(session: Session) -> Listener:
    raise AssertionError("a session of v1 has nobody to listen to")


def unusable() -> SdpError:
    return SdpError("no codec")
