"""Sessions without sockets: what fits connects in the call that brings it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Encoding, Quality
from mock_server.core.null_sdp import NullTransport, null_answer, null_offer
from mock_server.core.sdp import SdpError, parse_description
from mock_server.null_peer import NullPeer, NullPeerFactory
from mock_server.peers import PeerConnected, PeerFactory, PeerNews, PeerSpec

SPEC = PeerSpec(
    session_id="one",
    avatar=AVATARS[0],
    voice=VOICES[0],
    emotion=Emotion.NEUTRAL,
    quality=Quality.LOW,
    encoding=Encoding.H264,
    seed=1,
)
VIEWER = NullTransport.for_session("viewer")


def _with_peer(main: Callable[[NullPeer, list[PeerNews]], Awaitable[None]]) -> None:
    news: list[PeerNews] = []
    asyncio.run(_run(main, NullPeerFactory()(SPEC, news.append), news))


async def _run(
    main: Callable[[NullPeer, list[PeerNews]], Awaitable[None]],
    peer: NullPeer,
    news: list[PeerNews],
) -> None:
    await main(peer, news)
    await peer.close()
    await peer.close()


def test_an_answer_that_fits_connects_in_that_call() -> None:
    async def main(peer: NullPeer, news: list[PeerNews]) -> None:
        offer = parse_description("offer", await peer.offer())
        assert news == []
        await peer.accept(parse_description("answer", null_answer(VIEWER, offer)))
        assert news == [PeerConnected()]

    _with_peer(main)


def test_an_answer_that_does_not_fit_is_refused_and_another_may_follow() -> None:
    async def main(peer: NullPeer, news: list[PeerNews]) -> None:
        offer = parse_description("offer", await peer.offer())
        right = null_answer(VIEWER, offer)
        wrong = parse_description("answer", right.replace("setup:active", "setup:actpass"))
        with pytest.raises(SdpError, match="setup is actpass"):
            await peer.accept(wrong)
        assert news == []
        await peer.accept(parse_description("answer", right))
        assert news == [PeerConnected()]

    _with_peer(main)


def test_an_offer_is_answered_and_connects_in_that_call() -> None:
    async def main(peer: NullPeer, news: list[PeerNews]) -> None:
        await peer.offer()
        text = null_offer(VIEWER, encoding=Encoding.VP8).replace("sendonly", "recvonly")
        answer = await peer.answer(parse_description("offer", text))
        assert parse_description("answer", answer).media[0].direction == "sendonly"
        assert news == [PeerConnected()]

    _with_peer(main)


def test_an_offer_that_only_sends_is_refused() -> None:
    async def main(peer: NullPeer, news: list[PeerNews]) -> None:
        text = null_offer(VIEWER, encoding=Encoding.VP8)
        with pytest.raises(SdpError, match="offer does not receive video"):
            await peer.answer(parse_description("offer", text))
        assert news == []

    _with_peer(main)


def test_a_closed_peer_takes_no_description() -> None:
    async def main(peer: NullPeer, news: list[PeerNews]) -> None:
        offer = parse_description("offer", await peer.offer())
        await peer.close()
        with pytest.raises(SdpError):
            await peer.accept(parse_description("answer", null_answer(VIEWER, offer)))
        with pytest.raises(SdpError):
            await peer.answer(offer)
        peer.send(b"x")
        peer.show(None)
        await peer.add_candidate(None)
        assert news == []

    _with_peer(main)


def test_the_factory_is_one_of_the_runtimes() -> None:
    factory: PeerFactory = NullPeerFactory()
    asyncio.run(factory.close())
