"""What the Monitor lets pass, and which rule it names for what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.exchange import Exchange, Request, Response
from contract.model.knowledge import Knowledge
from contract.model.session import State
from tests.contract.model.conversation import (
    ANSWER,
    DONE,
    KEY,
    SPEC,
    Conversation,
    bearer,
    listed,
    opened,
    refusal,
    session_id,
    spoken,
    token,
)

TEXT = "Hello and welcome to the meeting."


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def test_a_whole_session_breaks_no_rule(talk: Conversation) -> None:
    talk.connect(1)
    assert talk.say("listSessions", None, listed((1, "connected"))) == []
    assert talk.on("sendTask", 1, spoken(1, 2400.0), text=TEXT) == []
    assert talk.on("interruptTask", 1, DONE) == []
    assert talk.on("stopSession", 1, DONE) == []
    assert talk.on("stopSession", 1, refusal("session-closed")) == []
    assert talk.say("listSessions", None, listed()) == []
    assert talk.findings.violations == []


@pytest.mark.parametrize(
    ("operation", "row", "rule"),
    [
        ("sendTask", "session-connecting", "task-before-start"),
        ("keepAlive", "session-closed", "valid-accepted"),
        ("interruptTask", "session-closed", "interrupt-silent"),
        ("stopSession", "session-closed", "stop-ends"),
    ],
)
def test_an_answer_of_another_state_breaks_the_rule_of_this_one(
    talk: Conversation, operation: str, row: str, rule: str
) -> None:
    talk.new(1)
    assert talk.on(operation, 1, refusal(row), text=TEXT) == [(rule, operation)]


def test_a_session_is_known_by_its_id_in_the_message(talk: Conversation) -> None:
    assert talk.on("keepAlive", 1, refusal("session-unknown", 1)) == []
    wrong = talk.on("keepAlive", 1, refusal("session-unknown", 2))
    assert wrong == [("session-unknown", "keepAlive")]


def test_a_message_that_no_row_has_is_unknown(talk: Conversation) -> None:
    answer = (400, {"code": 400004, "message": "No such session"})
    assert talk.on("keepAlive", 1, answer) == [("error-known", "keepAlive")]


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ((500, {"code": 500, "message": "Internal Server Error"}), "no-server-error"),
        ((402, {"code": 402, "message": "Pay"}), "answer-status"),
        ((400, {"code": "400004", "message": "x"}), "error-form"),
        ((400, b"<html>"), "error-form"),
        ((200, b""), "answer-schema"),
        ((200, {"code": 100, "message": "success"}), "answer-schema"),
    ],
)
def test_the_form_of_an_answer_comes_first(talk: Conversation, answer: Any, rule: str) -> None:
    talk.new(1)
    found = talk.on("keepAlive", 1, answer)
    assert found[0] == (rule, "keepAlive")


def test_a_refused_request_that_was_fine_names_what_was_odd_in_it(talk: Conversation) -> None:
    no = refusal("invalid-parameter")
    assert talk.say("newSession", {"zodiac": 1}, no) == [("unknown-fields", "newSession")]
    assert talk.say("newSession", {"quality": None}, no) == [("null-is-absent", "newSession")]
    talk.new(1)
    end = talk.on("submitIce", 1, refusal("session-not-found"), candidate=None)
    assert end == [("ice-any-time", "submitIce")]
    assert talk.say("newSession", {"quality": "low"}, no) == [("valid-accepted", "newSession")]


def test_a_bad_body_must_be_refused_before_the_session_is_looked_up(talk: Conversation) -> None:
    body = {"session_id": session_id(9), "text": 5}
    assert talk.say("sendTask", body, refusal("invalid-parameter")) == []
    late = talk.say("sendTask", body, refusal("session-unknown", 9))
    assert late == [("check-order", "sendTask")]


def test_two_faults_are_answered_in_the_order_of_the_contract(talk: Conversation) -> None:
    nobody = {"credentials": (("x-api-key", "stranger"),)}
    assert talk.say("newSession", {"quality": 5}, refusal("unauthorized"), **nobody) == []
    found = talk.say("newSession", {"quality": 5}, refusal("invalid-parameter"), **nobody)
    assert found == [("check-order", "newSession")]


def test_a_list_shows_what_is_there_and_how(talk: Conversation) -> None:
    talk.new(1)
    assert talk.say("listSessions", None, listed()) == [("list-active", "listSessions")]
    assert talk.say("listSessions", None, listed((1, "connected"))) == [
        ("list-status", "listSessions")
    ]
    talk = Conversation()
    talk.new(1)
    assert talk.say("listSessions", None, listed((1, "new"), (7, "new"))) == [
        ("list-active", "listSessions")
    ]
    later = listed((1, "new"), created_at=1_734_651_290)
    assert talk.say("listSessions", None, later) == [("list-created-at", "listSessions")]
    talk.on("stopSession", 1, DONE)
    assert talk.say("listSessions", None, listed((1, "new"))) == [("stop-ends", "listSessions")]


def test_created_at_in_milliseconds_has_the_wrong_unit(talk: Conversation) -> None:
    talk.new(1)
    found = talk.say("listSessions", None, listed((1, "new"), created_at=1_734_651_255_000))
    assert found[0] == ("list-created-at", "listSessions")


def test_ids_are_given_once(talk: Conversation) -> None:
    talk.connect(1)
    talk.on("sendTask", 1, spoken(1, 2400.0), text=TEXT)
    again = talk.on("sendTask", 1, spoken(1, 2400.0), text=TEXT)
    assert again == [("task-id-fresh", "sendTask")]
    assert talk.say("newSession", {}, opened(1)) == [("session-id-fresh", "newSession")]


def test_the_states_are_all_that_are_possible(talk: Conversation) -> None:
    talk.new(1)
    assert talk.monitor.states(session_id(1)) == {State.NEW}
    started = {"session_id": session_id(1), "sdp": {"type": "answer", "sdp": ANSWER}}
    talk.say("startSession", started, DONE)
    assert talk.monitor.states(session_id(1)) == {State.CONNECTING, State.CONNECTED}
    talk.on("sendTask", 1, refusal("session-connecting"), text=TEXT)
    assert talk.monitor.states(session_id(1)) == {State.CONNECTING}
    assert talk.monitor.states("never") == frozenset()
    assert talk.monitor.open_sessions == [session_id(1)]


def test_a_session_that_was_connecting_connects_without_a_call(talk: Conversation) -> None:
    talk.new(1)
    started = {"session_id": session_id(1), "sdp": {"type": "answer", "sdp": ANSWER}}
    talk.say("startSession", started, DONE)
    assert talk.say("listSessions", None, listed((1, "connecting"))) == []
    assert talk.say("listSessions", None, listed((1, "connected"))) == []
    back = talk.say("listSessions", None, listed((1, "connecting")))
    assert back == [("list-status", "listSessions")]


def test_a_session_that_nobody_stands_behind_stays_connecting(talk: Conversation) -> None:
    talk.new(1)
    started = {"session_id": session_id(1), "sdp": {"type": "answer", "sdp": ANSWER}}
    talk.say("startSession", started, DONE)
    talk.monitor.not_connected(session_id(1))
    assert talk.say("listSessions", None, listed((1, "connected"))) == [
        ("list-status", "listSessions")
    ]


def test_calls_that_overlap_may_be_answered_in_either_order(talk: Conversation) -> None:
    talk.new(1)
    body = {"session_id": session_id(1), "sdp": {"type": "answer", "sdp": ANSWER}}
    start = talk.exchange("startSession", body, DONE, lasting=2)
    talk.now -= 1.5
    task = talk.exchange(
        "sendTask", {"session_id": session_id(1), "text": TEXT}, refusal("session-connecting")
    )
    assert talk.monitor.observe(task, during=(start,)) == []
    assert talk.monitor.observe(start) == []


def test_what_happened_before_a_recording_is_unknown_and_not_wrong() -> None:
    talk = Conversation(knowledge=Knowledge(complete=False, exclusive=False), profile="real")
    assert talk.on("sendTask", 1, spoken(1, 2400.0), text=TEXT) == []
    assert talk.on("keepAlive", 2, refusal("session-unknown", 2)) == []
    assert talk.say("listSessions", None, listed((1, "connected"), (5, "new"))) == []
    assert talk.say("newSession", {}, opened(7), credentials=bearer(token(3))) == []
    assert talk.on("stopSession", 1, DONE) == []
    assert talk.on("sendTask", 1, spoken(2, 2400.0), text=TEXT) == [("session-closed", "sendTask")]


def test_a_real_service_may_differ_from_a_guess() -> None:
    talk = Conversation(profile="real")
    talk.new(1)
    assert talk.on("sendTask", 1, refusal("session-connecting"), text=TEXT) == [
        ("task-before-start", "sendTask")
    ]
    assert talk.findings.violations[0].verdict == "guess"
    assert talk.on("stopSession", 1, DONE) == []
    assert talk.on("keepAlive", 1, refusal("session-not-found")) == []
    assert talk.say("newSession", {}, refusal("quota-not-enough")) == []


def test_auto_holds_a_server_to_the_shape_it_shows_first() -> None:
    talk = Conversation(answers="auto")
    talk.new(1)
    shapes = [talk.monitor.shape]
    recorded = {"code": 100, "message": "success", "data": None}
    assert talk.on("stopSession", 1, recorded) == []
    shapes.append(talk.monitor.shape)
    assert shapes == [None, "recorded"]
    talk.new(2)
    assert talk.on("stopSession", 2, {"status": "success"})[0] == ("answer-schema", "stopSession")


def test_a_violation_carries_the_exchanges_that_led_to_it(talk: Conversation) -> None:
    talk.connect(1)
    talk.new(2)
    talk.on("sendTask", 1, refusal("session-new"), text=TEXT)
    (violation,) = talk.findings.violations
    calls = [exchange.request.path.rpartition(".")[2] for exchange in violation.history]
    assert calls == ["new", "start", "task"]
    assert violation.grade == "official"
    assert violation.rule.sentence.startswith("An SDP answer that fits completes")


def test_allow_must_name_the_method(talk: Conversation) -> None:
    status, body = refusal("method-not-allowed")
    exchange = talk.exchange("newSession", None, (status, body))
    wrong = Exchange(
        1, Request("PUT", "/v1/streaming.new", KEY), exchange.response, talk.now, talk.now
    )
    assert [v.rule.id for v in talk.monitor.observe(wrong)] == ["method-refused"]


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS"]),
    path=st.sampled_from([*SPEC.paths, "/v1/streaming.task?x=1", "/else"]),
    sent=st.binary(max_size=40)
    | st.sampled_from([b'{"session_id": "a", "sdp": {"sdp": "v=0"}}', b'{"voice": {"rate": "x"}}']),
    status=st.sampled_from([200, 204, 400, 401, 404, 405, 429, 500]),
    answered=st.binary(max_size=40)
    | st.sampled_from(
        [
            b"[]",
            b'{"data": {"session_id": 5, "sdp": {"sdp": "v=1"}}}',
            b'{"data": {"sessions": [5, {"session_id": "a", "created_at": "x"}]}}',
            b'{"data": {"task_id": 1, "duration_ms": "x"}, "code": 100, "message": "success"}',
        ]
    ),
    credentials=st.sampled_from([KEY, (), bearer("x"), bearer(token(1)), (*KEY, *bearer("key"))]),
    media_type=st.sampled_from(["application/json", "text/html", ""]),
)
def test_any_exchange_is_judged_without_an_error(
    *,
    method: str,
    path: str,
    sent: bytes,
    status: int,
    answered: bytes,
    credentials: Any,
    media_type: str,
) -> None:
    talk = Conversation()
    talk.new(1)
    request = Request(method, path, credentials, sent)
    response = Response(status, (("content-type", media_type),), answered)
    for number in range(2):
        talk.monitor.observe(Exchange(number, request, response, talk.now, talk.now))
    talk.monitor.observe(talk.exchange("listSessions", None, listed()))


def test_an_older_path_is_to_blame_for_what_the_newer_does_well(talk: Conversation) -> None:
    talk.new(1)
    body = {"session_id": session_id(1), "text": TEXT}
    older: dict[str, Any] = {"path": "/v1/realtime.task"}
    assert talk.say("sendTask", body, refusal("session-closed"), **older) == [
        ("task-before-start", "sendTask")
    ]
    talk.new(2)
    body = {"session_id": session_id(2), "text": TEXT}
    assert talk.say("sendTask", body, refusal("session-new")) == []
    talk.new(3)
    body = {"session_id": session_id(3), "text": TEXT}
    assert talk.say("sendTask", body, refusal("session-closed"), **older) == [
        ("alias-same", "sendTask")
    ]


def test_an_older_path_has_the_form_of_the_newer(talk: Conversation) -> None:
    talk.new(1)
    body = {"session_id": session_id(1), "candidate": None}
    older: dict[str, Any] = {"path": "/v1/realtime.ice"}
    flawed = {"message": "success"}
    assert talk.say("submitIce", body, flawed, **older)[0] == ("answer-schema", "submitIce")
    assert talk.say("submitIce", body, DONE) == []
    assert talk.say("submitIce", body, flawed, **older)[0] == ("alias-same", "submitIce")


def test_a_refused_start_leaves_the_session_new(talk: Conversation) -> None:
    talk.new(1)
    sdp = {"type": "answer", "sdp": "nonsense"}
    assert talk.on("startSession", 1, refusal("peer-start-failed"), sdp=sdp) == []
    assert talk.say("listSessions", None, listed((1, "connecting"))) == [
        ("start-refused", "listSessions")
    ]


def test_a_refused_stop_stops_nothing(talk: Conversation) -> None:
    nobody: dict[str, Any] = {"credentials": (("x-api-key", "stranger"),)}
    for number in (1, 2, 3):
        talk.new(number)
        body = {"session_id": session_id(number)}
        assert talk.say("stopSession", body, refusal("unauthorized"), **nobody) == []
    gone = talk.say("listSessions", None, listed((2, "new"), (3, "new")))
    assert gone == [("credentials-required", "listSessions")]
    assert talk.on("keepAlive", 2, refusal("session-closed")) == [("valid-accepted", "keepAlive")]
    assert (
        talk.say("stopSession", {"session_id": session_id(3)}, refusal("unauthorized"), **nobody)
        == []
    )
    assert talk.on("keepAlive", 3, refusal("session-closed")) == [
        ("credentials-required", "keepAlive")
    ]
