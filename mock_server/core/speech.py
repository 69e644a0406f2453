"""From text and voice rate to a timeline: when talking starts and ends, the mouth at time t.

Speech is laid out in slots of 20 ms, the length of one Opus packet, so that sound and lips are
read from the same grid and cannot drift apart.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import IntEnum

SLOT_MS = 20


class Mouth(IntEnum):
    """The eight mouth shapes of the atlas."""

    REST = 0
    CLOSED = 1  # pressed lips: m, b, p
    TEETH = 2  # lower lip at the teeth: f, v
    NARROW = 3  # spread and nearly shut: i, s, z
    HALF = 4  # e, and most consonants
    ROUND = 5  # u, w
    OPEN = 6  # o
    WIDE = 7  # a


@dataclass(frozen=True, slots=True)
class Syllable:
    """One audible unit: ``start`` and ``slots`` in slots of 20 ms from the utterance's begin.

    ``vowel`` is one of "aeiou"; ``pitch`` is a step of the melody from 0 (low) to 2 (high);
    ``stressed`` syllables are louder.
    """

    start: int
    slots: int
    vowel: str
    pitch: int
    stressed: bool


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text laid out in time. ``mouths`` holds one :class:`Mouth` per slot."""

    text: str
    rate: float
    syllables: tuple[Syllable, ...]
    mouths: bytes

    @property
    def slots(self) -> int:
        return len(self.mouths)

    @property
    def duration_ms(self) -> float:
        return float(len(self.mouths) * SLOT_MS)


@dataclass(frozen=True, slots=True)
class Speech:
    """An utterance that began at ``started_at``, seconds on the fake's clock."""

    task_id: str
    utterance: Utterance
    started_at: float

    @property
    def ends_at(self) -> float:
        return self.started_at + self.utterance.duration_ms / 1000

    def slot(self, now: float) -> int | None:
        """The slot that sounds at ``now``; None before the begin and after the end."""
        # Half a millisecond of grace keeps a tick that is due exactly at a slot's begin in it.
        index = int((now - self.started_at) * 1000 / SLOT_MS + 0.025)
        return index if 0 <= index < self.utterance.slots and now >= self.started_at - 5e-4 else None
