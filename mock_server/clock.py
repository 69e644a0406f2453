"""The fake's time: Unix seconds that run with the monotonic clock and can be moved on."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Rules of the API read time from here alone."""

    def __init__(
        self,
        *,
        epoch: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._epoch = time.time() if epoch is None else epoch
        self._zero = monotonic()
        self._advanced = 0.0

    def now(self) -> float:
        """Unix time in seconds."""
        return self.at(self._monotonic())

    def at(self, monotonic: float) -> float:
        """The fake's time at a reading of the monotonic clock (the event loop's time)."""
        return self._epoch + (monotonic - self._zero) + self._advanced

    def move_to(self, moment: float) -> None:
        """Moves on to ``moment``; never back."""
        self._advanced += max(0.0, moment - self.now())

    def reset(self) -> None:
        """As at process start: takes back what it was moved on."""
        self._advanced = 0.0
