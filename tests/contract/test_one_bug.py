"""One bug of a server is one violation: of the rule that it breaks, and of no other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contract.exchange import Exchange, Headers
from contract.model.knowledge import Knowledge
from tests.contract.model.conversation import (
    ANSWER,
    DONE,
    EPOCH,
    KEY,
    OFFER,
    PAPER,
    Conversation,
    listed,
    opened,
    refusal,
    rules,
    session_id,
    spoken,
)

TEXT = "Hello and welcome to the meeting."
CLOSED = refusal("session-closed")


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def _with_headers(exchange: Exchange, *headers: tuple[str, str]) -> Exchange:
    return replace(exchange, response=replace(exchange.response, headers=headers))


@pytest.mark.parametrize(
    ("flawed", "rule"),
    [
        ("\ufeff" + json.dumps(opened(1)), "answer-schema"),
        ('{"code": 999,' + json.dumps(opened(1))[1:], "answer-schema"),
    ],
)
def test_json_that_some_readers_refuse_is_named_and_followed(
    talk: Conversation, flawed: str, rule: str
) -> None:
    assert talk.say("newSession", {}, flawed.encode()) == [(rule, "newSession")]
    assert talk.say("listSessions", None, listed((1, "new"))) == []
    assert talk.on("stopSession", 1, DONE) == []


def test_an_error_that_some_readers_refuse_has_not_the_form_of_one(talk: Conversation) -> None:
    status, body = refusal("session-unknown", 1)
    answer = (status, b"\xef\xbb\xbf" + json.dumps(body).encode())
    assert talk.on("keepAlive", 1, answer) == [("error-form", "keepAlive")]


@pytest.mark.parametrize(
    ("headers", "fits"),
    [
        ((("content-type", "Application/JSON; charset=UTF-8"),), True),
        ((("content-type", 'application/json;charset="utf-8"'), ("retry-after", "1")), True),
        ((("content-type", "application/json"), ("content-encoding", "identity")), True),
        ((("content-type", "application/json; charset=latin-1"),), False),
        ((("content-type", "application/json"), ("content-encoding", "gzip")), False),
        ((("content-type", "text/json"),), False),
        ((), False),
    ],
)
def test_an_answer_is_plain_json(talk: Conversation, headers: Headers, *, fits: bool) -> None:
    exchange = _with_headers(talk.exchange("newSession", {}, opened(1)), *headers)
    wrong = [] if fits else [("answer-content-type", "newSession")]
    assert rules(talk.monitor.observe(exchange)) == wrong


def test_a_recording_has_its_bodies_decoded() -> None:
    talk = Conversation(knowledge=Knowledge(complete=False, exclusive=False))
    coded = (("content-type", "application/json"), ("content-encoding", "br"))
    exchange = _with_headers(talk.exchange("newSession", {}, opened(1)), *coded)
    assert talk.monitor.observe(exchange) == []


def test_who_asks_for_a_coding_may_get_it(talk: Conversation) -> None:
    coded = (("content-type", "application/json"), ("content-encoding", "gzip"))
    asking = (*KEY, ("accept-encoding", "gzip"))
    exchange = talk.exchange("newSession", {}, opened(1), credentials=asking)
    assert talk.monitor.observe(_with_headers(exchange, *coded)) == []


@pytest.mark.parametrize("allow", ["POST", "POST, OPTIONS", "post,HEAD"])
def test_allow_may_name_what_a_server_adds(talk: Conversation, allow: str) -> None:
    assert _refused_put(talk, allow) == []


@pytest.mark.parametrize("allow", ["GET, POST", "PUT, POST", "GET", ""])
def test_allow_names_nothing_that_is_refused(talk: Conversation, allow: str) -> None:
    assert _refused_put(talk, allow) == [("method-refused", "newSession")]


def _refused_put(talk: Conversation, allow: str) -> list[tuple[str, str | None]]:
    exchange = talk.exchange("newSession", None, refusal("method-not-allowed"))
    exchange = replace(exchange, request=replace(exchange.request, method="PUT"))
    headers = (("content-type", "application/json"), ("allow", allow))
    return rules(talk.monitor.observe(_with_headers(exchange, *headers)))


def test_a_session_is_listed_once(talk: Conversation) -> None:
    talk.new(1)
    twice = listed((1, "new"), (1, "new"))
    assert talk.say("listSessions", None, twice) == [("list-active", "listSessions")]


def test_a_list_that_shows_an_ended_session_may_be_wrong_alone(talk: Conversation) -> None:
    talk.new(1)
    assert talk.on("stopSession", 1, DONE) == []
    wrong = talk.say("listSessions", None, listed((1, "new")))
    assert wrong == [("stop-ends", "listSessions")]
    assert talk.on("keepAlive", 1, CLOSED) == []
    assert talk.say("listSessions", None, listed()) == []
    for number in (2, 3, 4):
        talk.new(number)
    assert talk.say("newSession", {}, refusal("concurrent-limit")) == []


def test_a_list_that_shows_another_state_may_be_wrong_alone(talk: Conversation) -> None:
    talk.new(1)
    wrong = talk.say("listSessions", None, listed((1, "connected")))
    assert wrong == [("list-status", "listSessions")]
    assert talk.on("sendTask", 1, refusal("session-new"), text=TEXT) == []


@pytest.mark.parametrize("answer", [(200, b""), (204, b""), (200, b"success")])
def test_an_unreadable_keep_alive_may_have_kept_alive(talk: Conversation, answer: Any) -> None:
    talk.new(1, {"activity_idle_timeout": 30})
    talk.now += 20
    assert len(talk.on("keepAlive", 1, answer)) == 1
    talk.now += 20
    assert talk.say("listSessions", None, listed((1, "new"))) == []


@pytest.mark.parametrize("left", [True, False])
def test_an_unreadable_start_may_have_begun_to_wait(talk: Conversation, *, left: bool) -> None:
    talk.new(1)
    started = {"sdp": {"type": "answer", "sdp": ANSWER}}
    assert talk.on("startSession", 1, b"ok", **started) == [("answer-schema", "startSession")]
    talk.now += 31
    shown = listed() if left else listed((1, "connected"))
    assert talk.say("listSessions", None, shown) == []


def test_an_unreadable_task_may_speak_for_any_time(talk: Conversation) -> None:
    talk.connect(1, {"activity_idle_timeout": 30})
    assert talk.on("sendTask", 1, b"ok", text=TEXT) == [("answer-schema", "sendTask")]
    talk.now += 100
    assert talk.say("listSessions", None, listed((1, "connected"))) == []
    assert talk.on("interruptTask", 1, DONE) == []
    talk.now += 40
    wrong = talk.say("listSessions", None, listed((1, "connected")))
    assert wrong == [("idle-timeout", "listSessions")]


def test_an_unreadable_interrupt_may_have_dropped_what_was_said(talk: Conversation) -> None:
    talk.connect(1, {"activity_idle_timeout": 30})
    long = {**spoken(1, 60_000.0)}
    assert talk.on("sendTask", 1, long, text="12 " * 100, task_mode="async") == []
    assert talk.on("interruptTask", 1, b"ok") == [("answer-schema", "interruptTask")]
    talk.now += 35
    assert talk.say("listSessions", None, listed()) == []


def test_what_fits_a_broken_offer_nobody_can_say(talk: Conversation) -> None:
    offer = OFFER.partition("m=application")[0].replace("BUNDLE 0 1 2", "BUNDLE 0 1")
    made = opened(1, sdp={"type": "offer", "sdp": offer})
    assert talk.say("newSession", {}, made) == [("new-offers", "newSession")]
    answer = {"sdp": {"type": "answer", "sdp": PAPER.answer("any", offer)}}
    assert talk.on("startSession", 1, refusal("peer-start-failed"), **answer) == []


@pytest.mark.parametrize("limit", [0, -600, None])
def test_a_limit_that_is_none_ends_no_session(talk: Conversation, limit: object) -> None:
    made = opened(1, session_duration_limit=limit)
    assert talk.say("newSession", {}, made) == [("answer-schema", "newSession")]
    assert talk.say("listSessions", None, listed((1, "new"))) == []


@pytest.mark.parametrize(
    ("told", "ended", "rule"),
    [(900, 603, "duration-limit"), (900, 850, "duration-limit"), (900, 450, "list-active")],
)
def test_a_session_that_ends_before_its_limit(
    talk: Conversation, told: int, ended: float, rule: str
) -> None:
    asked = {"disable_idle_timeout": True}
    assert talk.say("newSession", asked, opened(1, session_duration_limit=told)) == []
    talk.now = EPOCH + ended - 6
    assert talk.say("listSessions", None, listed((1, "new"))) == []
    talk.now = EPOCH + ended
    assert talk.say("listSessions", None, listed()) == [(rule, "listSessions")]


def test_a_session_that_was_kept_alive_did_not_end_for_want_of_it(talk: Conversation) -> None:
    talk.new(1)
    talk.now += 100
    assert talk.on("keepAlive", 1, DONE) == []
    talk.now += 40
    assert talk.say("listSessions", None, listed((1, "new"))) == []
    talk.now += 20
    wrong = talk.say("listSessions", None, listed())
    assert wrong == [("idle-timeout", "listSessions")]


def test_violations_that_differ_in_their_values_say_the_same(talk: Conversation) -> None:
    talk.connect(1)
    for number in (1, 2):
        answer = {**spoken(number, 2400.0), "task_id": session_id(7 + number)}
        talk.on("sendTask", 1, answer, text=TEXT)
        talk.say("listSessions", None, listed((1, "connected"), created_at=int(EPOCH) + number))
    talk.say("listSessions", None, listed((1, "connected"), created_at=int(EPOCH) + 3))
    keys = {violation.key for violation in talk.findings.violations}
    assert len(talk.findings.violations) == 4
    assert {key[0] for key in keys} == {"shapes-agree", "list-created-at"}
    assert len(keys) == 2


def test_two_durations_are_shown_by_the_calls_of_both_sessions(talk: Conversation) -> None:
    talk.connect(1, {"voice": {"rate": 0.5}})
    assert talk.on("keepAlive", 1, DONE) == []
    assert talk.on("sendTask", 1, spoken(1, 4800.0), text=TEXT) == []
    talk.connect(2, {"voice": {"rate": 1.5}})
    wrong = talk.on("sendTask", 2, spoken(2, 4800.0), text=TEXT)
    assert wrong == [("task-duration", "sendTask")]
    (violation,) = talk.findings.violations
    calls = [exchange.request.path.rpartition(".")[2] for exchange in violation.history]
    assert calls == ["new", "start", "task", "new", "start", "task"]


def test_a_documented_start_has_no_place_for_an_answer() -> None:
    talk = Conversation(answers="documented")
    data = opened(1)["data"]
    documented = {**opened(1), "data": {n: data[n] for n in ("session_id", "sdp", "ice_servers")}}
    assert talk.say("newSession", {}, documented) == []
    offered = {"sdp": {"type": "offer", "sdp": PAPER.offer("any")}}
    assert talk.on("startSession", 1, {"status": "success"}, **offered) == []
    assert set(talk.findings.unjudged) == {"shapes-agree", "start-offer"}


def test_a_recorded_start_answers_an_offer() -> None:
    talk = Conversation(answers="recorded")
    talk.new(1)
    offered = {"sdp": {"type": "offer", "sdp": PAPER.offer("any")}}
    wrong = talk.on("startSession", 1, DONE, **offered)
    assert wrong == [("start-offer", "startSession")]
    assert set(talk.findings.unjudged) == {"shapes-agree"}
