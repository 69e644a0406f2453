from dataclasses import replace

import pytest

from contract.media.judges import interrupting
from contract.media.judges.interrupting import Interruption
from contract.media.recording import Message
from contract.media.verdict import BUSY, Broken, Held, Unable
from contract.media.watched import START, STOP, Watched
from tests.contract.media.planted import CLOCK, END, TASK, busy, event, right, sight, with_sounds

CUT = Interruption(TASK, ("waiting",), 0.9, CLOCK + END)
"""An interrupt answered when the two seconds of speech have just been heard."""


def _told(*messages: Message) -> Watched:
    return replace(right(5.0), messages=(event(START, 1.0), *messages))


def _cut() -> Watched:
    return replace(right(5.0), messages=right().messages)


def test_a_speech_that_ends_is_right() -> None:
    assert interrupting.judge_silenced(_cut(), CUT) == Held()
    assert interrupting.judge_in_time(_cut(), CUT) == Held()


def test_a_speech_that_goes_on_is_wrong() -> None:
    going_on = with_sounds(_cut(), begin=3.0, end=5.0, level=0.3)
    assert interrupting.judge_silenced(going_on, CUT) == Broken(
        "the speech ends", "1.00 s of sound later than 1 s after it"
    )
    assert isinstance(interrupting.judge_in_time(going_on, CUT), Broken)


def test_a_speech_that_ends_late_is_not_in_time() -> None:
    late = with_sounds(_cut(), begin=3.0, end=3.5, level=0.3)
    assert interrupting.judge_in_time(late, CUT) == Broken(
        "silence within 300 ms", "sound for 0.50 s"
    )


def test_what_waits_is_dropped() -> None:
    next_one = _told(event(STOP, 3.0, duration=2000), event(START, 3.0, task="waiting"))
    assert interrupting.judge_silenced(next_one, CUT) == Broken(
        "waiting tasks dropped", "the next one began to be spoken"
    )


@pytest.mark.parametrize(
    ("messages", "actual"),
    [
        ((), "0 of them"),
        ((event(STOP, 3.0, duration=2000),) * 2, "2 of them"),
        ((event(STOP, 3.0),), "no number"),
        ((event(STOP, 3.0, duration=7000),), "7000"),
        ((event(STOP, 3.0, duration=0),), "0"),
    ],
)
def test_the_stop_event_has_what_was_heard(messages: tuple[Message, ...], actual: str) -> None:
    verdict = interrupting.judge_silenced(_told(*messages), CUT)
    assert isinstance(verdict, Broken)
    assert verdict.actual == actual


def test_a_late_stop_event_is_not_in_time() -> None:
    verdict = interrupting.judge_in_time(_told(event(STOP, 3.8, duration=2000)), CUT)
    assert verdict == Broken("the stop event within 300 ms", "after 0.80 s")


def test_a_mouth_that_goes_on_is_not_in_time() -> None:
    chewing = (*_cut().sights[:100], *(sight(4.0 + n / 25, mouth="open") for n in range(10)))
    verdict = interrupting.judge_in_time(replace(_cut(), sights=chewing), CUT)
    assert isinstance(verdict, Broken)
    assert verdict.expected == "the mouth at rest within 300 ms"


def test_a_busy_machine_is_not_judged() -> None:
    assert interrupting.judge_in_time(busy(_cut(), 0.2), CUT) == Unable(BUSY)
    assert interrupting.judge_silenced(busy(_cut(), 0.6), CUT) == Unable(BUSY)


def test_an_interrupt_of_nothing_is_not_judged() -> None:
    mute = with_sounds(_cut(), begin=0.0, end=9.0, level=0.0)
    nothing = Unable("nothing was heard before the interrupt")
    assert interrupting.judge_silenced(mute, CUT) == nothing
    assert interrupting.judge_in_time(mute, CUT) == Unable("nothing was heard")
