"""The event loop of all connections, in a thread of its own, and how well it keeps up."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Coroutine, Iterable
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")

TICK = 0.01
"""Seconds between two looks at the clock."""

_NOTED = 0.002
_GOODBYE = 5.0
"""Seconds that what still runs has to end."""

log = logging.getLogger("heygen_contract")


class Late(NamedTuple):
    """At the moment ``noted`` the loop was late by so many seconds: what arrived since waited."""

    noted: float
    seconds: float


def worst(late: Iterable[Late], begin: float, end: float) -> float:
    """By how many seconds the loop was late at most between two moments."""
    return max(
        (one.seconds for one in late if one.noted > begin and one.noted - one.seconds < end),
        default=0.0,
    )


class MediaLoop:
    """Runs coroutines for other threads. Ends with :meth:`close`, which may be called twice."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # What goes wrong inside of a connection shows in its state.
        self._loop.set_exception_handler(lambda _, context: log.debug("%s", context))
        self._late: list[Late] = []
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

    def late(self, since: float) -> tuple[Late, ...]:
        """When the loop was late since a moment of :meth:`now`, and by how much."""
        return tuple(self._late[bisect_left(self._late, (since,)) :])

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
                self._late.append(Late(now, now - due))

    async def _cancel_all(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:  # one that does not let itself be cancelled must not hold up the end
            await asyncio.wait(left, timeout=_GOODBYE)
        await asyncio.sleep(0)  # transports close in the next turn
