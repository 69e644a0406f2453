from __future__ import annotations

import time

from mock_server.clock import Clock


class Hand:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


def test_time_runs_with_the_monotonic_clock() -> None:
    hand = Hand()
    clock = Clock(epoch=1000.0, monotonic=hand)
    assert clock.now() == 1000.0
    hand.seconds += 2.5
    assert clock.now() == 1002.5
    assert clock.at(51.0) == 1001.0


def test_time_is_moved_on_and_never_back() -> None:
    clock = Clock(epoch=1000.0, monotonic=Hand())
    clock.move_to(1010.0)
    assert clock.now() == 1010.0
    clock.move_to(1005.0)
    assert clock.now() == 1010.0


def test_reset_takes_back_what_was_moved() -> None:
    hand = Hand()
    clock = Clock(epoch=1000.0, monotonic=hand)
    clock.move_to(5000.0)
    hand.seconds += 1
    clock.reset()
    assert clock.now() == 1001.0


def test_the_clock_begins_with_the_time_of_day() -> None:
    assert abs(Clock().now() - time.time()) < 5
