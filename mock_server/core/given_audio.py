"""A speech out of audio that a client gives, instead of a text.

The fake has no encoder: the avatar speaks with a voice of its own, syllable after syllable, where
the audio is loud, and is silent where it is quiet. So length, pauses and lips are those of the
audio; its words are not heard.
"""

from __future__ import annotations

from mock_server.core.levels import level
from mock_server.core.speech import SLOT_MS, Mouth, Sound, Syllable, Utterance

RATE = 24_000
"""Samples per second of ``agent.speak``: 16 bits, little-endian, one channel."""
LOUD, STRESSED = -45.0, -20.0
"""dBFS from which a slot is spoken, and from which it is spoken louder."""

_SLOT_BYTES = RATE * SLOT_MS // 1000 * 2
_CONSONANT_SLOTS, _SYLLABLE_SLOTS = 2, 9
# (consonant, its mouth, vowel, its mouth, pitch): spoken in turn, as a melody without words.
_TURNS = (
    ("l", Mouth.HALF, "a", Mouth.WIDE, 1),
    ("b", Mouth.CLOSED, "e", Mouth.HALF, 2),
    ("s", Mouth.NARROW, "o", Mouth.OPEN, 1),
    ("m", Mouth.CLOSED, "i", Mouth.NARROW, 0),
    ("f", Mouth.TEETH, "u", Mouth.ROUND, 1),
    ("l", Mouth.HALF, "e", Mouth.HALF, 0),
)


class GivenAudio:
    """Audio that comes in pieces, of which no more is kept than how loud each slot is."""

    __slots__ = ("_levels", "_rest")

    def __init__(self) -> None:
        self._levels: list[float] = []
        self._rest = b""

    @property
    def seconds(self) -> float:
        return (len(self._levels) * _SLOT_BYTES + len(self._rest)) / (2 * RATE)

    def add(self, pcm: bytes) -> None:
        """More samples of RATE; a piece may end anywhere, even between the bytes of a sample."""
        data = memoryview(self._rest + pcm)
        whole = len(data) - len(data) % _SLOT_BYTES
        self._levels += (level(data[at : at + _SLOT_BYTES]) for at in range(0, whole, _SLOT_BYTES))
        self._rest = bytes(data[whole:])

    def utterance(self) -> Utterance:
        """The speech that is as long as the audio so far, and sounds where that is loud.

        It has no text. More audio changes nothing before the last syllable.
        """
        rest = [level(self._rest)] if len(self._rest) > 1 else []
        return _utter(self._levels + rest)


def _utter(levels: list[float]) -> Utterance:
    mouths = bytearray(len(levels))
    sounds: list[Sound] = []
    syllables: list[Syllable] = []
    start = 0
    while start < len(levels):
        end = start
        while end < len(levels) and end - start < _SYLLABLE_SLOTS and levels[end] >= LOUD:
            end += 1
        if end == start:
            start += 1
            continue
        stressed = max(levels[start:end]) >= STRESSED
        consonant, closed, vowel, opened, pitch = _TURNS[len(syllables) % len(_TURNS)]
        middle = min(start + _CONSONANT_SLOTS, end)
        sounds.append(Sound(start, middle - start, consonant, 1, stressed=False))
        mouths[start:middle] = bytes([closed]) * (middle - start)
        if end > middle:
            sounds.append(Sound(middle, end - middle, vowel, pitch, stressed))
            mouths[middle:end] = bytes([opened]) * (end - middle)
        syllables.append(Syllable(start, end - start, vowel, pitch, stressed))
        start = end
    return Utterance("", 1.0, tuple(syllables), bytes(mouths), tuple(sounds))
