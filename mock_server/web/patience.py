"""Ends waits that last too long, with one timer for all of them.

``asyncio.timeout`` takes a timer for each wait, which costs a request more than its validation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


class Patience:
    """Lets a task wait for ``seconds``. All wait equally long, so who began first ends first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[asyncio.Task[Any], float] = {}
        self._ended: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, work: Awaitable[T]) -> T:
        """What ``work`` gives. Raises TimeoutError when it takes too long."""
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        self._until[task] = until = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(until, self._look)
        try:
            return await work
        except asyncio.CancelledError:
            if task not in self._ended:
                raise
            task.uncancel()
            raise TimeoutError from None
        finally:
            self._ended.discard(task)
            del self._until[task]

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        for task, until in self._until.items():
            if until > loop.time():
                self._timer = loop.call_at(until, self._look)
                return
            if task not in self._ended:
                self._ended.add(task)
                task.cancel()
