"""The idle timeout and the duration limit."""

from __future__ import annotations

import pytest

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.session import Session
from mock_server.core.transitions import State
from tests.core.sessions import ANSWER, connected, refusals, sent, session_in, task


def closes_at(session: Session) -> float:
    """Lets time pass until the session closes."""
    for _ in range(1000):
        due = session.deadline
        assert due is not None
        session.handle(ev.TimePassed(), due)
        if session.is_over:
            return due
    raise AssertionError("the session never closes")


@pytest.mark.parametrize("state", [State.NEW, State.CONNECTED])
def test_an_idle_session_ends_in_any_state(state: State) -> None:
    session = session_in(state)
    assert closes_at(session) == 120.0
    assert session.closed_because == "idle timeout"


def test_a_viewer_that_never_appears_is_given_up_30_seconds_after_start() -> None:
    session = session_in(State.NEW)
    session.handle(ev.Start(1, ANSWER), 50.0)
    assert closes_at(session) == 80.0
    assert session.closed_because == "peer lost: it never connected"


def test_a_refused_start_gives_the_viewer_its_time_back() -> None:
    session = session_in(State.NEW)
    session.handle(ev.Start(1, ANSWER), 50.0)
    session.handle(ev.DescriptionRefused("no codec"), 50.0)
    assert closes_at(session) == 170.0


def test_a_session_may_ask_for_another_idle_timeout() -> None:
    assert closes_at(connected(idle_timeout=30.0)) == 30.0


def test_the_idle_timeout_can_be_disabled() -> None:
    session = connected(idle_timeout=None)
    assert closes_at(session) == 600.0
    assert session.closed_because == "duration limit"


@pytest.mark.parametrize(
    "event",
    [ev.KeepAlive(1), ev.Listen(1, on=True), ev.Listen(1, on=False)],
    ids=str,
)
def test_activity_starts_the_idle_countdown_anew(event: ev.Event) -> None:
    session = connected()
    session.handle(event, 100.0)
    assert closes_at(session) == 220.0


def test_starting_is_activity() -> None:
    session = session_in(State.NEW)
    session.handle(ev.Start(1, ANSWER), 100.0)
    session.handle(ev.DescriptionAccepted(None), 101.0)
    session.handle(ev.Connected(), 102.0)
    assert closes_at(session) == 222.0


def test_a_talking_avatar_is_not_idle() -> None:
    session = connected()
    session.handle(task(1, milliseconds=200_000), 0.0)
    session.handle(task(2, milliseconds=100_000), 0.0)
    assert closes_at(session) == 420.0


def test_idleness_counts_from_the_end_of_an_interrupted_speech() -> None:
    session = connected()
    session.handle(task(1, milliseconds=200_000), 0.0)
    session.handle(ev.Interrupt(2), 50.0)
    assert closes_at(session) == 170.0


def test_an_interrupt_of_a_silent_avatar_is_no_activity() -> None:
    session = connected()
    session.handle(ev.Interrupt(1), 100.0)
    assert closes_at(session) == 120.0


def test_a_refused_call_is_no_activity() -> None:
    session = session_in(State.NEW)
    session.handle(task(1), 100.0)
    assert closes_at(session) == 120.0


def test_reading_is_no_activity() -> None:
    session = connected()
    assert session.deadline == 120.0
    assert session.refusal(ev.Stop) is None
    assert session.handle(ev.TimePassed(), 100.0) == []
    assert closes_at(session) == 120.0


def test_a_session_ends_at_its_duration_limit_however_active() -> None:
    session = connected()
    for second in range(0, 600, 60):
        session.handle(ev.KeepAlive(second), float(second))
    assert closes_at(session) == 600.0


def test_the_duration_limit_cuts_a_speech() -> None:
    session = connected(duration_limit=10.0)
    session.handle(task(1, milliseconds=20_000), 5.0)
    assert closes_at(session) == 10.0
    assert session.closed_because == "duration limit"


def test_a_speech_that_ends_with_the_session_is_told_as_whole() -> None:
    session = connected(duration_limit=10.0)
    session.handle(task(1, milliseconds=5000), 5.0)
    assert session.handle(ev.TimePassed(), 10.0) != []
    assert session.state is State.CONNECTED
    assert closes_at(session) == 10.0


@pytest.mark.parametrize(
    ("late", "spoken"),
    [
        (10.0, 5000.0),
        (10.5, 5500.0),  # of a speech that would have ended at 11
        (11.0, 6000.0),
        (3600.0, 6000.0),
    ],
)
def test_a_late_timer_ends_the_session_and_not_the_speech_that_passes_its_limit(
    late: float, spoken: float
) -> None:
    session = connected(duration_limit=10.0)
    session.handle(task(1, milliseconds=6000), 5.0)
    session.handle(task(2), 5.0)
    effects = session.handle(ev.TimePassed(), late)
    assert (session.state, session.closed_because) == (State.CLOSED, "duration limit")
    assert sent(effects) == [ef.SendEvent("avatar_stop_talking", "task-1", spoken)]
    assert refusals(effects) == {2: (10005, "session state wrong: closed")}


def test_a_closed_session_has_no_deadline() -> None:
    session = session_in(State.CLOSED)
    assert session.deadline is None
    assert session.handle(ev.TimePassed(), 1e9) == []
