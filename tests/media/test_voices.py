"""The voice bank: clear speech, no clicks, real silence, voices one can tell apart."""

from itertools import pairwise

import numpy as np
import pytest

from mock_server.core.catalogue import VOICES, Voice
from mock_server.core.speech import speak
from mock_server.media.library import Library
from mock_server.media.voice import VoiceBank, recordings
from tests.media.decoding import Samples, heard

BY_NAME = pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
TEXT = "Good evening, everybody. Shall we see what the people of the house have made?"
LIBRARY = Library()


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def pitch(samples: Samples) -> float:
    """The fundamental in hertz: the strongest peak of the autocorrelation from 70 to 320."""
    centred = samples - samples.mean()
    likeness = np.correlate(centred, centred, "full")[len(centred) - 1 :]
    low, high = 48_000 // 320, 48_000 // 70
    return 48_000 / (low + int(np.argmax(likeness[low:high])))


@BY_NAME
def test_one_packet_for_each_slot_of_any_speech(voice: Voice) -> None:
    bank = LIBRARY.voice(voice)
    for rate in (0.5, 0.8, 1.0, 1.37, 2.0):
        utterance = speak(TEXT, rate=rate)
        assert len(bank.packets(utterance)) == utterance.slots


@BY_NAME
def test_speech_is_clearly_audible_and_never_clips(voice: Voice) -> None:
    samples = heard(LIBRARY.voice(voice).packets(speak(TEXT, rate=1)))
    assert 0.05 < loudness(samples) < 0.25
    assert 0.4 < np.abs(samples).max() < 0.85


@BY_NAME
def test_silence_is_silent_also_after_speech(voice: Voice) -> None:
    bank = LIBRARY.voice(voice)
    packets = bank.packets(speak(TEXT, rate=1))
    samples = heard((*packets, *[bank.silence] * 10))
    assert np.abs(samples[(len(packets) + 1) * 960 :]).max() < 1e-4


@BY_NAME
def test_every_recording_begins_and_ends_in_silence(voice: Voice) -> None:
    bank = LIBRARY.voice(voice)
    assert list(bank.sounds) == list(recordings())
    samples = heard(packet for name in recordings() for packet in bank.sounds[name])
    begin = 0
    for *_, slots in recordings():
        end = begin + slots * 960
        assert np.abs(samples[begin : begin + 48]).max() < 0.03
        assert np.abs(samples[end - 48 : end]).max() < 0.03
        assert loudness(samples[begin:end]) > 0.008
        begin = end
    assert begin == len(samples)


@BY_NAME
def test_sounds_join_without_clicks(voice: Voice) -> None:
    utterance = speak(TEXT, rate=1)
    samples = heard(LIBRARY.voice(voice).packets(utterance))
    jumps = np.abs(np.diff(samples))
    joins = [sound.start * 960 for sound in utterance.sounds[1:]]
    at_joins = max(float(jumps[join - 48 : join + 48].max()) for join in joins)
    assert at_joins < 0.25 * float(jumps.max())


@BY_NAME
def test_a_voice_has_its_pitch_and_the_steps_of_its_melody(voice: Voice) -> None:
    bank = LIBRARY.voice(voice)
    for vowel in "aeiou":
        steps = [pitch(heard(bank.sounds[vowel, step, True, 12])[2400:9000]) for step in range(3)]
        assert steps[1] == pytest.approx(voice.pitch, rel=0.06)
        assert all(later > earlier * 1.08 for earlier, later in pairwise(steps))


def test_stressed_syllables_are_louder() -> None:
    bank = LIBRARY.voice(VOICES[0])
    for vowel in "aeiou":
        plain, strong = (loudness(heard(bank.sounds[vowel, 1, s, 8])) for s in (False, True))
        assert strong > plain * 1.25


def test_a_sound_between_two_lengths_ends_in_silence() -> None:
    utterance = speak("a", rate=0.5)
    (sound,) = utterance.sounds
    bank = VoiceBank(
        b"-", {("a", sound.pitch, sound.stressed, n): (b"+",) * n for n in (2, 8, 16, 18)}
    )
    fitting = max(n for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18) if n <= sound.slots)
    expected = (b"+",) * fitting + (b"-",) * (sound.slots - fitting)
    assert bank.packets(utterance) == expected
