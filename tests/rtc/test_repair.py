"""What viewers report as lost is sent again."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise

import pytest

from mock_server.core.sdp import parse_description
from tests.rtc.relay import Relay, is_rtp, without_candidates
from tests.rtc.viewer import Show, Viewer, eventually, run, said, showing, steps

pytestmark = pytest.mark.peers


async def _connect(show: Show, *, rtx: bool = True) -> tuple[Viewer, Relay, int, int]:
    """A viewer behind a relay, the SSRC of the video and that of its retransmissions."""
    peer, viewer, relay = show.peer(), show.viewer(), show.relay()
    offer = await relay.open(await peer.offer())
    group = re.search(r"a=ssrc-group:FID (\d+) (\d+)", offer)
    assert group is not None
    answer = without_candidates(await viewer.answer(offer))
    if not rtx:
        answer = re.sub(r"a=rtpmap:\d+ rtx/90000\r\n", "", answer)
    await peer.accept(parse_description("answer", answer))
    await eventually(lambda: viewer.pictures)
    return viewer, relay, int(group[1]), int(group[2])


@pytest.mark.parametrize("rtx", [True, False])
def test_lost_packets_are_sent_again_and_no_picture_is_missing(rtx: bool) -> None:
    async def main() -> None:
        async with showing() as show:
            viewer, relay, video, repair = await _connect(show, rtx=rtx)
            lost: set[bytes] = set()

            def drop(data: bytes) -> bool:
                number = data[2:4]
                if not is_rtp(data, video) or number in lost or number[1] % 5:
                    return False
                lost.add(number)
                return True

            relay.drop = drop
            await eventually(lambda: len(lost) >= 6)
            relay.drop = lambda data: False
            shown = len(viewer.pictures)
            await eventually(lambda: len(viewer.pictures) >= shown + 8)
            assert set(steps(viewer.pictures[2:])) == {3600}
            repeated = [data for data in relay.seen if is_rtp(data, repair)]
            assert bool(repeated) == rtx

    run(main)


def test_a_viewer_that_cannot_decode_gets_a_key_frame() -> None:
    async def main() -> None:
        async with showing() as show:
            viewer, relay, video, _ = await _connect(show)
            await eventually(lambda: len(viewer.pictures) >= 5)
            (receiver,) = (r for r in viewer.peer.getReceivers() if r.track.kind == "video")
            relay.seen.clear()
            await receiver._send_rtcp_pli(video)  # noqa: SLF001 - aiortc offers no public way
            await eventually(lambda: len(viewer.pictures) >= 12)
            # Two frames of one tick: the key frame, then the one that shows the present state.
            assert steps(viewer.pictures[3:]).count(90) == 1
            sizes = _frame_sizes([d for d in relay.seen if is_rtp(d, video)])
            assert max(sizes) > 2 * sorted(sizes)[len(sizes) // 2]

    run(main)


def test_a_viewer_that_keeps_asking_gets_at_most_ten_key_frames_a_second() -> None:
    async def main() -> None:
        async with showing() as show:
            viewer, _, video, _ = await _connect(show)
            (receiver,) = (r for r in viewer.peer.getReceivers() if r.track.kind == "video")
            for _ in range(60):
                await receiver._send_rtcp_pli(video)  # noqa: SLF001 - as above
                await asyncio.sleep(0.01)
            await eventually(lambda: len(viewer.pictures) >= 20)
            times = [p.pts for p in viewer.pictures]
            doubles = [
                t for t, step in zip(times, steps(viewer.pictures), strict=False) if step == 90
            ]
            # A grid of 40 ms makes 100 ms into 120.
            assert min(b - a for a, b in pairwise(doubles[1:])) >= 3 * 3600

    run(main)


def test_a_viewer_that_reads_nothing_does_not_slow_another() -> None:
    async def main() -> None:
        async with showing() as show:
            _, relay, _, _ = await _connect(show)
            relay.drop = lambda data: True
            peer, viewer = await show.connect()
            peer.show(said("Hello there, how are you?", asyncio.get_running_loop().time()))
            await eventually(lambda: len(viewer.pictures) >= 25)
            assert set(steps(viewer.pictures[2:])) == {3600}

    run(main)


def _frame_sizes(packets: list[bytes]) -> list[int]:
    """Bytes per timestamp."""
    sizes: dict[bytes, int] = {}
    for data in packets:
        sizes[data[4:8]] = sizes.get(data[4:8], 0) + len(data)
    return list(sizes.values())
