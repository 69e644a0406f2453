"""The event loop of all connections, in a thread of its own, and how well it keeps up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

TICK = 0.01
"""Seconds between two looks at the clock."""

_NOTED = 0.002

log = logging.getLogger("heygen_contract")


class MediaLoop:
    """Runs coroutines for other threads. Ends with :meth:`close`, which may be called twice."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # What goes wrong inside of a connection shows in its state.
        self._loop.set_exception_handler(lambda _, context: log.debug("%s", context))
        self._late: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._run, name="contract-media", daemon=True)
        self._thread.start()

    @staticmethod
    def now() -> float:
        """Seconds on the clock of everything that is noted when it arrives."""
        return time.monotonic()

    def run(self, coroutine: Coroutine[Any, Any, Result], *, seconds: float = 15.0) -> Result:
        """Waits for its result. Raises what it raises, and TimeoutError."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(seconds)
        except BaseException:
            future.cancel()
            raise

    def worst_lag(self, begin: float, end: float) -> float:
        """By how many seconds the loop was late at most, between two moments of :meth:`now`."""
        late = self._late
        first = bisect_left(late, (begin,))
        return max((lag for when, lag in late[first:] if when - lag <= end), default=0.0)

    def close(self) -> None:
        """Cancels what still runs and ends the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        watch = self._loop.create_task(self._watch())
        try:
            self._loop.run_forever()
        finally:
            watch.cancel()
            self._loop.run_until_complete(self._cancel_all())
            self._loop.close()

    async def _watch(self) -> None:
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            now = time.monotonic()
            if now - due > _NOTED:
                self._late.append((now, now - due))

    async def _cancel_all(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        with contextlib.suppress(Exception):
            await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the next turn
