"""From text and voice rate to a timeline: when talking starts and ends, the mouth at time t.

Speech is laid out in slots of 20 ms, the length of one Opus packet, so that sound and lips are
read from the same grid and cannot drift apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from mock_server.core.pronunciation import Pause, Phone, Word, pronounce

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


class Eyes(IntEnum):
    """The three states of the eyes in the atlas."""

    OPEN = 0
    HALF = 1
    SHUT = 2


@dataclass(frozen=True, slots=True)
class Sound:
    """One recording of the voice bank: ``start`` and ``slots`` in slots of 20 ms.

    ``kind`` is one of the vowels and consonants of :mod:`mock_server.core.pronunciation`;
    ``pitch`` and ``stressed`` as in :class:`Syllable`.
    """

    start: int
    slots: int
    kind: str
    pitch: int
    stressed: bool


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
    sounds: tuple[Sound, ...] = ()

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

    def spoken_ms(self, now: float) -> float:
        """Milliseconds really spoken by ``now``, from 0 to the duration: what an interruption
        leaves.
        """
        return min(max((now - self.started_at) * 1000, 0.0), self.utterance.duration_ms)

    def slot(self, now: float) -> int | None:
        """The slot that sounds at ``now``; None before the begin and after the end."""
        # Half a millisecond of grace keeps a tick that is due exactly at a slot's begin in it.
        index = int((now - self.started_at) * 1000 / SLOT_MS + 0.025)
        begun = now >= self.started_at - 5e-4
        return index if begun and 0 <= index < self.utterance.slots else None


SLOWEST, FASTEST = 0.5, 2.0
"""Rates outside of these are spoken at the nearer one, so that every sound keeps its shape."""

# Milliseconds at rate 1, chosen so that English runs at about 14 characters per second, the
# middle of unhurried reading aloud.
_VOWEL, _STRESSED_VOWEL, _FINAL_VOWEL = 100.0, 130.0, 175.0
_CONSONANT = {"m": 60.0, "b": 45.0, "s": 70.0, "f": 55.0, "l": 50.0}
_WORD_GAP, _PHRASE_GAP, _SENTENCE_GAP = 30.0, 200.0, 380.0
_MUTTER = (Word(((Phone("m", "m"), Phone("e", "e"), Phone("m", "m")),), 0),)

_SHAPES = {
    **dict.fromkeys("mbp", Mouth.CLOSED),
    **dict.fromkeys("fv", Mouth.TEETH),
    **dict.fromkeys("iszxjcy", Mouth.NARROW),
    **dict.fromkeys("uwq", Mouth.ROUND),
    "o": Mouth.OPEN,
    "a": Mouth.WIDE,
}


def speak(text: str, *, rate: float) -> Utterance:
    """Lays ``text`` out in time: the same text and rate give the same utterance.

    ``rate`` is the tempo, 1 is normal, and the duration is inverse to it from SLOWEST to FASTEST.
    Raises nothing for any text; one without anything to say becomes a short hum.
    """
    tempo = 1.0 if math.isnan(rate) else min(max(rate, SLOWEST), FASTEST)
    layout = _Layout(tempo)
    said = list(pronounce(text))
    if not any(isinstance(item, Word) for item in said):
        said = list(_MUTTER)
    for sentence in _sentences(said):
        layout.add(sentence)
    return Utterance(
        text, rate, tuple(layout.syllables), bytes(layout.mouths), tuple(layout.sounds)
    )


def _sentences(said: list[Word | Pause]) -> Iterator[list[Word | Pause]]:
    sentence: list[Word | Pause] = []
    for item in said:
        if isinstance(item, Pause) and not any(isinstance(kept, Word) for kept in sentence):
            continue  # "...", "?!" and line ends in a row are one silence
        sentence.append(item)
        if isinstance(item, Pause) and item.ends_sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


class _Layout:
    """Puts sounds one after the other on the grid. Rounds the running time, never a length, so
    that a long text is as exact as a short one.
    """

    def __init__(self, tempo: float) -> None:
        self.syllables: list[Syllable] = []
        self.sounds: list[Sound] = []
        self.mouths = bytearray()
        self._tempo = tempo
        self._elapsed = 0.0
        self._gap = 0.0

    def add(self, sentence: list[Word | Pause]) -> None:
        last = sentence[-1]
        question = isinstance(last, Pause) and last.question
        words = [item for item in sentence if isinstance(item, Word)]
        total = sum(len(word.syllables) for word in words)
        spoken = 0
        for position, item in enumerate(sentence):
            if isinstance(item, Pause):
                self._gap = max(self._gap, _SENTENCE_GAP if item.ends_sentence else _PHRASE_GAP)
                continue
            following = sentence[position + 1] if position + 1 < len(sentence) else None
            for index, phones in enumerate(item.syllables):
                stressed = item.stress == index
                pitch = _melody(spoken, total, stressed=stressed, question=question)
                closing = index + 1 == len(item.syllables) and not isinstance(following, Word)
                self._syllable(phones, pitch, stressed=stressed, closing=closing)
                spoken += 1
            self._gap = max(self._gap, _WORD_GAP)

    def _syllable(
        self, phones: tuple[Phone, ...], pitch: int, *, stressed: bool, closing: bool
    ) -> None:
        self._advance(self._gap, Mouth.REST)
        self._gap = 0.0
        start = len(self.mouths)
        vowel = ""
        for phone in phones:
            begin = len(self.mouths)
            shape = _SHAPES.get(phone.letter, Mouth.HALF)
            if phone.voiced:
                vowel = phone.kind
                lasts = _FINAL_VOWEL if closing else _STRESSED_VOWEL if stressed else _VOWEL
            else:
                lasts = _CONSONANT[phone.kind]
            self._advance(lasts, shape)
            if slots := len(self.mouths) - begin:
                self.sounds.append(Sound(begin, slots, phone.kind, pitch, stressed))
                if shape in (Mouth.OPEN, Mouth.WIDE) and slots > 3:
                    # Two slots are one picture: the jaw needs one on its way down and up.
                    self.mouths[begin] = self.mouths[begin + 1] = Mouth.HALF
                    if slots > 5:
                        self.mouths[-1] = Mouth.HALF
        self.syllables.append(Syllable(start, len(self.mouths) - start, vowel, pitch, stressed))

    def _advance(self, milliseconds: float, shape: Mouth) -> None:
        self._elapsed += milliseconds / self._tempo
        until = round(self._elapsed / SLOT_MS)
        self.mouths.extend(bytes([shape]) * (until - len(self.mouths)))


def _melody(index: int, total: int, *, stressed: bool, question: bool) -> int:
    """Falls over the sentence, rises with stress; a question ends high, a statement low."""
    left = total - 1 - index
    if question:
        return 2 if left == 0 else 1 if stressed and left > 1 else 0
    if left == 0:
        return 0
    early = index * 5 < total * 3
    return (2 if early else 1) if stressed else (1 if early else 0)
