"""How fast the service may be asked, and how long it wants to be left alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

from contract.exchange import Response

_BUSY = frozenset({429, 503})


class Pace:
    """``rate`` in requests per second, ``max_wait`` in seconds; clocks in seconds too."""

    def __init__(
        self,
        rate: float | None,
        max_wait: float,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._gap = 0.0 if rate is None else 1 / rate
        self._max_wait = max_wait
        self._clock = clock
        self._wall = wall
        self._next = -math.inf

    def claim(self) -> float:
        """Takes the next place; the seconds until it comes."""
        now = self._clock()
        at = max(now, self._next)
        self._next = at + self._gap
        return at - now

    def saw(self, response: Response) -> None:
        """Heeds what the answer asks for."""
        if response.status in _BUSY:
            asked = retry_after(response.header("retry-after") or "", self._wall())
            if asked is not None:
                self._next = max(self._next, self._clock() + min(asked, self._max_wait))


def retry_after(value: str, now: float) -> float | None:
    """Seconds from ``now``, Unix time, for a Retry-After (RFC 9110, 10.2.3): a number of seconds
    or a date. None for what is neither.
    """
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
        # A date without a zone would be read in this machine's.
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None
