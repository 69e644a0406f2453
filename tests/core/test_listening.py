from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.listening import ATTACK, HANGOVER, LONGEST, LOUD, QUIET, Change, Ear

BLOCK = 0.032
"""Seconds of a block of 512 samples at 16 kHz, as the official SDK sends them."""
SPEECH, ROOM, BETWEEN = -20.0, -60.0, (LOUD + QUIET) / 2

levels = st.sampled_from([SPEECH, ROOM, BETWEEN, LOUD, QUIET, -120.0, 0.0])
blocks = st.lists(st.tuples(levels, st.sampled_from([0.01, BLOCK, 0.5, 4.0])), max_size=60)


def heard(ear: Ear, level: float, seconds: float) -> list[Change]:
    """What a stretch of one level changes."""
    changes = [ear.sound(level, BLOCK) for _ in range(round(seconds / BLOCK))]
    return [change for change in changes if change is not None]


def test_a_talk_begins_after_a_moment_of_loudness_and_ends_after_a_while_of_quiet() -> None:
    ear = Ear()
    assert heard(ear, ROOM, 5) == []
    assert heard(ear, SPEECH, 1) == [Change.BEGAN]
    assert ear.talking
    assert heard(ear, ROOM, HANGOVER - 0.1) == []
    assert heard(ear, ROOM, 0.2) == [Change.ENDED]
    assert not ear.talking


def test_a_click_is_no_talk() -> None:
    ear = Ear()
    for _ in range(20):
        assert heard(ear, SPEECH, ATTACK / 2) == []
        assert heard(ear, ROOM, 0.2) == []


def test_a_breath_between_words_does_not_end_a_talk() -> None:
    ear = Ear()
    assert heard(ear, SPEECH, 1) == [Change.BEGAN]
    for _ in range(5):
        assert heard(ear, ROOM, HANGOVER - 0.1) == []
        assert heard(ear, SPEECH, 0.5) == []


def test_between_the_two_levels_nothing_begins_and_nothing_ends() -> None:
    ear = Ear()
    assert heard(ear, BETWEEN, 5) == []
    assert heard(ear, SPEECH, 1) == [Change.BEGAN]
    assert heard(ear, BETWEEN, 5) == []


def test_noise_without_end_is_cut_into_talks() -> None:
    ear = Ear()
    assert heard(ear, SPEECH, LONGEST + 1) == [Change.BEGAN, Change.ENDED, Change.BEGAN]


@given(blocks, st.booleans())
def test_begins_and_ends_alternate_whatever_is_heard(
    sounds: list[tuple[float, float]], push_to_talk: bool
) -> None:
    ear = Ear(push_to_talk=push_to_talk)
    changes = [ear.sound(level, seconds) for level, seconds in sounds]
    found = [change for change in changes if change is not None]
    expected = [Change.BEGAN, Change.ENDED] * len(found)
    assert found == expected[: len(found)]
    assert ear.talking is (len(found) % 2 == 1)
    assert not (push_to_talk and found)


@given(blocks)
def test_nothing_begins_without_loudness(sounds: list[tuple[float, float]]) -> None:
    ear = Ear()
    assert not any(ear.sound(min(level, BETWEEN), seconds) for level, seconds in sounds)


def test_with_push_to_talk_only_what_is_said_while_the_key_is_held_counts() -> None:
    ear = Ear(push_to_talk=True)
    assert heard(ear, SPEECH, 5) == []
    assert ear.press(on=True) is None
    assert heard(ear, SPEECH, 1) == [Change.BEGAN]
    assert heard(ear, ROOM, 5) == []
    assert ear.press(on=False) is Change.ENDED
    assert heard(ear, SPEECH, 5) == []


def test_a_key_held_in_silence_says_nothing() -> None:
    ear = Ear(push_to_talk=True)
    assert ear.press(on=True) is None
    assert heard(ear, ROOM, 2) == []
    assert ear.press(on=False) is None


def test_who_presses_the_key_needs_it_from_then_on() -> None:
    ear = Ear()
    assert ear.press(on=True) is None
    assert ear.press(on=False) is None
    assert heard(ear, SPEECH, 2) == []


def test_a_key_pressed_twice_is_pressed_once() -> None:
    ear = Ear()
    ear.press(on=True)
    assert heard(ear, SPEECH, 1) == [Change.BEGAN]
    assert ear.press(on=True) is None
    assert ear.talking


@pytest.mark.parametrize("how", ["listen", "press", "need_press", "end"])
def test_a_talk_ends_once_with_the_ear_for_it(how: str) -> None:
    ear = Ear()
    heard(ear, SPEECH, 1)
    ends: dict[str, Iterable[Change | None]] = {
        "listen": (ear.listen(on=False) for _ in range(2)),
        "press": (ear.press(on=True) for _ in range(2)),
        "need_press": (ear.need_press() for _ in range(2)),
        "end": (ear.end() for _ in range(2)),
    }
    assert list(ends[how]) == [Change.ENDED, None]


def test_who_does_not_listen_hears_nothing() -> None:
    ear = Ear()
    assert ear.listen(on=False) is None
    assert heard(ear, SPEECH, 5) == []
    assert ear.listen(on=True) is None
    assert heard(ear, SPEECH, 5) == [Change.BEGAN]
