"""What an aiortc viewer sees and hears when its media go wrong."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Sized
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from mock_server.core.catalogue import Encoding, Quality
from mock_server.core.faults import media, signalling
from mock_server.core.sdp import SdpError, parse_description
from mock_server.media.library import Library
from mock_server.peers import PeerSpec
from tests.core.faults.drawing import plans
from tests.rtc.misbehaving import Misbehaving, misbehaving
from tests.rtc.viewer import SPEC, Shown, Viewer, eventually, needs_network, run, said, steps

pytestmark = pytest.mark.peers

H264 = replace(SPEC, encoding=Encoding.H264)
STREAMS = pytest.mark.parametrize("stream", ["video", "audio"])
BOTH = pytest.mark.parametrize("spec", [SPEC, H264], ids=["VP8", "H264"])


def wrong(do: str, **parameters: Any) -> dict[str, Any]:
    return {"on": "media", "do": do, **parameters}


def luma(picture: Shown) -> float:
    samples = bytes(picture.frame.planes[0])[::997]
    return sum(samples) / len(samples)


@pytest.fixture(scope="module")
def library() -> Library:
    """One with the pictures in H264, which would take their time."""
    library = Library()
    for quality in (Quality.LOW, Quality.MEDIUM):
        library.h264(SPEC.avatar, SPEC.emotion, quality)
    return library


@BOTH
def test_black_pictures_come_and_go(spec: PeerSpec, library: Library) -> None:
    async def main() -> None:
        black = wrong("black", at_ms=400, for_ms=800)
        async with misbehaving(black, library=library) as odd:
            _, viewer = await odd.connect(spec)
            await eventually(lambda: any(luma(p) < 20 for p in viewer.pictures))
            await eventually(lambda: luma(viewer.pictures[-1]) > 100)
            assert luma(viewer.pictures[0]) > 100
            assert odd.used() == ["black"]

    run(main)


@BOTH
def test_pictures_can_be_black_from_the_first(spec: PeerSpec, library: Library) -> None:
    async def main() -> None:
        async with misbehaving(wrong("black"), library=library) as odd:
            _, viewer = await odd.connect(spec)
            await eventually(lambda: len(viewer.pictures) > 5)
            assert all(luma(p) < 20 for p in viewer.pictures)

    run(main)


@BOTH
def test_the_size_changes_in_mid_stream(spec: PeerSpec, library: Library) -> None:
    async def main() -> None:
        async with misbehaving(wrong("size-change", at_ms=400), library=library) as odd:
            _, viewer = await odd.connect(spec)
            await eventually(lambda: viewer.pictures and viewer.pictures[-1].width == 1280)
            sizes = [(p.width, p.height) for p in viewer.pictures]
            assert sizes == sorted(sizes)
            assert set(sizes) == {(854, 480), (1280, 720)}

    run(main)


def test_a_frozen_picture_goes_on_after_a_gap() -> None:
    async def main() -> None:
        async with misbehaving(wrong("frozen", at_ms=300, for_ms=500)) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.pictures) > 15)
            assert max(steps(viewer.pictures)) >= 40_000

    run(main)


def test_a_still_picture_is_the_same_to_the_last_bit() -> None:
    async def main() -> None:
        async with misbehaving(wrong("still")) as odd:
            peer, viewer = await odd.connect()
            peer.show(said("All of this is said with a still face.", now()))
            await eventually(lambda: len(viewer.pictures) > 20)
            assert len({bytes(p.frame.planes[0]) for p in viewer.pictures[5:20]}) == 1

    run(main)


def test_a_low_rate_is_what_was_asked_for() -> None:
    async def main() -> None:
        async with misbehaving(wrong("low-rate", fps=5)) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.pictures) > 6)
            assert min(steps(viewer.pictures[2:])) >= 14_400

    run(main)


def test_a_stream_is_missing_while_the_other_is_there() -> None:
    async def main() -> None:
        async with misbehaving(wrong("no-video")) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.loudness) > 25)
            assert viewer.pictures == []
        async with misbehaving(wrong("no-audio")) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.pictures) > 12)
            assert viewer.loudness == []

    run(main)


@STREAMS
def test_a_stream_is_late(stream: str) -> None:
    async def main() -> None:
        async with misbehaving(wrong(f"late-{stream}", ms=700)) as odd:
            _, viewer = await odd.connect()
            late, other = received(viewer, stream)
            await eventually(lambda: len(other) > 8)
            assert not late
            await eventually(lambda: len(late) > 8)

    run(main)


@STREAMS
def test_a_stream_ends_early(stream: str) -> None:
    async def main() -> None:
        async with misbehaving(wrong(f"{stream}-ends", at_ms=300)) as odd:
            _, viewer = await odd.connect()
            await eventually(odd.used)
            ended, other = received(viewer, stream)
            seen, rest = len(ended), len(other)
            assert seen
            await eventually(lambda: len(other) > rest + 25)
            assert len(ended) <= seen + 4  # of what was on its way

    run(main)


def received(viewer: Viewer, stream: str) -> tuple[Sized, Sized]:
    """Of that stream, and of the other."""
    if stream == "video":
        return viewer.pictures, viewer.loudness
    return viewer.loudness, viewer.pictures


def test_the_avatar_talks_in_silence_or_is_heard_in_it() -> None:
    async def main() -> None:
        async with misbehaving(wrong("silence")) as odd:
            peer, viewer = await odd.connect()
            peer.show(said("Nobody can hear this.", now()))
            await eventually(lambda: len(viewer.loudness) > 50)
            assert max(viewer.loudness) < 200
            assert odd.used() == ["silence"]
        async with misbehaving(wrong("noise")) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: max(viewer.loudness, default=0) > 5000)

    run(main)


def test_no_key_frame_can_be_had_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with misbehaving(wrong("no-key-frame", for_ms=600)) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.loudness) > 15)
            assert viewer.pictures == []
            await eventually(lambda: len(viewer.pictures) > 5)

    with caplog.at_level(logging.CRITICAL, logger="aiortc"):  # it complains of each picture
        run(main)


@pytest.mark.parametrize("do", ["jitter", "reordering", "duplicate-packets"])
def test_a_rough_way_loses_nothing(do: str, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with misbehaving(wrong(do)) as odd:
            peer, viewer = await odd.connect()
            peer.show(said("All of this arrives in the end.", now()))
            await eventually(lambda: len(viewer.pictures) > 25 and max(viewer.loudness) > 5000)
            assert odd.used() == [do]

    with caplog.at_level(logging.CRITICAL, logger="aiortc"):
        run(main)


def test_lost_packets_are_missed_on_the_way() -> None:
    async def main() -> None:
        loss = wrong("burst-loss", at_ms=200, packets=20, stream="audio")
        async with misbehaving(loss) as odd:
            relay, peer, viewer = odd.show.relay(), odd.peer(), odd.viewer()
            answer = await viewer.answer(await relay.open(await peer.offer()))
            await peer.accept(parse_description("answer", answer.replace("a=candidate", "a=x")))
            await eventually(lambda: len(viewer.pictures) > 30)
            assert odd.used() == ["burst-loss"]
            ssrc = sorted(
                {data[8:12] for data in relay.seen if data[0] >> 6 == 2 and data[1] & 127 == 96}
            )
            numbers = [
                int.from_bytes(data[2:4], "big")
                for data in relay.seen
                if data[0] >> 6 == 2 and data[1] & 127 == 96 and data[8:12] == ssrc[0]
            ]
            assert numbers[-1] - numbers[0] + 1 - len(numbers) == 20

    run(main)


def test_time_stamps_jump() -> None:
    async def main() -> None:
        async with misbehaving(wrong("timestamp-jump", at_ms=300, ms=4000)) as odd:
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.pictures) > 20)
            assert max(steps(viewer.pictures)) == 360_000 + 3600

    run(main)


@needs_network
def test_media_by_the_public_interface_alone_cannot_go_wrong() -> None:
    async def main() -> None:
        async with misbehaving(wrong("no-video"), direct=False) as odd:
            _, viewer = await odd.join()
            await eventually(lambda: viewer.pictures)
            assert odd.used() == []
            assert odd.faults.report()["unused"] == [0]

    run(main)


def test_a_session_after_the_plan_is_as_healthy_as_ever() -> None:
    async def main() -> None:
        async with misbehaving(wrong("black"), wrong("no-audio"), wrong("low-rate", fps=1)) as odd:
            await odd.connect()
            odd.faults.set(())
            odd.show.news.clear()
            _, viewer = await odd.connect()
            await eventually(lambda: len(viewer.pictures) > 10 and viewer.loudness)
            assert luma(viewer.pictures[-1]) > 100
            assert steps(viewer.pictures)[0] == 90
            assert set(steps(viewer.pictures[2:])) == {3600}

    run(main)


def test_the_same_plan_is_told_alike_in_the_journal() -> None:
    plan = (
        wrong("frozen", at_ms=400),
        wrong("jitter", at_ms=200, stream="audio"),
        wrong("audio-ends", at_ms=600),
        wrong("low-rate", at_ms=100),
        {"on": "peer", "do": "ice-lite"},
        {"on": "peer", "do": "ice-disconnect", "at_ms": 800},
    )
    told: list[list[str]] = []

    async def main() -> None:
        async with misbehaving(*plan) as odd:
            await odd.connect()
            await eventually(lambda: "ice-disconnect" in odd.used())
            told.append(odd.used())

    run(main)
    run(main)
    kinds = ["ice-lite", "low-rate", "jitter", "frozen", "audio-ends", "ice-disconnect"]
    assert told == [kinds, kinds]


PLANS = plans((*media.KINDS, *signalling.KINDS), size=6, most=400)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=PLANS)
def test_any_plan_can_be_played(
    plan: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    unheard: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        async with misbehaving(*plan) as odd:
            peer, viewer = odd.peer(), odd.viewer()
            await _visit(peer, viewer, await peer.offer())
            peer.send(b"event")
            await asyncio.sleep(random.Random(len(plan)).uniform(0, 0.3))
            await peer.close()
            await _is_healthy(odd)

    asyncio.run(main())
    assert [context for context in unheard if "mock_server" in _trace(context)] == []
    assert [record.message for record in caplog.records if record.name == "heygen_mock"] == []


def _trace(context: dict[str, Any]) -> str:
    """Where something failed that was only told to the event loop; much is aiortc's own."""
    error = context.get("exception")
    return "" if error is None else "".join(traceback.format_exception(error))


async def _visit(peer: Any, viewer: Viewer, offer: str) -> None:
    """As far as aiortc gets with it."""
    try:
        async with asyncio.timeout(3):
            answer = await viewer.answer(offer)
    except Exception:  # noqa: BLE001 - what aiortc cannot read it says in many ways
        return
    try:
        await peer.accept(parse_description("answer", answer))
    except SdpError:
        return
    peer.show(said("A word or two.", now()))


async def _is_healthy(odd: Misbehaving) -> None:
    odd.faults.set(())
    viewer = odd.viewer()
    await odd.join(viewer=viewer)
    await eventually(lambda: viewer.pictures and viewer.loudness)


def now() -> float:
    return asyncio.get_running_loop().time()
