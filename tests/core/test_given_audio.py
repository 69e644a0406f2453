from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.given_audio import RATE, GivenAudio
from mock_server.core.pronunciation import CONSONANTS, VOWELS
from mock_server.core.speech import SLOT_MS, Mouth, Utterance

SLOT = RATE * SLOT_MS // 1000
PATTERNS = st.lists(st.booleans(), max_size=80)


def pcm(loud: list[bool], amplitude: int = 8000) -> bytes:
    """Audio that is loud in some slots and silent in the others."""
    return b"".join(struct.pack("<h", amplitude if on else 0) * SLOT for on in loud)


def utter_audio(data: bytes) -> Utterance:
    audio = GivenAudio()
    audio.add(data)
    return audio.utterance()


def sounding(utterance: Utterance) -> list[bool]:
    found = [False] * utterance.slots
    for sound in utterance.sounds:
        assert sound.slots > 0
        for slot in range(sound.start, sound.start + sound.slots):
            assert not found[slot]
            found[slot] = True
    return found


@given(PATTERNS)
def test_the_avatar_sounds_and_moves_its_lips_exactly_where_the_audio_is_loud(
    loud: list[bool],
) -> None:
    utterance = utter_audio(pcm(loud))
    assert sounding(utterance) == loud
    assert [mouth != Mouth.REST for mouth in utterance.mouths] == loud


@given(PATTERNS)
def test_every_sound_is_one_of_the_voice_bank(loud: list[bool]) -> None:
    for sound in utter_audio(pcm(loud)).sounds:
        assert sound.kind in VOWELS + CONSONANTS
        assert 0 <= sound.pitch <= 2
        assert sound.slots >= 1


@given(PATTERNS, st.integers(0, 40))
def test_what_is_added_changes_nothing_before_the_last_syllable(
    loud: list[bool], more: int
) -> None:
    shorter, longer = utter_audio(pcm(loud)), utter_audio(pcm(loud + [True] * more))
    settled = len(shorter.syllables) - 1
    assert longer.syllables[: max(settled, 0)] == shorter.syllables[: max(settled, 0)]
    until = shorter.syllables[-1].start if shorter.syllables else 0
    assert longer.mouths[:until] == shorter.mouths[:until]


def test_it_lasts_as_long_as_the_audio() -> None:
    assert utter_audio(pcm([True] * 100)).duration_ms == 2000
    assert utter_audio(b"").duration_ms == 0


def test_quiet_audio_is_silence_and_loud_audio_is_stressed() -> None:
    assert utter_audio(pcm([True] * 10, amplitude=20)).sounds == ()
    assert any(sound.stressed for sound in utter_audio(pcm([True] * 10, 20_000)).sounds)
    assert not any(sound.stressed for sound in utter_audio(pcm([True] * 10, 1000)).sounds)


@given(st.binary(max_size=3000))
def test_any_bytes_are_an_utterance(data: bytes) -> None:
    assert utter_audio(data).slots == -(-(len(data) // 2) // SLOT)


@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=4))
def test_it_does_not_matter_in_which_pieces_the_audio_comes(data: bytes, cuts: list[int]) -> None:
    audio = GivenAudio()
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, end in pairwise(edges):
        audio.add(data[start:end])
    assert audio.utterance() == utter_audio(data)
    assert audio.seconds == len(data) / 48_000
