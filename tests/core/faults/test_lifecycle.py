"""Sessions that end before their time."""

from __future__ import annotations

from typing import Any

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.faults.lifecycle import early_ends
from mock_server.core.faults.plan import Deviation
from mock_server.core.session import Session
from mock_server.core.transitions import State
from tests.core.sessions import connected, refusals, sent, session_in, task


def doomed(do: str, **parameters: Any) -> Session:
    """A session that connects at time 0 and is to end early."""
    return connected(ends=early_ends([Deviation(3, "session", do, None, parameters)]))


def pass_time(session: Session, now: float) -> list[ef.Effect]:
    return session.handle(ev.TimePassed(), now)


def test_the_server_closes_the_session_at_its_time() -> None:
    session = doomed("session-closed", at_ms=300)
    assert session.deadline == 0.3
    assert pass_time(session, 0.29) == []
    effects = pass_time(session, 0.3)
    assert session.state is State.CLOSED
    assert session.closed_because == "closed by the server"
    assert ef.ClosePeer() in effects
    assert [e.deviation.at for e in effects if isinstance(e, ef.Deviated)] == [3]


def test_it_ends_as_by_its_own_timers_but_early() -> None:
    for do, reason in (("idle-timeout", "idle timeout"), ("duration-limit", "duration limit")):
        session = doomed(do, at_ms=300)
        pass_time(session, 0.3)
        assert session.closed_because == reason


def test_time_counts_from_the_connection() -> None:
    ends = early_ends([Deviation(0, "session", "session-closed", None, {"at_ms": 300})])
    session = session_in(State.CONNECTING, ends=ends)
    assert pass_time(session, 20.0) == []
    session.handle(ev.Connected(), 20.0)
    assert session.deadline == 20.3


def test_the_server_closes_the_session_in_mid_speech() -> None:
    session = doomed("session-closed-talking", after_ms=200)
    assert session.deadline == 120.0
    session.handle(task(1, milliseconds=1000), 5.0)
    assert session.deadline == 5.2
    effects = pass_time(session, 5.2)
    assert [(e.type, e.duration_ms) for e in sent(effects)] == [("avatar_stop_talking", 200.0)]
    assert session.closed_because == "closed by the server"


def test_a_speech_that_ends_before_ends_well() -> None:
    session = doomed("session-closed-talking", after_ms=700)
    session.handle(task(1, milliseconds=500), 5.0)
    assert [e.duration_ms for e in sent(pass_time(session, 5.5))] == [500.0]
    assert session.deadline == 5.7
    session.handle(task(2, milliseconds=500), 5.6)
    assert session.deadline == 5.7  # counted from the first speech


def test_the_first_of_several_ends_is_the_one() -> None:
    plan = [
        Deviation(0, "session", "duration-limit", None, {"at_ms": 400}),
        Deviation(1, "session", "session-closed", None, {"at_ms": 300}),
    ]
    session = connected(ends=early_ends(plan))
    effects = pass_time(session, 1.0)
    assert session.closed_because == "closed by the server"
    assert [e.deviation.at for e in effects if isinstance(e, ef.Deviated)] == [1]


def test_an_early_end_that_is_later_than_the_limit_never_comes() -> None:
    ends = early_ends([Deviation(0, "session", "session-closed", None, {"at_ms": 700_000})])
    session = connected(ends=ends, idle_timeout=None)
    pass_time(session, 700.0)
    assert session.closed_because == "duration limit"


def test_calls_after_it_are_refused() -> None:
    session = doomed("session-closed", at_ms=0)
    pass_time(session, 0.0)
    assert refusals(session.handle(ev.KeepAlive(9), 1.0)) == {
        9: (10005, "session state wrong: closed")
    }


def test_other_deviations_of_a_session_are_no_ends() -> None:
    assert early_ends([Deviation(0, "session", "something else")]) == ()
