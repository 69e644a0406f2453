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

BUSY = "not judged (machine busy)"
NO_STAMP = "the picture carries no stamp"
LOST = "packets were lost on the way"
