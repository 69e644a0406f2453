"""What goes wrong with one viewer's media, and who is told that it did."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from mock_server.core.faults.plan import Deviation

Acting = tuple[Deviation, ...]
"""The deviations that act at a moment, in the order of the plan."""

_DISCONNECT_MS = 5000  # as it was seen of the service
_AT_FIRST_MS = 1000


@dataclass(frozen=True, slots=True)
class Misplay:
    """The deviations of one session's media. ``used`` is told of those that took effect."""

    deviations: tuple[Deviation, ...]
    used: Callable[[Deviation], None]

    def at(self, t: float) -> Acting:
        """What acts ``t`` seconds after the session connected."""
        return tuple(one for one in self.deviations if _acts(one, t))


def acting(deviations: Acting, *names: str) -> Deviation | None:
    """The last of them of one of these kinds: what a plan says later counts."""
    return next((one for one in reversed(deviations) if one.do in names), None)


def span(deviation: Deviation) -> tuple[float, float]:
    """From when until when it acts, in seconds since the session connected."""
    if deviation.do.startswith("late-"):
        return 0.0, deviation.get("ms", _AT_FIRST_MS) / 1000
    if deviation.do == "no-key-frame":
        return 0.0, deviation.get("for_ms", _AT_FIRST_MS) / 1000
    otherwise = _DISCONNECT_MS if deviation.do == "ice-disconnect" else 0
    begin = deviation.get("at_ms", otherwise)
    lasts = deviation.get("for_ms", math.inf)
    return begin / 1000, (begin + lasts) / 1000


def _acts(deviation: Deviation, t: float) -> bool:
    begin, end = span(deviation)
    return begin <= t < end
