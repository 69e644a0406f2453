"""A factory whose peers play a plan, with viewers for it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection

from mock_server.core.faults.plan import FaultPlan
from mock_server.core.faults.sdp_text import SdpText, Section
from mock_server.core.sdp import parse_description
from mock_server.journal import Journal
from mock_server.media.library import Library
from mock_server.odd_peers import OddPeers
from mock_server.peers import Peer, PeerSpec
from mock_server.rtc import RtcOptions
from tests.core.faults.drawing import read
from tests.rtc.viewer import SPEC, Show, Viewer, eventually, showing


class Balanced(Viewer):
    """A viewer with the bundle policy that is aiortc's default and a browser's."""

    def __init__(self) -> None:
        super().__init__()
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.on("track", self._pull)
        self.peer.on("datachannel", self._hear)


class Careful(Balanced):
    """One that rejects by itself what aiortc 1.16 cannot: sections with port 0, and unknown ones.

    aiortc answers them as if they were its data channel, or waits for them to connect.
    """

    async def answer(self, offer: str) -> str:
        text = SdpText.of(offer)
        taken = [
            next((s for s in text.sections if s.kind == kind and not s.is_rejected), None)
            for kind in ("video", "audio", "application")
        ]
        known = tuple(section for section in text.sections if section in taken)
        mids = {section.mid for section in known}
        bundle = [mid for mid in text.bundle if mid in mids]
        answer = SdpText.of(
            await super().answer(str(replace(text, sections=known).bundling(bundle)))
        )
        answers = {section.mid: section for section in answer.sections}
        whole = tuple(
            answers.get(section.mid)
            or Section((section.with_media(port="0").lines[0], f"a=mid:{section.mid}"))
            for section in text.sections
        )
        return str(replace(answer, sections=whole))


@dataclass
class Misbehaving:
    """Peers that play ``faults``, and what is told of it in ``journal``."""

    show: Show
    faults: FaultPlan
    journal: Journal
    factory: OddPeers
    peers: list[Peer] = field(default_factory=list)

    def peer(self, spec: PeerSpec = SPEC) -> Peer:
        peer = self.factory(spec, self.show.news.append)
        self.peers.append(peer)
        return peer

    def viewer(self) -> Viewer:
        viewer = Careful()
        self.show.viewers.append(viewer)
        return viewer

    async def join(
        self, spec: PeerSpec = SPEC, *, viewer: Viewer | None = None
    ) -> tuple[Peer, Viewer]:
        """A viewer that has answered the server's offer."""
        peer, viewer = self.peer(spec), viewer or self.viewer()
        answer = await viewer.answer(await peer.offer())
        await peer.accept(parse_description("answer", answer))
        return peer, viewer

    async def connect(self, spec: PeerSpec = SPEC) -> tuple[Peer, Viewer]:
        """One that is connected as well."""
        peer, viewer = await self.join(spec)
        await eventually(lambda: viewer.peer.connectionState == "connected" and self.show.news)
        return peer, viewer

    def used(self) -> list[str]:
        """The kinds that the session's timeline tells of."""
        return [entry["do"] for entry in self.journal.timeline(SPEC.session_id)]


@contextlib.asynccontextmanager
async def misbehaving(
    *plan: Mapping[str, Any],
    options: RtcOptions | None = None,
    direct: bool = True,
    library: Library | None = None,
) -> AsyncIterator[Misbehaving]:
    faults = FaultPlan(read(plan))
    journal = Journal(now=lambda: 0.0)
    async with showing(options, direct=direct, library=library) as show:
        factory = OddPeers(show.factory, faults=faults, journal=journal)
        odd = Misbehaving(show, faults, journal, factory)
        try:
            yield odd
        finally:
            for viewer in show.viewers:
                await viewer.close()
            for peer in odd.peers:
                await peer.close()
