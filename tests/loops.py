"""An event loop whose time passes at once: whoever waits for a timer waits for nothing else."""

from __future__ import annotations

import asyncio
import selectors


class SkippingSelector(selectors.DefaultSelector):
    """Instead of sleeping until the next timer, counts the seconds as gone."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.skipped += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """Timers fire in order and without delay. Not for sockets: their peers need real time."""

    def __init__(self) -> None:
        self._skipping = SkippingSelector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return super().time() + self._skipping.skipped


class StillLoop(SkippingLoop):
    """No time passes but what is waited for: the same calls see the same moments on every run."""

    def time(self) -> float:
        return self._skipping.skipped
