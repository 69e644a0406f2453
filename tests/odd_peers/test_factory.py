from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Encoding, Quality
from mock_server.core.faults.plan import FaultPlan
from mock_server.core.sdp import parse_description
from mock_server.journal import Journal
from mock_server.null_peer import NullPeer, NullPeerFactory
from mock_server.odd_peers import OddPeers
from mock_server.odd_peers.unbundled import UnbundledPeer
from mock_server.peers import Hearing, PeerConnected, PeerNews, PeerSpec, Publisher
from tests.core.faults.answering import good_answer
from tests.core.faults.drawing import read

SPEC = PeerSpec(
    session_id="one",
    avatar=AVATARS[0],
    voice=VOICES[0],
    emotion=Emotion.NEUTRAL,
    quality=Quality.LOW,
    encoding=Encoding.VP8,
    seed=7,
)


class Made:
    """Makes null peers, and remembers for what."""

    def __init__(self) -> None:
        self.specs: list[PeerSpec] = []
        self.closed = False
        self._real = NullPeerFactory()

    def __call__(self, spec: PeerSpec, notify: Any) -> NullPeer:
        self.specs.append(spec)
        return self._real(spec, notify)

    def publisher(self, hearing: Hearing) -> Publisher:
        return self._real.publisher(hearing)

    async def close(self) -> None:
        self.closed = True


def playing(*plan: dict[str, Any]) -> tuple[OddPeers, Made, FaultPlan, Journal]:
    made, faults, journal = Made(), FaultPlan(read(plan)), Journal(now=lambda: 0.0)
    return OddPeers(made, faults=faults, journal=journal), made, faults, journal


def test_without_a_plan_the_real_peer_itself_is_used() -> None:
    factory, made, _, _ = playing()
    assert type(factory(SPEC, list[PeerNews]().append)) is NullPeer
    assert made.specs == [SPEC]


def test_all_connections_of_a_session_are_closed_though_one_fails() -> None:
    closed: list[int] = []

    class Failing(NullPeer):
        async def close(self) -> None:
            closed.append(len(closed))
            if len(closed) == 1:
                raise OSError("broken")

    peer = UnbundledPeer(lambda notify: Failing(SPEC, notify), lambda news: None, used=lambda: None)
    with pytest.raises(OSError, match="broken"):
        asyncio.run(peer.close())
    assert closed == [0, 1, 2]


def test_sessions_are_counted_for_descriptions_and_media_alike() -> None:
    factory, made, _, _ = playing(
        {"on": "peer", "nth": 2, "do": "lf-only"}, {"on": "media", "nth": 3, "do": "no-video"}
    )
    peers = [factory(SPEC, list[PeerNews]().append) for _ in range(4)]
    assert [type(peer) is NullPeer for peer in peers] == [True, False, True, True]
    told = [spec.misplay and [one.do for one in spec.misplay.deviations] for spec in made.specs]
    assert told == [None, None, ["no-video"], None]


def test_a_silence_of_ice_is_told_to_the_peer_with_what_is_wrong_with_media() -> None:
    factory, made, _, _ = playing(
        {"on": "media", "do": "black"},
        {"on": "peer", "do": "ice-disconnect"},
        {"on": "peer", "do": "lf-only"},
    )
    factory(SPEC, list[PeerNews]().append)
    misplay = made.specs[0].misplay
    assert misplay is not None
    assert [one.do for one in misplay.deviations] == ["ice-disconnect", "black"]


def test_what_took_effect_is_reported_once_for_each_session() -> None:
    factory, made, faults, journal = playing({"on": "media", "do": "black"})
    for _ in range(2):
        factory(SPEC, list[PeerNews]().append)
        misplay = made.specs[-1].misplay
        assert misplay is not None
        misplay.used(misplay.deviations[0])
        misplay.used(misplay.deviations[0])
    assert faults.report()["deviations"][0]["consumed"] == 2
    assert (
        journal.timeline(SPEC.session_id)
        == [{"t": 0.0, "event": "fault", "do": "black", "at": 0}] * 2
    )


def test_without_a_bundle_a_session_is_connected_when_all_its_peers_are() -> None:
    factory, made, _, journal = playing({"on": "peer", "do": "no-bundle"})
    news: list[PeerNews] = []

    async def main() -> None:
        peer = factory(SPEC, news.append)
        offer = await peer.offer()
        await peer.add_candidate(None)
        await peer.accept(parse_description("answer", good_answer(offer)))
        peer.show(None)
        peer.send(b"event")
        await peer.close()
        await peer.close()
        await factory.close()

    asyncio.run(main())
    assert len(made.specs) == 3
    assert news == [PeerConnected()]
    assert made.closed
    assert [entry["do"] for entry in journal.timeline(SPEC.session_id)] == ["no-bundle"]
