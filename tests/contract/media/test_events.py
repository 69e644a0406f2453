import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.media.judges import events
from contract.media.judges.events import Spoken
from contract.media.recording import Message
from contract.media.verdict import BUSY, MISSING, Broken, Held, Unable
from contract.media.watched import START, STOP, Watched
from tests.contract.media.planted import CLOCK, TASK, busy, event, right, without_sounds

ONE = [Spoken(TASK, 2000.0)]
TWO = [Spoken("a", 500.0), Spoken("b", 500.0)]


def _told(*messages: Message, lag: float = 0.0) -> Watched:
    return busy(replace(right(), messages=messages), lag)


def test_binary_events_are_right_and_strings_wrong() -> None:
    assert events.judge_binary(right()) == Held()
    text = Message(CLOCK, json.dumps({"type": START, "task_id": TASK}))
    assert events.judge_binary(_told(text)) == Broken("binary messages", "1 strings")
    assert events.judge_binary(_told()) == Unable("no event came")


def test_a_start_and_a_stop_event_tell_of_a_task() -> None:
    assert events.judge_told(right(), ONE) == Held()


@pytest.mark.parametrize(
    ("messages", "actual"),
    [
        ((), "no event"),
        ((event(START, 1.0),), "start of task 1"),
        ((event(STOP, 3.0, duration=1),), "stop of task 1"),
        (
            (event(START, 1.0), event(START, 1.1), event(STOP, 3.0, duration=1)),
            "start of task 1, start of task 1, stop of task 1",
        ),
        (
            (event(START, 1.0, task="x"), event(STOP, 3.0, task="x", duration=1)),
            "start of another task, stop of another task",
        ),
        ((event(STOP, 1.0, duration=1), event(START, 3.0)), "stop before start"),
        ((event(START, 1.0), event(STOP, 3.0)), "no number"),
        ((event(START, 1.0), event(STOP, 3.0, duration="2000")), "no number"),
        ((event(START, 1.0), event(STOP, 3.0, duration=True)), "no number"),
    ],
)
def test_other_events_are_wrong(messages: tuple[Message, ...], actual: str) -> None:
    verdict = events.judge_told(_told(*messages), ONE)
    assert isinstance(verdict, Broken)
    assert verdict.actual == actual


def test_missing_events_are_not_held_against_a_busy_machine() -> None:
    assert events.judge_told(_told(lag=1.2), ONE) == Unable(BUSY)


def test_tasks_are_spoken_in_their_order() -> None:
    in_order = (
        event(START, 1, task="a"), event(STOP, 2, task="a"),
        event(START, 2, task="b"), event(STOP, 3, task="b"),
    )  # fmt: skip
    assert events.judge_order(_told(*in_order), TWO) == Held()
    swapped = (in_order[1], in_order[0], *in_order[2:])
    assert events.judge_order(_told(*swapped), TWO) == Unable(
        "a task's own events are in the wrong order"
    )
    assert events.judge_order(_told(*in_order[2:], *in_order[:2]), TWO) == Broken(
        "start of task 1, stop of task 1, start of task 2, stop of task 2",
        "start of task 2, stop of task 2, start of task 1, stop of task 1",
    )
    both_at_once = (in_order[0], in_order[2], in_order[1], in_order[3])
    assert isinstance(events.judge_order(_told(*both_at_once), TWO), Broken)
    assert events.judge_order(_told(*in_order[:3]), TWO) == Unable("not each task has its events")


def test_the_stop_event_has_the_duration_of_the_answer() -> None:
    assert events.judge_event_duration(right(), ONE) == Held()
    verdict = events.judge_event_duration(right(), [Spoken(TASK, 1500.0)])
    assert verdict == Broken("duration_ms 1500", "2000")
    assert events.judge_event_duration(_told(), ONE) == Unable("no stop event with a duration")


def test_events_come_with_the_sound() -> None:
    assert events.judge_on_time(right(), 0.9, TASK) == Held()


@pytest.mark.parametrize(
    ("kind", "at", "actual"),
    [
        (START, 2.0, "1.00 s after it"),
        (START, 0.3, "0.70 s before it"),
        (STOP, 2.0, "1.00 s before it"),
        (STOP, 3.9, "0.90 s after it"),
    ],
)
def test_events_apart_from_the_sound_are_wrong(kind: str, at: float, actual: str) -> None:
    verdict = events.judge_on_time(_told(event(kind, at)), 0.9, TASK)
    assert verdict == Broken(f"{kind} with the sound", actual)


def test_the_time_of_events_needs_a_viewer_that_keeps_up() -> None:
    late = event(START, 2.0)
    assert events.judge_on_time(_told(late, lag=0.6), 0.9, TASK) == Unable(BUSY)
    assert events.judge_on_time(_told(late, lag=0.3), 0.9, TASK) == Held()
    assert events.judge_on_time(_told(), 0.9, TASK) == Unable("no event of the task came")
    assert events.judge_on_time(right(), 3.5, TASK) == Unable("nothing was heard")


def test_sound_that_is_missing_says_nothing_of_the_time_of_events() -> None:
    stalled = without_sounds(right(), 0.9, 1.9)
    assert events.judge_on_time(stalled, 0.8, TASK) == Unable(MISSING)
    much_too_early = without_sounds(_told(event(START, 0.2)), 1.0, 1.2)
    assert isinstance(events.judge_on_time(much_too_early, 0.1, TASK), Broken)


def test_no_event_is_expected_in_silence() -> None:
    assert events.judge_none(right(), CLOCK, CLOCK + 0.9) == Held()
    assert events.judge_none(right(), CLOCK, CLOCK + 1.1) == Broken("no event", START)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(st.binary() | st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_message_is_an_event_or_none(data: bytes | str) -> None:
    assert Watched(messages=(Message(0.0, data),)).events == ()
