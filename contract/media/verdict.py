"""What a look at one recording says of one rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """It could have been broken, and was not."""


@dataclass(frozen=True, slots=True)
class Broken:
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Unable:
    """It cannot be said."""

    why: str


Verdict = Held | Broken | Unable

_BUSY_LAG = 1.0
"""Seconds: a viewer that was so late cannot tell a server that is late from one that is wrong. What
does not come is waited for twice as long.
"""

BUSY = "not judged (machine busy)"
NO_STAMP = "the picture carries no stamp"
MISSING = "no sound came for a while, just then"
LOST = "packets were lost on the way"


def unless_busy(verdict: Verdict, lag: float) -> Verdict:
    """The verdict; that something did not come is not said of a busy machine."""
    return Unable(BUSY) if isinstance(verdict, Broken) and lag > _BUSY_LAG else verdict
