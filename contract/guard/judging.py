"""Judges exchanges as they happen, also such as overlap."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from contract.exchange import Exchange
from contract.monitor import Monitor

_LOG = logging.getLogger(__name__)


class LiveJudge:
    """Holds exchanges back until nothing is under way that may have led to what they show."""

    def __init__(self, monitor: Monitor) -> None:
        self.problem: str | None = None
        """Why the judging ended early; None when it did not."""
        self._monitor = monitor
        self._under_way = 0
        self._waiting: list[Exchange] = []

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """A call is under way within the block."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.flush()

    def ended(self, exchange: Exchange) -> None:
        """Takes an exchange, in the order in which they ended, within the block of its call."""
        self._waiting.append(exchange)

    def flush(self) -> None:
        """Judges all that was taken."""
        waiting, self._waiting = self._waiting, []
        for place, exchange in enumerate(waiting):
            beside = [each for each in waiting[place + 1 :] if each.began < exchange.ended]
            if self.problem is None:
                try:
                    self._monitor.observe(exchange, during=beside)
                except Exception as problem:  # noqa: BLE001 - it is told
                    # A judge that stumbles must not cost sessions: they are still to be stopped.
                    _LOG.exception("the judge failed at exchange %d", exchange.number)
                    self.problem = f"the judge failed at exchange {exchange.number}: {problem!r}"
