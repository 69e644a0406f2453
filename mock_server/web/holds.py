"""Answers that are held up on purpose, and what ends that early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Receive


class Hold:
    """One answer that is held up. ``gone``: its client has left; ``ended``: the fake goes on."""

    def __init__(self, leaving: asyncio.Future[None], ending: asyncio.Future[None]) -> None:
        self._leaving = leaving
        self._ending = ending

    @property
    def gone(self) -> bool:
        return self._leaving.done()

    @property
    def ended(self) -> bool:
        return self._ending.done()

    async def wait(self, seconds: float | None) -> bool:
        """Waits so long, None for as long as it may. False when the hold was cut short."""
        both = (self._leaving, self._ending)
        done, _ = await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return not done


class Holds:
    """All answers that are held up now; a reset or the end of the server lets go of them."""

    def __init__(self) -> None:
        self._endings: set[asyncio.Future[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def hold(self, receive: Receive) -> AsyncIterator[Hold]:
        """Holds an answer up; ``receive`` tells when its client leaves."""
        ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._closed:
            ending.set_result(None)
        self._endings.add(ending)
        leaving = asyncio.ensure_future(disconnected(receive))
        try:
            yield Hold(leaving, ending)
        finally:
            self._endings.discard(ending)
            leaving.cancel()
            await asyncio.wait((leaving,))

    def end(self) -> None:
        """Lets go of all."""
        for ending in self._endings:
            if not ending.done():
                ending.set_result(None)

    def close(self) -> None:
        """Lets go of all, and holds none from now on."""
        self._closed = True
        self.end()


async def disconnected(receive: Receive) -> None:
    """Returns when the client has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
