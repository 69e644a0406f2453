"""One ticker for the media of all viewers.

A frame lasts eight ticks. Each viewer has one of the eight for its media, so that the work of many
is spread over the frame's time. Few viewers share few of them: waking up costs the process
about as much as one viewer's frame.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Protocol

from mock_server.rtc.streamer import TICK, TICKS_PER_FRAME

_TOO_LATE = 0.25
_PER_SLOT = 24
"""Viewers on one tick before the next one is used: about a millisecond of work."""
_ORDER = (0, 4, 2, 6, 1, 5, 3, 7)
"""How ticks are taken into use: as far from each other as they can be."""

log = logging.getLogger("heygen_mock")


class Ticked(Protocol):
    """One viewer's media: called with a tick, the fake's time it was due, and the machine's."""

    def play(self, tick: int, now: float, wall: float, /) -> None: ...

    def show_picture(self, tick: int, now: float, wall: float, /) -> None: ...

    def stop(self) -> None: ...


class Pump:
    """Calls streamers when their tick is due. ``clock`` maps the loop's time to the fake's.

    What is shown depends on the time a tick was due, never on when it came to run; RTP time
    follows the tick's number and so the loop's clock, and does not jump when the fake's does.
    """

    def __init__(self, clock: Callable[[float], float]) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._epoch = self._loop.time()
        self._wall = time.time()
        self._slots: list[list[Ticked]] = [[] for _ in range(TICKS_PER_FRAME)]
        self._count = 0
        self._task: asyncio.Task[None] | None = None

    def add(self, streamer: Ticked) -> None:
        """Starts with a first frame at once, then keeps to the grid."""
        if any(streamer in slot for slot in self._slots):
            return
        self._roomy_slot().append(streamer)
        self._count += 1
        self.show_now(streamer)
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._run(), name="media pump")

    def show_now(self, streamer: Ticked) -> None:
        """One frame outside of the grid: for a viewer that has none yet."""
        tick = self._tick_of(self._loop.time())
        now = self._clock(self._epoch + tick * TICK)
        self._safely(streamer, streamer.show_picture, tick, now, self._wall + tick * TICK)

    def remove(self, streamer: Ticked) -> None:
        """Stops it; it may have been stopped before."""
        for slot in self._slots:
            if streamer in slot:
                slot.remove(streamer)
                self._count -= 1
        streamer.stop()

    async def close(self) -> None:
        """Ends the ticker."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def _tick_of(self, moment: float) -> int:
        return math.floor((moment - self._epoch) / TICK)

    async def _run(self) -> None:
        tick = self._tick_of(self._loop.time()) + 1
        while self._count:
            tick = self._next_used(tick)
            due = self._epoch + tick * TICK
            # Always yields, also when late: otherwise ICE consent would never be answered.
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            now = self._loop.time()
            if now - due > _TOO_LATE:
                tick = self._tick_of(now) + 1
                continue
            self._do(tick, self._clock(due))
            tick += 1

    def _next_used(self, tick: int) -> int:
        while not self._slots[tick % TICKS_PER_FRAME]:
            tick += 1
            if not self._count:
                break
        return tick

    def _roomy_slot(self) -> list[Ticked]:
        for number in _ORDER:
            if len(self._slots[number]) < _PER_SLOT:
                return self._slots[number]
        return min(self._slots, key=len)

    def _do(self, tick: int, now: float) -> None:
        wall = self._wall + tick * TICK
        for streamer in tuple(self._slots[tick % TICKS_PER_FRAME]):
            self._safely(streamer, streamer.play, tick, now, wall)

    def _safely(
        self,
        streamer: Ticked,
        send: Callable[[int, float, float], None],
        tick: int,
        now: float,
        wall: float,
    ) -> None:
        try:
            send(tick, now, wall)
        except Exception:
            # One viewer's trouble must not end the media of all others.
            log.exception("media of one viewer failed and is stopped")
            self.remove(streamer)
