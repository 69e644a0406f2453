"""What the judge knows of a session's speech: tasks that were taken, and when they end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

MAX_WAITING = 100
"""Rule task-queue-limit."""


@dataclass(slots=True)
class SpeechModel:
    """Bounds on when each task's speech ends, in Unix seconds on the server's clock."""

    ends: list[tuple[float, float]] = field(default_factory=list)
    """(not before, not after) per task that was taken since the last silence."""

    @property
    def surely_until(self) -> float:
        """The avatar surely speaks until then."""
        return self.ends[-1][0] if self.ends else -math.inf

    @property
    def perhaps_until(self) -> float:
        """The avatar may speak until then."""
        return self.ends[-1][1] if self.ends else -math.inf

    def take(self, began: float, ended: float, duration: float) -> None:
        """A task was taken that speaks for ``duration`` seconds, after those before it."""
        first, last = self.ends[-1] if self.ends else (-math.inf, -math.inf)
        self.ends.append((max(began, first) + duration, max(ended, last) + duration))

    def take_perhaps(self) -> None:
        """A task may have been taken, and nobody knows for how long it speaks."""
        self.ends.append((-math.inf, math.inf))

    def silence_perhaps(self) -> None:
        """All may have been dropped."""
        self.ends = [(-math.inf, last) for _, last in self.ends]

    def waiting(self, began: float, ended: float) -> tuple[int, int]:
        """How many tasks wait behind the one that is spoken: at least and at most."""
        self.ends = [*(s for s in self.ends[:-1] if s[1] > began), *self.ends[-1:]]
        surely = sum(first > ended for first, _ in self.ends)
        perhaps = sum(last > began for _, last in self.ends)
        return max(surely - 1, 0), max(perhaps - 1, 0)

    def speaking(self, began: float, ended: float) -> tuple[bool, bool]:
        """Whether the avatar surely, and whether it perhaps, speaks."""
        return self.surely_until > ended, self.perhaps_until > began

    def silence(self) -> None:
        """All that was spoken or waited is dropped."""
        self.ends.clear()
