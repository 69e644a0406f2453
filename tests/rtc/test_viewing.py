"""A viewer sees and hears the session, whoever makes the offer."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from dataclasses import replace

import pytest

from mock_server.core.catalogue import Avatar, Emotion, Encoding, Quality
from mock_server.core.sdp import parse_description
from mock_server.media.atlas import H264Atlas
from mock_server.media.library import Library
from mock_server.peers import PeerConnected, PeerLost
from mock_server.rtc import RtcOptions
from tests.rtc.viewer import SPEC, eventually, needs_network, run, said, showing, steps

pytestmark = pytest.mark.peers

TEXT = "Hello there, this is a sentence that takes some seconds to say aloud."


@pytest.mark.parametrize(
    ("quality", "size"),
    [(Quality.LOW, (854, 480)), (Quality.MEDIUM, (1280, 720)), (Quality.HIGH, (1920, 1080))],
)
def test_pictures_have_the_size_of_the_quality_and_come_25_times_a_second(
    quality: Quality, size: tuple[int, int]
) -> None:
    async def main() -> None:
        async with showing() as show:
            _, viewer = await show.connect(replace(SPEC, quality=quality))
            await eventually(lambda: len(viewer.pictures) >= 12)
            assert show.news == [PeerConnected()]
            assert {(p.width, p.height) for p in viewer.pictures} == {size}
            # The first frame is followed at once by a second, and by the grid after that.
            assert steps(viewer.pictures)[0] == 90
            assert set(steps(viewer.pictures[2:])) == {3600}

    run(main)


def test_a_viewer_that_offers_is_answered() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            await peer.offer()
            viewer.peer.addTransceiver("audio", direction="recvonly")
            viewer.peer.addTransceiver("video", direction="recvonly")
            viewer.open_channel("mine")
            peer.send(b"early")
            await viewer.take(await peer.answer(parse_description("offer", await viewer.offer())))
            await eventually(lambda: len(viewer.pictures) >= 5 and len(viewer.messages) >= 2)
            assert show.news == [PeerConnected()]
            assert sorted(viewer.messages) == [("events", b"early"), ("mine", b"early")]

    run(main)


@pytest.mark.parametrize("kinds", [("video", "audio"), ("audio", "video")])
def test_sections_of_an_offer_may_come_in_any_order(kinds: tuple[str, str]) -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            for kind in kinds:
                viewer.peer.addTransceiver(kind, direction="sendrecv")
            await viewer.take(await peer.answer(parse_description("offer", await viewer.offer())))
            await eventually(lambda: len(viewer.pictures) >= 3)
            assert viewer.channels == []

    run(main)


def test_a_data_section_may_come_first() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            viewer.peer.addTransceiver("video", direction="recvonly")
            viewer.peer.addTransceiver("audio", direction="recvonly")
            viewer.open_channel("mine")
            head, video, audio, data = (await viewer.offer()).split("m=")
            text = "m=".join((head.replace("BUNDLE 0 1 2", "BUNDLE 2 0 1"), data, video, audio))
            answer = await peer.answer(parse_description("offer", text))
            assert [s.kind for s in parse_description("answer", answer).media] == [
                "application",
                "video",
                "audio",
            ]

    run(main)


def test_sound_is_silent_until_speech_and_after_it() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = await show.connect()
            await eventually(lambda: len(viewer.loudness) >= 20)
            # Opus comfort noise and the decoder's rounding are not sound.
            assert max(viewer.loudness) < 200
            speech = said("Hello there.", asyncio.get_running_loop().time())
            peer.show(speech)
            viewer.loudness.clear()
            await eventually(lambda: max(viewer.loudness, default=0) > 3000)
            await eventually(lambda: len(viewer.loudness) > 30 and max(viewer.loudness[-20:]) < 200)

    run(main)


def test_silence_begins_with_the_next_packet_after_an_interruption() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = await show.connect()
            peer.show(said(TEXT, asyncio.get_running_loop().time()))
            await eventually(lambda: max(viewer.loudness, default=0) > 3000)
            peer.show(None)
            viewer.loudness.clear()
            await eventually(lambda: len(viewer.loudness) >= 30)
            # What was in the jitter buffer (four packets in aiortc 1.16) and the decay come first.
            assert max(viewer.loudness[15:]) < 200

    run(main)


def test_events_are_binary_and_wait_until_the_channel_is_open() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            first = json.dumps({"type": "avatar_start_talking", "task_id": "1"}).encode()
            offer = await peer.offer()
            peer.send(first)
            answer = await viewer.answer(offer)
            await peer.accept(parse_description("answer", answer))
            await eventually(lambda: viewer.messages)
            peer.send(b"second")
            await eventually(lambda: len(viewer.messages) == 2)
            assert viewer.messages == [("events", first), ("events", b"second")]

    run(main)


def test_only_the_newest_events_wait() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            for number in range(1000):
                peer.send(str(number).encode())
            await peer.accept(parse_description("answer", await viewer.answer(await peer.offer())))
            await eventually(lambda: len(viewer.messages) == 256)
            assert viewer.messages[0] == ("events", b"744")

    run(main)


def test_h264_is_sent_when_the_session_asks_for_it() -> None:
    async def main() -> None:
        async with showing() as show:
            _, viewer = await show.connect(replace(SPEC, encoding=Encoding.H264))
            await eventually(lambda: len(viewer.pictures) >= 10, seconds=20)
            assert (viewer.pictures[-1].width, viewer.pictures[-1].height) == (854, 480)
            assert "H264/90000" in _first_codec(viewer.peer.localDescription.sdp)

    run(main)


def test_the_other_codec_is_sent_to_a_viewer_that_lacks_the_one_asked_for() -> None:
    async def main() -> None:
        async with showing() as show:
            spec = replace(SPEC, encoding=Encoding.H264)
            peer, viewer = show.peer(spec), show.viewer()
            offer = await peer.offer()
            answer = re.sub(r"a=rtpmap:\d+ H264/90000\r\n", "", await viewer.answer(offer))
            await peer.accept(parse_description("answer", answer))
            await eventually(lambda: len(viewer.pictures) >= 5)

    run(main)


def test_offers_are_as_the_service_makes_them() -> None:
    async def main() -> None:
        async with showing() as show:
            offer = parse_description("offer", await show.peer().offer())
            video, audio, data = offer.media
            assert [m.kind for m in offer.media] == ["video", "audio", "application"]
            assert (video.direction, audio.direction) == ("sendonly", "sendonly")
            assert offer.bundle == ("0", "1", "2")
            assert [c.name for c in video.codecs if c.name != "rtx"] == ["VP8", "H264", "H264"]
            assert [c.name for c in audio.codecs] == ["opus"]
            assert [c.address for c in video.candidates] == ["127.0.0.1"]
            assert video.end_of_candidates
            assert data.protocol == "UDP/DTLS/SCTP"
            streams = {
                line.split(":")[1].split(" ")[0]
                for line in offer.text.splitlines()
                if line.startswith("a=msid:")
            }
            assert len(streams) == 1

    run(main)


def test_two_viewers_do_not_share_what_they_see() -> None:
    async def main() -> None:
        async with showing() as show:
            (talking, hears), (_, silent) = await show.connect(), await show.connect()
            talking.show(said(TEXT, asyncio.get_running_loop().time()))
            await eventually(lambda: max(hears.loudness, default=0) > 3000)
            assert max(silent.loudness, default=0) < 200

    run(main)


def test_a_jump_of_the_fakes_clock_does_not_show_in_rtp_time() -> None:
    moved = 0.0

    async def main() -> None:
        nonlocal moved
        async with showing(clock=lambda t: t + moved) as show:
            peer, viewer = await show.connect()
            peer.show(said(TEXT, asyncio.get_running_loop().time()))
            await eventually(lambda: len(viewer.pictures) >= 6)
            moved = 3600.0
            await eventually(lambda: len(viewer.pictures) >= 14)
            assert set(steps(viewer.pictures[2:])) == {3600}

    run(main)


@needs_network
def test_media_flows_by_the_public_interface_alone() -> None:
    async def main() -> None:
        async with showing(direct=False) as show:
            peer, viewer = await show.connect()
            peer.show(said(TEXT, asyncio.get_running_loop().time()))
            await eventually(
                lambda: len(viewer.pictures) >= 12 and max(viewer.loudness, default=0) > 3000
            )
            assert set(steps(viewer.pictures[2:])) == {3600}
            await viewer.close()
            await eventually(lambda: len(show.news) == 2)
            assert isinstance(show.news[1], PeerLost)

    run(main)


def _first_codec(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("a=rtpmap:"))


def test_a_session_whose_h264_pictures_cannot_be_made_still_sounds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class WithoutH264(Library):
        def h264(self, avatar: Avatar, emotion: Emotion, quality: Quality) -> H264Atlas:
            raise OSError("no space left")

    async def main() -> None:
        async with showing(library=WithoutH264()) as show:
            peer, viewer = show.peer(replace(SPEC, encoding=Encoding.H264)), show.viewer()
            answer = await viewer.answer(await peer.offer())
            await peer.accept(parse_description("answer", answer))
            await eventually(lambda: len(viewer.loudness) > 5)
            assert viewer.pictures == []

    run(main)
    assert f"session {SPEC.session_id} has no H264 pictures" in caplog.text


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_media_may_be_bound_to_ipv6_loopback() -> None:
    async def main() -> None:
        async with showing(RtcOptions(media_bind="::1")) as show:
            offer = parse_description("offer", await show.peer().offer())
            assert [c.address for c in offer.media[0].candidates] == ["::1"]

    run(main)
