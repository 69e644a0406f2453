"""A speech out of audio that a client gives, instead of a text.

The fake has no encoder: the avatar speaks with a voice of its own, syllable after syllable, where
the audio is loud, and is silent where it is quiet. So length, pauses and lips are those of the
audio; its words are not heard.
"""

from __future__ import annotations

from mock_server.core.levels import levels
from mock_server.core.speech import SLOT_MS, Mouth, Sound, Syllable, Utterance

RATE = 24_000
"""Samples per second of ``agent.speak``: 16 bits, little-endian, one channel."""
LOUD, STRESSED = -45.0, -20.0
"""dBFS from which a slot is spoken, and from which it is spoken louder."""

_SAMPLES = RATE * SLOT_MS // 1000
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


def utter_audio(pcm: bytes, *, text: str = "") -> Utterance:
    """The speech that takes as long as ``pcm``, of RATE, and sounds where that is loud.

    The begin of longer audio is uttered as it would be alone, but for the syllable that the
    shorter one cuts. Raises nothing for any bytes; no bytes are an utterance without length.
    """
    loudness = [loud for loud, _ in levels(pcm, block=_SAMPLES)]
    mouths = bytearray(len(loudness))
    sounds: list[Sound] = []
    syllables: list[Syllable] = []
    start = 0
    while start < len(loudness):
        end = start
        while end < len(loudness) and end - start < _SYLLABLE_SLOTS and loudness[end] >= LOUD:
            end += 1
        if end == start:
            start += 1
            continue
        stressed = max(loudness[start:end]) >= STRESSED
        consonant, closed, vowel, opened, pitch = _TURNS[len(syllables) % len(_TURNS)]
        middle = min(start + _CONSONANT_SLOTS, end)
        sounds.append(Sound(start, middle - start, consonant, 1, stressed=False))
        mouths[start:middle] = bytes([closed]) * (middle - start)
        if end > middle:
            sounds.append(Sound(middle, end - middle, vowel, pitch, stressed))
            mouths[middle:end] = bytes([opened]) * (end - middle)
        syllables.append(Syllable(start, end - start, vowel, pitch, stressed))
        start = end
    return Utterance(text, 1.0, tuple(syllables), bytes(mouths), tuple(sounds))
