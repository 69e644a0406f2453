"""Which picture and which sound at which moment."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.speech import Eyes, Mouth, Speech, speak
from mock_server.media.script import Performance, eyes_at, picture, sound
from mock_server.media.voice import VoiceBank

SEEDS = st.integers(0, 2**64 - 1)
SPEECH = Speech("task", speak("Mama, hello.", rate=1), started_at=20.0)
PACKETS = tuple(bytes([1, n]) for n in range(SPEECH.utterance.slots))


def blinks(seed: int, seconds: int) -> list[float]:
    """When the eyes begin to close."""
    # A blink lasts a fifth of a second, so 50 looks a second miss none.
    eyes = [eyes_at(n / 50, seed) for n in range(seconds * 50)]
    return [n / 50 for n in range(1, len(eyes)) if eyes[n] and not eyes[n - 1]]


@given(SEEDS)
def test_eyes_blink_about_every_three_to_four_seconds_for_ever(seed: int) -> None:
    gaps = [later - earlier for earlier, later in pairwise(blinks(seed, 120))]
    assert all(1.7 <= gap <= 5.1 for gap in gaps)
    assert 3.2 <= sum(gaps) / len(gaps) <= 3.6
    assert len({round(gap, 1) for gap in gaps}) > 5


@given(SEEDS, st.floats(0, 1e7))
def test_eyes_close_by_way_of_half(seed: int, t: float) -> None:
    shown = [eyes_at(t + n * 0.02, seed) for n in range(200)]
    for one, other in pairwise(shown):
        assert {one, other} != {Eyes.OPEN, Eyes.SHUT}


def test_seeds_blink_at_different_times() -> None:
    assert blinks(1, 30) != blinks(2, 30)
    assert blinks(1, 30) == blinks(1, 30)


@given(st.floats(0, 60), SEEDS)
def test_the_mouth_rests_before_and_after_the_speech(t: float, seed: int) -> None:
    state = picture(SPEECH, t, seed)
    assert state // 8 == eyes_at(t, seed)
    if not SPEECH.started_at - 0.001 <= t < SPEECH.ends_at:
        assert state % 8 == Mouth.REST
    assert picture(None, t, seed) % 8 == Mouth.REST


def test_lips_and_sound_come_from_the_same_slot() -> None:
    for slot, mouth in enumerate(SPEECH.utterance.mouths):
        t = 20.0 + slot * 0.02
        assert picture(SPEECH, t, 0) % 8 == mouth
        assert sound(SPEECH, PACKETS, t, b"-") == PACKETS[slot]


def test_silence_is_heard_before_and_after_and_without_speech() -> None:
    assert sound(SPEECH, PACKETS, 19.9, b"-") == b"-"
    assert sound(SPEECH, PACKETS, SPEECH.ends_at, b"-") == b"-"
    assert sound(None, (), 20.0, b"-") == b"-"


def test_a_performance_answers_as_the_functions_do() -> None:
    bank = VoiceBank(b"-", {})
    silent = Performance.of(None, bank=bank, seed=5)
    assert silent.packet(1.0) == b"-"
    assert silent.state(1.0) == picture(None, 1.0, 5)
    speaking = Performance(SPEECH, PACKETS, b"-", 5)
    assert speaking.packet(20.1) == PACKETS[5]
    assert speaking.state(20.1) == picture(SPEECH, 20.1, 5)
