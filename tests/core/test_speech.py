"""How text becomes sounds and lips in time."""

import math
import time
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.pronunciation import CONSONANTS, VOWELS
from mock_server.core.speech import SLOT_MS, Mouth, Speech, Utterance, speak

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
RATES = st.floats(0.5, 2.0)
PASSAGE = (
    "Hello, and welcome to the studio. The weather will be bright in the morning, "
    "with a few clouds moving in from the west; take a coat. Shall we begin?"
)


def lips(text: str, rate: float = 1.0) -> list[Mouth]:
    """The mouths of a text, repeats removed."""
    shapes = [Mouth(value) for value in speak(text, rate=rate).mouths]
    return [shape for i, shape in enumerate(shapes) if i == 0 or shapes[i - 1] != shape]


def melody(text: str) -> list[int]:
    return [syllable.pitch for syllable in speak(text, rate=1).syllables]


@given(ANY_TEXT, RATES)
def test_any_text_is_laid_out_without_gaps_in_the_grid(text: str, rate: float) -> None:
    utterance = speak(text, rate=rate)
    assert utterance.slots >= 4
    assert utterance.duration_ms == utterance.slots * SLOT_MS
    assert set(utterance.mouths) <= set(Mouth)
    assert Mouth.REST not in (utterance.mouths[0], utterance.mouths[-1])


@given(ANY_TEXT, RATES)
def test_sounds_follow_each_other_and_the_lips_rest_between_them(text: str, rate: float) -> None:
    utterance = speak(text, rate=rate)
    end = 0
    silent = set(range(utterance.slots))
    for sound in utterance.sounds:
        assert sound.start >= end
        assert sound.slots >= 1
        assert sound.kind in VOWELS + CONSONANTS
        end = sound.start + sound.slots
        silent -= set(range(sound.start, end))
    assert end == utterance.slots
    assert all(utterance.mouths[slot] == Mouth.REST for slot in silent)


@given(ANY_TEXT, RATES)
def test_syllables_do_not_overlap_and_each_holds_its_sounds(text: str, rate: float) -> None:
    utterance = speak(text, rate=rate)
    end = 0
    heard = 0
    for syllable in utterance.syllables:
        assert syllable.start >= end
        end = syllable.start + syllable.slots
        inside = [s for s in utterance.sounds if syllable.start <= s.start < end]
        heard += len(inside)
        assert [s.kind for s in inside if s.kind in VOWELS] == [syllable.vowel]
        assert all(s.start + s.slots <= end for s in inside)
    assert heard == len(utterance.sounds)


@given(ANY_TEXT, RATES, RATES)
def test_a_higher_rate_never_lasts_longer(text: str, one: float, other: float) -> None:
    slow, fast = sorted((one, other))
    assert speak(text, rate=fast).slots <= speak(text, rate=slow).slots


@given(ANY_TEXT, RATES)
def test_the_same_text_and_rate_give_the_same_utterance(text: str, rate: float) -> None:
    assert speak(text, rate=rate) == speak(text, rate=rate)


@given(ANY_TEXT, st.floats())
def test_any_rate_is_spoken_at_the_nearest_tempo_there_is(text: str, rate: float) -> None:
    nearest = 1.0 if math.isnan(rate) else min(max(rate, 0.5), 2.0)
    assert speak(text, rate=rate).mouths == speak(text, rate=nearest).mouths


def test_the_duration_is_inverse_to_the_rate() -> None:
    normal = speak(PASSAGE, rate=1.0).duration_ms
    assert speak(PASSAGE, rate=2.0).duration_ms == pytest.approx(normal / 2, rel=0.01)
    assert speak(PASSAGE, rate=0.5).duration_ms == pytest.approx(normal * 2, rel=0.01)


def test_english_runs_at_thirteen_to_fifteen_characters_a_second() -> None:
    assert 13 <= len(PASSAGE) / speak(PASSAGE, rate=1).duration_ms * 1000 <= 15


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "👋🏽", "\ud800", "\u200d\ufe0f", "—"])
def test_a_text_without_words_is_a_short_hum(text: str) -> None:
    utterance = speak(text, rate=1)
    assert [sound.kind for sound in utterance.sounds] == ["m", "e", "m"]
    assert 200 <= utterance.duration_ms <= 400


def test_lips_close_for_m_b_and_p_and_touch_the_teeth_for_f_and_v() -> None:
    syllable = [Mouth.CLOSED, Mouth.HALF, Mouth.WIDE, Mouth.HALF]
    assert lips("mama") == syllable * 2
    assert lips("vivi") == [Mouth.TEETH, Mouth.NARROW, Mouth.TEETH, Mouth.NARROW]
    assert lips("boo") == [Mouth.CLOSED, Mouth.ROUND]
    assert lips("who") == [Mouth.ROUND, Mouth.HALF, Mouth.OPEN, Mouth.HALF]


def test_doubled_letters_are_one_sound_and_a_final_e_is_silent() -> None:
    assert [s.vowel for s in speak("letter", rate=1).syllables] == ["e", "e"]
    assert [s.vowel for s in speak("make", rate=1).syllables] == ["a"]
    assert [s.vowel for s in speak("one while", rate=1).syllables] == ["o", "i"]
    assert [s.vowel for s in speak("the little", rate=1).syllables] == ["e", "i", "e"]


def test_accents_do_not_split_words() -> None:
    assert speak("café", rate=1).mouths == speak("cafe\u0301", rate=1).mouths
    assert speak("it's", rate=1).mouths == speak("its", rate=1).mouths


@pytest.mark.parametrize(
    ("text", "vowels"),
    [
        ("7", "ee"),
        ("100%", "oeoeoee"),
        ("привет", "ie"),
        ("你好", "ia"),
        ("한국", "ia"),
        ("tv", "e"),
        ("ΑΘΗΝΑ", "aea"),
    ],
)
def test_digits_signs_and_other_scripts_are_spoken(text: str, vowels: str) -> None:
    assert "".join(syllable.vowel for syllable in speak(text, rate=1).syllables) == vowels


def test_sentences_are_parted_by_longer_silences_than_phrases_and_words() -> None:
    def silence(text: str) -> int:
        utterance = speak(text, rate=1)
        return utterance.slots - sum(sound.slots for sound in utterance.sounds)

    assert silence("mama mama") < silence("mama, mama") < silence("mama. Mama")


def test_a_question_ends_high_and_a_statement_low() -> None:
    assert melody("You are coming to the party?")[-1] == 2
    assert melody("You are coming to the party.")[-1] == 0


def test_stressed_syllables_are_higher_than_their_neighbours() -> None:
    first, second = speak("paper and water and paper", rate=1).syllables[:2]
    assert (first.stressed, second.stressed) == (True, False)
    assert first.pitch > second.pitch


@pytest.mark.parametrize("unit", [PASSAGE, "a", "b", "y", "bl", "ye", ".", "é", "7"])
def test_a_long_text_costs_time_in_proportion(unit: str) -> None:
    def cost(length: int) -> float:
        text = unit * (length // len(unit))
        # timeit keeps the garbage collector out, which has other tests' objects to look through.
        return min(
            timeit.repeat(lambda: speak(text, rate=1), timer=time.process_time, repeat=3, number=1)
        )

    speak(unit, rate=1)
    assert cost(16_000) < 40 * max(cost(2_000), 1e-3)


def test_an_interruption_leaves_the_time_really_spoken() -> None:
    speech = Speech("task", speak("Good morning.", rate=1), started_at=100.0)
    assert speech.spoken_ms(99.0) == 0.0
    assert speech.spoken_ms(100.25) == pytest.approx(250.0)
    assert speech.spoken_ms(1000.0) == speech.utterance.duration_ms


def test_a_moment_has_the_slot_that_sounds_then() -> None:
    speech = Speech("task", Utterance("x", 1.0, (), bytes([7] * 10)), started_at=50.0)
    assert speech.slot(49.99) is None
    assert [speech.slot(50.0 + n * 0.02) for n in range(10)] == list(range(10))
    assert speech.slot(50.0399) == 2  # half a millisecond of grace
    assert speech.slot(50.2) is None
