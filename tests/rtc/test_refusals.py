"""Descriptions and candidates that do not fit are refused, and leave the peer as it was."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mock_server.core.sdp import SdpError, parse_candidate, parse_description
from mock_server.peers import PeerConnected
from tests.core.mutation import mutated
from tests.rtc.viewer import eventually, run, showing

pytestmark = pytest.mark.peers

TEXTS = Path(__file__).parents[1] / "core" / "texts"


def _read(name: str) -> str:
    return (TEXTS / name).read_bytes().decode()


@pytest.mark.parametrize("seed", range(2))
def test_mutated_answers_are_taken_or_refused_and_the_right_one_works_after(seed: int) -> None:
    async def main() -> None:
        source = random.Random(seed)
        refused = taken = 0
        async with showing() as show:
            chromium = _read("chromium-156-answer.sdp")
            for _ in range(5):
                peer, viewer = show.peer(), show.viewer()
                right = await viewer.answer(await peer.offer())
                for _ in range(60):
                    text = mutated(source, source.choice((right, chromium)))
                    try:
                        answer = parse_description("answer", text)
                        other = show.peer()
                        await other.offer()
                    except SdpError:
                        refused += 1
                        continue
                    try:
                        await other.accept(answer)
                        taken += 1
                    except SdpError:
                        refused += 1
                        with pytest.raises(SdpError):
                            await peer.accept(answer)
                    await other.close()
                await peer.accept(parse_description("answer", right))
                shown = viewer.pictures
                await eventually(shown.__len__)
                await viewer.close()
                await peer.close()
            assert refused > 100
            assert taken > 60
            assert show.news.count(PeerConnected()) >= 5

    run(main)


@pytest.mark.parametrize("seed", range(2))
def test_mutated_offers_are_answered_or_refused(seed: int) -> None:
    async def main() -> None:
        source = random.Random(seed)
        taken = 0
        async with showing() as show:
            chromium = _read("chromium-156-offer.sdp")
            peer, viewer = show.peer(), show.viewer()
            await peer.offer()
            for _ in range(250):
                try:
                    await peer.answer(parse_description("offer", mutated(source, chromium)))
                    taken += 1
                except SdpError:
                    pass
            viewer.peer.addTransceiver("video", direction="recvonly")
            viewer.peer.addTransceiver("audio", direction="recvonly")
            await viewer.take(await peer.answer(parse_description("offer", await viewer.offer())))
            await eventually(lambda: viewer.pictures)
            assert taken > 50

    run(main)


def test_mutated_candidates_do_no_harm_at_any_time() -> None:
    async def main() -> None:
        source = random.Random(1)
        line = "candidate:1 1 udp 2113937151 127.0.0.1 9 typ host generation 0 ufrag 1Cx6"
        texts = [line, line.replace("127.0.0.1", "::1"), line.replace("udp", "tcp")]
        texts += [line.replace("127.0.0.1", "4a7e7e7b-2f7e.local"), "end-of-candidates", ""]

        async def send(count: int) -> None:
            for _ in range(count):
                try:
                    text = mutated(source, source.choice(texts), separator=" ")
                    candidate = parse_candidate(text, sdp_mid="0", sdp_mline_index=0)
                except SdpError:
                    continue
                await peer.add_candidate(candidate)

        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            await send(300)
            offer = await peer.offer()
            await send(1000)
            await peer.accept(parse_description("answer", await viewer.answer(offer)))
            await send(1000)
            await eventually(lambda: len(viewer.pictures) > 3)
            await send(300)
            assert show.news == [PeerConnected()]

    run(main)


def test_rejected_media_is_left_out() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            viewer.peer.on("track", lambda track: None)
            text = await viewer.answer(await peer.offer())
            text = _rejecting_first_section(text)
            await peer.accept(parse_description("answer", text))
            await eventually(lambda: len(viewer.loudness) > 10)
            assert viewer.pictures == []

    run(main)


def _rejecting_first_section(text: str) -> str:
    lines = text.split("\r\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("m=video"))
    parts = lines[at].split(" ")
    lines[at] = " ".join([parts[0], "0", *parts[2:]])
    return "\r\n".join(lines).replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 1 2")
