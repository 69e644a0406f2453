"""Tasks: queueing, modes, interrupts, and the events of talking."""

from __future__ import annotations

import pytest

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.speech import Speech
from mock_server.core.talk import MAX_WAITING_TASKS
from tests.core.sessions import connected, refusals, replies, sent, task, utterance


def test_a_sync_task_is_answered_when_its_speech_begins() -> None:
    session = connected()
    effects = session.handle(task(1, milliseconds=2000), 10.0)
    assert replies(effects) == {1: ef.Spoken("task-1", 2000.0)}
    assert sent(effects) == [ef.SendEvent("avatar_start_talking", "task-1")]
    assert replies(session.handle(task(2, milliseconds=500), 10.5)) == {}
    effects = session.handle(ev.TimePassed(), 12.0)
    assert replies(effects) == {2: ef.Spoken("task-2", 500.0)}


def test_an_async_task_is_answered_when_it_is_queued() -> None:
    session = connected()
    session.handle(task(1, milliseconds=2000), 10.0)
    effects = session.handle(task(2, milliseconds=600, sync=False), 10.5)
    assert replies(effects) == {2: ef.Spoken("task-2", 600.0)}
    assert sent(effects) == []
    assert replies(session.handle(ev.TimePassed(), 12.0)) == {}


def test_a_blocking_task_is_answered_when_its_speech_ends() -> None:
    session = connected()
    effects = session.handle(task(1, milliseconds=2000, blocks=True), 10.0)
    assert replies(effects) == {}
    effects = session.handle(ev.TimePassed(), 12.0)
    assert replies(effects) == {1: ef.Spoken("task-1", 2000.0)}


def test_tasks_are_spoken_one_after_the_other_in_the_order_they_came() -> None:
    session = connected()
    effects: list[ef.Effect] = []
    for call in (1, 2, 3):
        effects += session.handle(task(call), 0.0)
    for second in (1.0, 2.0, 3.0):
        assert session.deadline == second
        effects += session.handle(ev.TimePassed(), second)
    assert sent(effects) == [
        ef.SendEvent("avatar_start_talking", "task-1"),
        ef.SendEvent("avatar_stop_talking", "task-1", 1000.0),
        ef.SendEvent("avatar_start_talking", "task-2"),
        ef.SendEvent("avatar_stop_talking", "task-2", 1000.0),
        ef.SendEvent("avatar_start_talking", "task-3"),
        ef.SendEvent("avatar_stop_talking", "task-3", 1000.0),
    ]
    assert session.speech is None


def test_the_avatar_is_silent_again_after_the_last_task() -> None:
    session = connected()
    session.handle(task(1), 0.0)
    effects = session.handle(ev.TimePassed(), 1.0)
    assert effects[-1] == ef.Show(None)


def test_nothing_happens_before_a_deadline() -> None:
    session = connected()
    session.handle(task(1), 0.0)
    assert session.handle(ev.TimePassed(), 0.999) == []


def test_a_late_timer_does_not_lengthen_a_speech() -> None:
    session = connected()
    session.handle(task(1), 0.0)
    stop = sent(session.handle(ev.TimePassed(), 5.0))[0]
    assert stop == ef.SendEvent("avatar_stop_talking", "task-1", 1000.0)


def test_interrupt_ends_the_speech_with_the_time_really_spoken() -> None:
    session = connected()
    session.handle(task(1, milliseconds=2000), 10.0)
    effects = session.handle(ev.Interrupt(9), 10.75)
    assert sent(effects) == [ef.SendEvent("avatar_stop_talking", "task-1", 750.0)]
    assert ef.Show(None) in effects
    assert replies(effects) == {9: ef.Done()}
    assert session.speech is None


def test_interrupt_drops_the_queue_and_answers_its_sync_tasks_with_nothing_spoken() -> None:
    session = connected()
    session.handle(task(1), 0.0)
    session.handle(task(2), 0.0)
    session.handle(task(3, sync=False), 0.0)
    session.handle(task(4, blocks=True), 0.0)
    effects = session.handle(ev.Interrupt(9), 0.5)
    assert replies(effects) == {
        2: ef.Spoken("task-2", 0.0),
        4: ef.Spoken("task-4", 0.0),
        9: ef.Done(),
    }
    assert session.waiting == 0
    assert sent(session.handle(ev.TimePassed(), 60.0)) == []


def test_an_interrupted_blocking_task_is_answered_with_the_time_really_spoken() -> None:
    session = connected()
    session.handle(task(1, blocks=True), 0.0)
    effects = session.handle(ev.Interrupt(9), 0.25)
    assert replies(effects)[1] == ef.Spoken("task-1", 250.0)


def test_interrupt_of_a_silent_avatar_has_no_effect_and_succeeds() -> None:
    session = connected()
    assert session.handle(ev.Interrupt(9), 1.0) == [
        ef.Note("interrupt"),
        ef.Reply(9, ef.Done()),
    ]


def test_a_task_after_an_interrupt_is_spoken_at_once() -> None:
    session = connected()
    session.handle(task(1), 0.0)
    session.handle(ev.Interrupt(2), 0.5)
    effects = session.handle(task(3), 0.6)
    assert sent(effects) == [ef.SendEvent("avatar_start_talking", "task-3")]
    assert session.deadline == 1.6


def test_the_end_of_a_session_ends_its_speech_with_the_time_really_spoken() -> None:
    session = connected()
    session.handle(task(1, milliseconds=2000), 10.0)
    session.handle(task(2), 10.0)
    effects = session.handle(ev.Stop(9), 11.5)
    assert sent(effects) == [ef.SendEvent("avatar_stop_talking", "task-1", 1500.0)]
    assert refusals(effects) == {2: (10005, "session state wrong: closed")}


def test_at_most_a_hundred_tasks_wait() -> None:
    assert MAX_WAITING_TASKS == 100
    session = connected()
    for call in range(101):  # one is spoken, a hundred wait
        assert refusals(session.handle(task(call, sync=False), 0.0)) == {}
    refused = session.handle(task(500), 0.0)
    assert refusals(refused) == {500: (400123, "Too many tasks are waiting")}
    session.handle(ev.TimePassed(), 1.0)
    assert refusals(session.handle(task(501), 1.0)) == {}


@pytest.mark.parametrize("started_at", [1_734_651_255.123457, 1_900_000_000.7, 0.1])
def test_durations_are_exact_at_any_time_of_the_clock(started_at: float) -> None:
    session = connected(created_at=started_at)
    session.handle(task(1, milliseconds=2480), started_at)
    due = session.deadline
    assert due is not None
    stop = sent(session.handle(ev.TimePassed(), due))
    assert stop == [ef.SendEvent("avatar_stop_talking", "task-1", 2480.0)]


def test_a_speech_that_is_extended_goes_on_where_it_is_and_ends_later() -> None:
    session = connected()
    session.handle(task(1, milliseconds=1000), 10.0)
    effects = session.handle(ev.Extend(2, "task-1", utterance(2500)), 10.5)
    assert replies(effects) == {2: ef.Spoken("task-1", 2500.0)}
    assert effects[0] == ef.Show(Speech("task-1", utterance(2500), 10.0))
    assert sent(effects) == []
    assert session.deadline == 12.5
    assert session.handle(ev.TimePassed(), 11.0) == []
    stop = sent(session.handle(ev.TimePassed(), 12.5))
    assert stop == [ef.SendEvent("avatar_stop_talking", "task-1", 2500.0)]


def test_a_task_that_waits_is_extended_where_it_waits() -> None:
    session = connected()
    for call in (1, 2, 3):
        session.handle(task(call), 0.0)
    session.handle(ev.Extend(4, "task-2", utterance(3000)), 0.5)
    assert session.deadline == 1.0
    session.handle(ev.TimePassed(), 1.0)
    assert session.deadline == 4.0


def test_what_has_been_said_cannot_be_extended() -> None:
    session = connected()
    session.handle(task(1), 0.0)
    session.handle(ev.TimePassed(), 1.0)
    effects = session.handle(ev.Extend(2, "task-1", utterance(3000)), 1.5)
    code, message = 400006, "Session is not in correct state"
    assert refusals(effects) == {2: (code, message)}
    assert len(effects) == 1
