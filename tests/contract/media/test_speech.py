from dataclasses import replace

import pytest

from contract.media.judges import speech
from contract.media.pictures import Sight
from contract.media.verdict import MISSING, NO_STAMP, Broken, Held, Unable
from contract.media.watched import Watched
from tests.contract.media.planted import right, with_sounds, without_sounds

NOTHING = Watched()


def _mute() -> Watched:
    return with_sounds(right(), begin=0.0, end=9.0, level=0.0)


def _unstamped(sight: Sight) -> Sight:
    return sight._replace(stamp=None)


def test_silence_around_the_task_is_right() -> None:
    assert speech.judge_silence(right(), 0.9, 3.0) == Held()


def test_sound_before_the_first_task_is_wrong() -> None:
    humming = with_sounds(right(), begin=0.2, end=0.7, level=0.05)
    assert speech.judge_silence(humming, 0.9) == Broken(
        "silence before the first task", "0.50 s of sound"
    )


def test_sound_after_the_last_task_is_wrong_when_it_has_faded() -> None:
    humming = with_sounds(right(), begin=3.0, end=3.9, level=0.05)
    verdict = speech.judge_silence(humming, 0.9, 3.0)
    assert verdict == Broken("silence after the last task", "0.60 s of sound")
    fading = with_sounds(right(), begin=3.0, end=3.2, level=0.05)
    assert speech.judge_silence(fading, 0.9, 3.0) == Held()


def test_no_sound_at_all_is_no_silence() -> None:
    assert speech.judge_silence(NOTHING, 1.0) == Unable("no sound came at all")


def test_a_task_is_heard() -> None:
    assert speech.judge_voice(right(), 0.9) == Held()
    assert speech.judge_voice(_mute(), 0.9) == Broken("a voice during the task", "silence")
    assert speech.judge_voice(NOTHING, 0.9) == Broken("a voice during the task", "no sound at all")


def test_two_clicks_are_no_voice() -> None:
    clicks = with_sounds(right(), begin=1.02, end=2.9, level=0.0)
    verdict = speech.judge_voice(clicks, 0.9)
    assert isinstance(verdict, Broken)
    assert verdict.actual.startswith("sound in ")


def test_the_duration_is_that_of_the_speech() -> None:
    assert speech.judge_duration(right(), 0.9, 2000.0) == Held()
    assert speech.judge_duration(right(), 0.9, 2300.0) == Held()
    assert speech.judge_duration(_mute(), 0.9, 2000.0) == Unable("nothing was heard")


@pytest.mark.parametrize("wrong", [2.0, 1000.0, 1500.0, 2500.0, 4000.0, 2_000_000.0])
def test_another_duration_is_wrong(wrong: float) -> None:
    verdict = speech.judge_duration(right(), 0.9, wrong)
    assert verdict == Broken(f"{wrong:g} ms of speech", "2000 ms heard")


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [(0.8, 1.8, 2000.0), (2.2, 3.5, 2000.0), (0.5, 1.52, 2000.0), (2.9, 3.9, 3000.0)],
    ids=["begin", "end", "before", "after"],
)
def test_a_duration_that_missing_sound_may_explain_is_not_judged(
    begin: float, end: float, said: float
) -> None:
    assert speech.judge_duration(without_sounds(right(), begin, end), 0.4, said) == Unable(MISSING)


def test_missing_sound_explains_no_more_than_was_missing() -> None:
    verdict = speech.judge_duration(without_sounds(right(), 0.8, 1.8), 0.4, 4000.0)
    assert isinstance(verdict, Broken)
    amid = without_sounds(right(), 1.4, 2.6)
    assert speech.judge_duration(amid, 0.9, 2000.0) == Held()
    earlier = without_sounds(right(), 0.1, 0.7)
    assert isinstance(speech.judge_duration(earlier, 0.9, 1500.0), Broken)


def test_packets_that_are_all_long_are_no_missing_sound() -> None:
    long = replace(right(), sounds=right().sounds[::3])
    assert isinstance(speech.judge_duration(long, 0.9, 1000.0), Broken)


def test_the_picture_moves_with_the_speech() -> None:
    assert speech.judge_moves(right(), 0.9) == Held()


def test_a_frozen_picture_is_wrong() -> None:
    first = right().sights[0]
    frozen = tuple(s._replace(luma=first.luma) for s in right().sights)
    verdict = speech.judge_moves(replace(right(), sights=frozen), 0.9)
    assert verdict == Broken("a picture that moves with the speech", "changes in 0% of the steps")


def test_a_black_picture_is_wrong() -> None:
    black = tuple(s._replace(luma=bytes([16] * 100)) for s in right().sights)
    verdict = speech.judge_moves(replace(right(), sights=black), 0.9)
    assert verdict == Broken("a picture", "all of it is black")


def test_motion_is_not_judged_without_pictures_or_sound() -> None:
    assert speech.judge_moves(NOTHING, 0.9) == Unable("no picture could be decoded")
    assert speech.judge_moves(_mute(), 0.9) == Unable("nothing was heard")
    few = replace(right(), sights=right().sights[:30])
    assert speech.judge_moves(few, 0.9) == Unable("too few pictures while something was heard")


def test_the_lips_go_with_the_sound() -> None:
    assert speech.judge_lips(right(), 0.9) == Held()


@pytest.mark.parametrize("seconds", [0.2, 0.4, 0.6])
def test_late_lips_are_wrong(seconds: float) -> None:
    late = tuple(s._replace(time=s.time + seconds) for s in right().sights)
    verdict = speech.judge_lips(replace(right(), sights=late), 0.9)
    assert verdict == Broken(
        "lips and sound together", f"the mouth {seconds * 1000:.0f} ms after the sound"
    )


def test_early_lips_are_wrong() -> None:
    early = tuple(s._replace(time=s.time - 0.32) for s in right().sights)
    verdict = speech.judge_lips(replace(right(), sights=early), 0.9)
    assert verdict == Broken("lips and sound together", "the mouth 320 ms before the sound")


def test_what_the_sender_says_of_the_tracks_counts() -> None:
    moved = tuple(s._replace(time=s.time + 0.4) for s in right().sights)
    assert speech.judge_lips(replace(right(), sights=moved, apart=-0.4), 0.9) == Held()
    verdict = speech.judge_lips(replace(right(), apart=None), 0.9)
    assert isinstance(verdict, Unable)


def test_a_mouth_that_stays_shut_is_wrong() -> None:
    shut = tuple(s._replace(stamp=right().sights[0].stamp) for s in right().sights)
    verdict = speech.judge_lips(replace(right(), sights=shut), 0.9)
    assert verdict == Broken("a mouth that follows the sound", "a correlation of 0.00")


def test_without_a_stamp_the_mouth_is_not_judged() -> None:
    plain = replace(right(), sights=tuple(map(_unstamped, right().sights)))
    assert speech.judge_lips(plain, 0.9) == Unable(NO_STAMP)
