"""Ctrl-C ends a wait for futures, and leaves them usable."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from contract.clients.interrupts import first_done, heard_once, held


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_what_is_done_first_is_given_with_what_is_left() -> None:
    one, other = Future[int](), Future[int]()
    threading.Timer(0.01, one.set_result, [1]).start()
    assert first_done([one, other]) == ({one}, {other})


def test_a_signal_waits_for_the_end_of_the_block() -> None:
    seen: list[str] = []

    def block() -> None:
        with held():
            os.kill(os.getpid(), signal.SIGINT)
            seen.append("the rest of the block")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert seen == ["the rest of the block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("delay", [0.0, 0.0001, 0.001, 0.02])
def test_futures_can_be_done_after_an_interrupt(delay: float) -> None:
    futures = [Future[int]() for _ in range(500)]  # so many that most of a wait is taking locks

    def interrupt() -> None:
        time.sleep(delay)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)

    def attempt() -> None:
        thread.start()
        first_done(futures)

    with pytest.raises(KeyboardInterrupt):
        attempt()
    thread.join()

    def finish() -> None:
        for future in futures:
            future.set_result(1)

    done = threading.Thread(target=finish, daemon=True)
    done.start()
    done.join(10)
    assert all(future.done() for future in futures)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_does_not_interrupt_the_end(number: signal.Signals) -> None:
    seen: list[str] = []

    def block() -> None:
        with heard_once():
            try:
                with held():
                    os.kill(os.getpid(), number)
            finally:
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGTERM)
                seen.append("the rest of the block")

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        block()
    assert seen == ["the rest of the block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with heard_once():
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_elsewhere_than_in_the_main_thread_nothing_is_held() -> None:
    future = Future[int]()
    future.set_result(1)
    seen: list[object] = []
    thread = threading.Thread(target=lambda: seen.append(first_done([future])))
    thread.start()
    thread.join()
    assert seen == [({future}, set())]
