"""The transition table: every state with every event."""

from __future__ import annotations

import pytest

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.session import Session
from mock_server.core.transitions import TRANSITIONS, State
from tests.core.sessions import ANSWER, config, refusals, replies, session_in, task

N, G, C, L, X = State.NEW, State.CONNECTING, State.CONNECTED, State.LEFT, State.CLOSED

CLIENT_CALLS: dict[str, ev.ClientCall] = {
    "open": ev.Open(7),
    "start": ev.Start(7, ANSWER),
    "candidate": ev.Candidate(7, None),
    "speak": task(7),
    "extend": ev.Extend(7, "task", task(7).utterance),
    "interrupt": ev.Interrupt(7),
    "keep alive": ev.KeepAlive(7),
    "listen": ev.Listen(7, on=True),
    "stop": ev.Stop(7),
}
NEWS: dict[str, ev.Event] = {
    "offer made": ev.OfferMade("offer"),
    "accepted": ev.DescriptionAccepted(None),
    "refused": ev.DescriptionRefused("why"),
    "connected": ev.Connected(),
    "lost": ev.Lost("gone"),
    "unavailable": ev.Unavailable("no port"),
    "crashed": ev.Crashed("bug"),
    "expired": ev.Expired("idle timeout"),
    "shutdown": ev.Shutdown(),
}
# Rows of (what happens, in new, in connecting, in connected, in left, in closed): the state
# afterwards, or None where a client is refused and news is dropped.
Row = tuple[str, State | None, State | None, State | None, State | None, State | None]
ROWS: list[Row] = [
    ("open", N, None, None, None, None),
    ("start", G, None, None, None, None),
    ("candidate", N, G, C, None, None),
    ("speak", None, None, C, None, None),
    ("extend", None, None, C, None, None),
    ("interrupt", N, G, C, None, None),
    ("keep alive", N, G, C, None, None),
    ("listen", N, G, C, None, None),
    ("stop", X, X, X, X, None),
    ("offer made", N, G, None, None, None),
    ("accepted", None, G, C, None, None),
    ("refused", None, N, None, None, None),
    ("connected", None, C, None, None, None),
    ("lost", L, L, L, None, None),
    ("unavailable", X, X, X, None, None),
    ("crashed", X, X, X, None, None),
    ("expired", X, X, X, None, None),
    ("shutdown", X, X, X, None, None),
]
CASES = [
    (name, before, after)
    for name, *afters in ROWS
    for before, after in zip(State, afters, strict=True)
]
REFUSED = {
    State.NEW: (10001, "session state wrong: new"),
    State.CONNECTING: (10002, "session state wrong: connecting"),
    State.CONNECTED: (10003, "session state wrong: connected"),
    State.LEFT: (10005, "session state wrong: closed"),
    State.CLOSED: (10005, "session state wrong: closed"),
}


@pytest.mark.parametrize(("name", "before", "after"), CASES)
def test_every_state_and_event_leads_where_the_table_says(
    name: str, before: State, after: State | None
) -> None:
    session = session_in(before)
    event = CLIENT_CALLS.get(name) or NEWS[name]
    effects = session.handle(event, 1.0)
    assert session.state is (before if after is None else after)
    if after is None and name in CLIENT_CALLS:
        assert refusals(effects) == {7: REFUSED[before]}
        assert len(effects) == 1
    elif after is None:
        assert effects == []


def test_the_cases_are_all_events_of_the_table() -> None:
    named = {type(event) for event in (*CLIENT_CALLS.values(), *NEWS.values())}
    in_table = {event for row in TRANSITIONS.values() for event in row}
    assert in_table - named == {ev.SpeechEnded}


def test_the_end_of_a_speech_leaves_the_session_connected() -> None:
    session = session_in(State.CONNECTED)
    session.handle(task(1), 0.0)
    session.handle(ev.SpeechEnded(), 1.0)
    assert session.state is State.CONNECTED


@pytest.mark.parametrize("state", State)
def test_a_call_that_would_be_refused_is_known_without_making_it(state: State) -> None:
    session = session_in(state)
    for name, event in CLIENT_CALLS.items():
        after = next(row for row in ROWS if row[0] == name)[1 + list(State).index(state)]
        row = session.refusal(type(event))
        assert (row is None) == (after is not None)
        if row is not None:
            assert (row.code, row.message) == REFUSED[state]


def test_one_stop_after_the_viewer_left_is_taken_well() -> None:
    session = session_in(State.CONNECTED)
    effects = session.handle(ev.Lost("closed its end"), 1.0)
    assert (session.is_over, session.status) == (True, "closed")
    assert ef.ClosePeer() in effects
    assert session.handle(ev.Stop(1), 2.0) == [ef.Reply(1, ef.Done())]
    assert refusals(session.handle(ev.Stop(2), 3.0)) == {2: (10005, "session state wrong: closed")}


def test_opening_asks_for_a_peer_and_is_answered_with_its_offer() -> None:
    session = Session(config())
    assert session.handle(ev.Open(1), 0.0) == [ef.OpenPeer()]
    assert session.handle(ev.OfferMade("v=0"), 0.1) == [ef.Reply(1, ef.Offered("v=0"))]


def test_start_is_answered_when_the_peer_took_the_description() -> None:
    session = session_in(State.NEW)
    effects = session.handle(ev.Start(1, ANSWER), 0.0)
    assert effects[0] == ef.ApplyDescription(ANSWER)
    assert replies(effects) == {}
    assert replies(session.handle(ev.DescriptionAccepted("sdp"), 0.1)) == {1: ef.Started("sdp")}


def test_start_is_answered_where_the_peer_connects_before_it_reports() -> None:
    session = session_in(State.NEW)
    session.handle(ev.Start(1, ANSWER), 0.0)
    session.handle(ev.Connected(), 0.1)
    assert replies(session.handle(ev.DescriptionAccepted(None), 0.1)) == {1: ef.Started(None)}


def test_a_refused_description_leaves_the_session_startable() -> None:
    session = session_in(State.NEW)
    session.handle(ev.Start(1, ANSWER), 0.0)
    effects = session.handle(ev.DescriptionRefused("no codec"), 0.1)
    assert refusals(effects) == {1: (400, "peer start failed,please check the answer")}
    assert ef.Note("state", (("status", "new"),)) in effects
    session.handle(ev.Start(2, ANSWER), 0.2)
    assert replies(session.handle(ev.DescriptionAccepted(None), 0.3)) == {2: ef.Started(None)}


def test_a_session_started_before_its_offer_was_told_still_answers_its_opener() -> None:
    session = Session(config())
    session.handle(ev.Open(1), 0.0)
    session.handle(ev.Start(2, ANSWER), 0.1)
    assert replies(session.handle(ev.OfferMade("v=0"), 0.2)) == {1: ef.Offered("v=0")}


def test_a_candidate_is_answered_at_once() -> None:
    session = session_in(State.NEW)
    effects = session.handle(ev.Candidate(1, None), 0.0)
    assert effects == [ef.AddCandidate(None), ef.Reply(1, ef.Done())]


def test_a_change_of_state_is_noted() -> None:
    session = session_in(State.CONNECTED)
    effects = session.handle(ev.Lost("consent expired"), 1.0)
    note = ef.Note("state", (("status", "closed"), ("reason", "peer lost: consent expired")))
    assert note in effects


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (ev.Stop(1), "stopped"),
        (ev.Lost("closed its end"), "peer lost: closed its end"),
        (ev.Unavailable("no free port"), "no free port"),
        (ev.Crashed("KeyError: 1"), "crashed: KeyError: 1"),
        (ev.Shutdown(), "shutdown"),
        (ev.Expired("duration limit"), "duration limit"),
    ],
)
@pytest.mark.parametrize("state", [N, G, C])
def test_every_end_closes_the_peer_and_says_why(state: State, event: ev.Event, reason: str) -> None:
    session = session_in(state)
    effects = session.handle(event, 1.0)
    assert ef.ClosePeer(shutdown=event == ev.Shutdown()) in effects
    assert session.closed_because == reason
    assert session.deadline is None


@pytest.mark.parametrize(
    ("event", "opener", "others"),
    [
        (ev.Stop(9), (10014, "Session full"), (10005, "session state wrong: closed")),
        (ev.Lost("gone"), (10014, "Session full"), (10005, "session state wrong: closed")),
        (ev.Shutdown(), (10014, "Session full"), (10005, "session state wrong: closed")),
        (ev.Unavailable("no"), (10014, "Session full"), (10005, "session state wrong: closed")),
        (ev.Crashed("bug"), (500, "Internal Server Error"), (500, "Internal Server Error")),
    ],
)
def test_calls_that_wait_are_refused_when_the_session_ends(
    event: ev.Event, opener: tuple[int, str], others: tuple[int, str]
) -> None:
    opening = Session(config())
    opening.handle(ev.Open(1), 0.0)
    assert refusals(opening.handle(event, 1.0)) == {1: opener}

    starting = session_in(State.NEW)
    starting.handle(ev.Start(2, ANSWER), 0.0)
    assert refusals(starting.handle(event, 1.0)) == {2: others}

    talking = session_in(State.CONNECTED)
    talking.handle(task(3, blocks=True), 0.0)
    talking.handle(task(4), 0.0)
    assert refusals(talking.handle(event, 0.5)) == {3: others, 4: others}


def test_one_stop_is_taken_well_after_the_viewer_has_left() -> None:
    # @heygen/streaming-avatar 1.0.16 closes its peer connection before it posts streaming.stop.
    session = session_in(State.LEFT)
    assert session.is_over
    assert session.status == "closed"
    assert session.handle(ev.Stop(1), 1.0) == [ef.Reply(1, ef.Done())]
    assert session.closed_because == "peer lost: gone"
    assert refusals(session.handle(ev.Stop(2), 2.0)) == {2: (10005, "session state wrong: closed")}


def test_stop_is_answered_after_what_it_ends() -> None:
    session = session_in(State.CONNECTED)
    session.handle(task(1), 0.0)
    session.handle(task(2), 0.0)
    effects = session.handle(ev.Stop(3), 0.5)
    order = [type(e) for e in effects]
    assert order.index(ef.Refuse) < order.index(ef.ClosePeer) < order.index(ef.Reply)
    assert replies(effects) == {3: ef.Done()}
