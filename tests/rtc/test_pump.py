"""The ticker: on the grid, spread over the frame, and nobody's trouble is another's."""

from __future__ import annotations

import logging
import time
from collections import Counter

import pytest

from mock_server.rtc.pump import Pump
from mock_server.rtc.streamer import TICK
from tests.rtc.viewer import eventually, run


class Recorder:
    def __init__(self, *, broken: bool = False) -> None:
        self.pictures: list[tuple[int, float, float]] = []
        self.stopped = 0
        self._broken = broken

    def show_picture(self, tick: int, now: float, wall: float, /) -> None:
        self.pictures.append((tick, now, wall))
        if self._broken and len(self.pictures) > 2:
            raise RuntimeError("no more")

    def play(self, tick: int, now: float, wall: float, /) -> None:
        self.show_picture(tick, now, wall)

    def stop(self) -> None:
        self.stopped += 1

    @property
    def ticks(self) -> list[int]:
        """Of the grid, without the first frame that comes at once."""
        return [tick for tick, *_ in self.pictures[1:]]


def test_media_comes_every_eight_ticks() -> None:
    async def main() -> None:
        pump, viewer = Pump(float), Recorder()
        pump.add(viewer)
        pump.add(viewer)
        assert len(viewer.pictures) == 1
        await eventually(lambda: len(viewer.ticks) >= 6)
        pump.remove(viewer)
        first = viewer.ticks[0]
        assert viewer.ticks == list(range(first, first + 8 * len(viewer.ticks), 8))
        await pump.close()

    run(main)


def test_what_is_shown_depends_on_the_time_a_tick_was_due() -> None:
    async def main() -> None:
        pump, viewer = Pump(lambda t: 2 * t), Recorder()
        pump.add(viewer)
        await eventually(lambda: len(viewer.ticks) >= 5)
        pump.remove(viewer)
        (tick, now, wall), *later = viewer.pictures
        for other, shown, walled in later:
            assert shown - now == pytest.approx(2 * (other - tick) * TICK, abs=1e-6)
            assert walled - wall == pytest.approx((other - tick) * TICK, abs=1e-6)
        await pump.close()

    run(main)


def test_few_viewers_share_ticks_and_many_are_spread_over_the_frame() -> None:
    async def main() -> None:
        pump, viewers = Pump(float), [Recorder() for _ in range(200)]
        for viewer in viewers:
            pump.add(viewer)
        await eventually(lambda: all(viewer.ticks for viewer in viewers))
        places = [viewer.ticks[0] % 8 for viewer in viewers]
        assert len(set(places[:24])) == 1
        assert {(place - places[0]) % 8 for place in places[:48]} == {0, 4}
        assert set(Counter(places).values()) == {25}
        for viewer in viewers:
            pump.remove(viewer)
        await pump.close()

    run(main)


def test_ticks_that_are_far_too_late_are_left_out() -> None:
    async def main() -> None:
        pump, viewer = Pump(float), Recorder()
        pump.add(viewer)
        await eventually(lambda: len(viewer.ticks) >= 3)
        stalled_at = viewer.ticks[-1]
        time.sleep(0.5)  # noqa: ASYNC251 - the stall is what is tested
        await eventually(lambda: viewer.ticks[-1] > stalled_at + 100)
        pump.remove(viewer)
        missing = set(range(stalled_at, viewer.ticks[-1], 8)) - set(viewer.ticks)
        # 0.5 s is 100 ticks, 12 frames; what is up to 0.25 s late is caught up with.
        assert len(missing) >= 5
        await pump.close()

    run(main)


def test_one_viewer_that_fails_is_stopped_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        pump, well, broken = Pump(float), Recorder(), Recorder(broken=True)
        pump.add(well)
        pump.add(broken)
        await eventually(lambda: len(well.ticks) >= 8)
        assert len(broken.pictures) == 3
        assert broken.stopped == 1
        assert well.stopped == 0
        pump.remove(well)
        await pump.close()

    with caplog.at_level(logging.ERROR):
        run(main)
    assert "media of one viewer failed and is stopped" in caplog.text


def test_the_ticker_rests_without_viewers_and_starts_again() -> None:
    async def main() -> None:
        pump, viewer = Pump(float), Recorder()
        for count in (3, 6):
            pump.add(viewer)
            await eventually(lambda count=count: len(viewer.pictures) >= count)  # type: ignore[misc]
            pump.remove(viewer)
        assert viewer.stopped == 2
        await pump.close()
        await pump.close()

    run(main)
