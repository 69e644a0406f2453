"""The loop of all connections ends, whatever runs in it."""

from __future__ import annotations

import asyncio

import pytest

from contract.media import loop as of_loop
from contract.media.loop import MediaLoop


async def _stubborn() -> None:
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            continue


def test_what_does_not_let_itself_be_cancelled_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(of_loop, "_GOODBYE", 0.01)
    loop = MediaLoop()
    with pytest.raises(TimeoutError):
        loop.run(_stubborn(), seconds=0.01)
    loop.close()
    loop.close()
