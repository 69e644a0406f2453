"""One timer ends the waits that last too long."""

from __future__ import annotations

import asyncio

import pytest

from mock_server.web.patience import Patience
from tests.loops import SkippingLoop


@pytest.fixture
def loop() -> SkippingLoop:
    return SkippingLoop()


async def _after(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


def test_what_comes_in_time_is_given(loop: SkippingLoop) -> None:
    patience = Patience(30.0)
    assert loop.run_until_complete(patience.wait(_after(29.0))) == "done"
    loop.close()


def test_what_takes_too_long_is_ended(loop: SkippingLoop) -> None:
    patience = Patience(30.0)

    async def wait() -> float:
        began = loop.time()
        with pytest.raises(TimeoutError):
            await patience.wait(_after(3600.0))
        return loop.time() - began

    assert 30.0 <= loop.run_until_complete(wait()) < 30.5
    loop.close()


def test_the_caller_goes_on_after_a_wait_that_was_ended(loop: SkippingLoop) -> None:
    patience = Patience(1.0)

    async def wait_twice() -> str:
        with pytest.raises(TimeoutError):
            await patience.wait(_after(5.0))
        return await patience.wait(_after(0.5))

    assert loop.run_until_complete(wait_twice()) == "done"
    loop.close()


def test_each_wait_has_its_own_end(loop: SkippingLoop) -> None:
    patience = Patience(30.0)

    async def ends(after: float) -> float:
        await asyncio.sleep(after)
        with pytest.raises(TimeoutError):
            await patience.wait(_after(3600.0))
        return loop.time()

    async def main() -> list[float]:
        began = loop.time()
        quick = patience.wait(_after(1.0))
        both = await asyncio.gather(ends(0.0), ends(12.0), quick)
        return [round(moment - began) for moment in both[:2]]

    assert loop.run_until_complete(main()) == [30, 42]
    loop.close()


def test_a_cancelled_caller_is_no_timeout(loop: SkippingLoop) -> None:
    patience = Patience(30.0)

    async def cancelled() -> bool:
        task = asyncio.ensure_future(patience.wait(_after(3600.0)))
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert loop.run_until_complete(cancelled()) is True
    loop.close()
