"""Answers that are held up on purpose, and what ends that early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.types import Receive

from mock_server.web.wire import Wire


class Hold:
    """One answer that is held up. ``gone`` is whether its client has left meanwhile."""

    def __init__(
        self, leaving: Sequence[asyncio.Future[None]], ending: asyncio.Future[None]
    ) -> None:
        self._leaving = leaving
        self._ending = ending

    @property
    def gone(self) -> bool:
        return any(one.done() for one in self._leaving)

    async def wait(self, seconds: float | None) -> bool:
        """Waits so long, None for as long as it may. False when the hold was cut short."""
        done, _ = await asyncio.wait(
            (*self._leaving, self._ending),
            timeout=seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        return not done


class Holds:
    """All answers that are held up now; a reset or the end of the server lets go of them."""

    def __init__(self) -> None:
        self._endings: set[asyncio.Future[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def hold(self, receive: Receive, wire: Wire | None) -> AsyncIterator[Hold]:
        """Holds an answer up; ``receive`` tells when its client leaves, and so does ``wire``."""
        ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._closed:
            ending.set_result(None)
        self._endings.add(ending)
        # A server that parses ahead tells only the last request of a connection that it has ended.
        signs = [disconnected(receive), *([] if wire is None else [wire.lost()])]
        leaving = [asyncio.ensure_future(one) for one in signs]
        await asyncio.sleep(0)  # who left while the call was done is seen to be gone
        try:
            yield Hold(leaving, ending)
        finally:
            self._endings.discard(ending)
            for one in leaving:
                one.cancel()
            await asyncio.wait(leaving)

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
