"""Ctrl-C that ends waiting, never half-way, and is pressed once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

_Result = TypeVar("_Result")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SLICE = 0.1
"""Seconds after which a signal is heeded at the latest."""


@contextmanager
def held() -> Iterator[None]:
    """Signals of this thread wait until the block is over.

    A KeyboardInterrupt in the middle of ``concurrent.futures.wait`` leaves the lock of a future
    taken (Python 3.11, ``_AcquireFutures``), and whoever has its result waits for it for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        heard.append(number)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if heard:
            signal.raise_signal(heard[0])


@contextmanager
def heard_once() -> Iterator[None]:
    """Ctrl-C, or the SIGTERM by which CI systems cancel, interrupts the block, and only once.

    The end is seconds away then: what is pressed in the middle of it is to cost no finding. What
    was ignored before, as in a shell's background, still is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, _unheard)
        raise KeyboardInterrupt

    known = {number: signal.getsignal(number) for number in _SIGNALS}
    before = {number: old for number, old in known.items() if old is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _unheard(number: int, frame: FrameType | None) -> None:
    """Not SIG_IGN, which those who are started would inherit."""


def first_done(
    waiting: Collection[Future[_Result]],
) -> tuple[set[Future[_Result]], set[Future[_Result]]]:
    """Those of the futures that are done, at least one, and the others."""
    while True:
        with held():
            done, others = wait(waiting, timeout=_SLICE, return_when=FIRST_COMPLETED)
        if done:
            return done, others
