"""The voice bank: every sound of a voice at every length, encoded, silence at both ends of each.

Because each recording begins and ends in silence and was made by an encoder of its own, any order
decodes without clicks, and speaking costs no signal processing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.core.pronunciation import CONSONANTS, VOWELS
from mock_server.core.speech import Sound, Utterance

VOWEL_SLOTS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18)
CONSONANT_SLOTS = (1, 2, 3, 4, 5, 6, 7)
PITCHES = 3


def recordings() -> tuple[tuple[str, int, bool, int], ...]:
    """(kind, pitch, stressed, slots) of all that a bank holds, in the order of the file."""
    vowels = (
        (kind, pitch, stressed, slots)
        for kind in VOWELS
        for pitch in range(PITCHES)
        for stressed in (False, True)
        for slots in VOWEL_SLOTS
    )
    consonants = ((kind, 1, False, slots) for kind in CONSONANTS for slots in CONSONANT_SLOTS)
    return (*vowels, *consonants)


@dataclass(frozen=True, slots=True)
class VoiceBank:
    """One voice. ``silence`` is one Opus packet of 20 ms; so is each packet of a recording."""

    silence: bytes
    sounds: Mapping[tuple[str, int, bool, int], tuple[bytes, ...]]

    def packets(self, utterance: Utterance) -> tuple[bytes, ...]:
        """One Opus packet for each slot of the utterance."""
        packets = [self.silence] * utterance.slots
        for sound in utterance.sounds:
            recording = self._recording(sound)
            packets[sound.start : sound.start + len(recording)] = recording
        return tuple(packets)

    def _recording(self, sound: Sound) -> tuple[bytes, ...]:
        """The longest recording that fits: the rest of a sound between two lengths is silent."""
        if sound.kind in CONSONANTS:
            slots = min(sound.slots, CONSONANT_SLOTS[-1])
            return self.sounds[sound.kind, 1, False, slots]
        slots = max((n for n in VOWEL_SLOTS if n <= sound.slots), default=0)
        return self.sounds[sound.kind, sound.pitch, sound.stressed, slots] if slots else ()
