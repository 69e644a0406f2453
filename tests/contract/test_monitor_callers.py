"""Who may call what, as the Monitor knows it: keys, tokens, accounts and their limits."""

from __future__ import annotations

from typing import Any

import pytest

from contract.model.knowledge import Knowledge
from tests.contract.model.conversation import (
    BOTH_KEYS,
    DONE,
    OTHER,
    Conversation,
    bearer,
    listed,
    opened,
    refusal,
    session_id,
    token,
)

TEXT = "Hello and welcome to the meeting."


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def test_a_stranger_is_let_in(talk: Conversation) -> None:
    found = talk.say("listVoices", None, {"error": None, "data": {"voices": []}}, credentials=())
    assert ("credentials-required", "listVoices") in found


def test_a_token_opens_one_session_and_reaches_no_other(talk: Conversation) -> None:
    made = {"error": None, "data": {"token": token(1)}}
    assert talk.say("createToken", {}, made) == []
    assert talk.say("createToken", {}, made) == [("token-fresh", "createToken")]
    with_token: dict[str, Any] = {"credentials": bearer(token(1))}
    talk.new(1)
    talk.new(2, **with_token)
    assert talk.say("newSession", {}, refusal("unauthorized"), **with_token) == []
    assert talk.say("listSessions", None, listed((2, "new")), **with_token) == []
    both = talk.say("listSessions", None, listed((1, "new"), (2, "new")), **with_token)
    assert both == [("token-own-session", "listSessions")]
    assert talk.say("newSession", {}, opened(3), **with_token) == [
        ("token-one-session", "newSession")
    ]


def test_a_token_that_may_have_expired_may_be_another_sessions_too(talk: Conversation) -> None:
    talk.say("createToken", {}, {"error": None, "data": {"token": token(1)}})
    talk.monitor.advance(3300)
    talk.new(1, {"disable_idle_timeout": True})
    talk.monitor.advance(299)
    asked = {"session_id": session_id(1)}
    for row in ("session-unknown", "unauthorized"):
        answer = refusal(row, 1)
        assert talk.say("keepAlive", asked, answer, credentials=bearer(token(1))) == []


def test_the_call_that_made_a_token_is_part_of_what_led_to_its_session(talk: Conversation) -> None:
    talk.say("createToken", {}, {"error": None, "data": {"token": token(1)}})
    talk.new(1, credentials=bearer(token(1)))
    talk.on("keepAlive", 1, refusal("session-closed"))
    (violation,) = talk.findings.violations
    calls = [exchange.request.path.rpartition(".")[2] for exchange in violation.history]
    assert calls == ["create_token", "new", "keep_alive"]


def test_a_token_survives_a_refusal(talk: Conversation) -> None:
    talk.say("createToken", {}, {"error": None, "data": {"token": token(1)}})
    with_token: dict[str, Any] = {"credentials": bearer(token(1))}
    bad = talk.say("newSession", {"quality": 5}, refusal("invalid-parameter"), **with_token)
    assert bad == []
    found = talk.say("newSession", {}, refusal("unauthorized"), **with_token)
    assert found == [("token-kept-when-refused", "newSession")]


def test_an_account_sees_its_own_sessions(talk: Conversation) -> None:
    talk.new(1)
    hidden = talk.say(
        "keepAlive", {"session_id": session_id(1)}, refusal("session-unknown", 1), credentials=OTHER
    )
    assert hidden == []
    shown = talk.say("listSessions", None, listed((1, "new")), credentials=OTHER)
    assert shown == [("account-own", "listSessions")]


def test_the_limit_holds_and_ends(talk: Conversation) -> None:
    for number in (1, 2, 3):
        talk.new(number)
    assert talk.say("newSession", {}, refusal("concurrent-limit")) == []
    assert talk.say("newSession", {}, opened(4)) == [("concurrent-limit", "newSession")]
    talk.on("stopSession", 4, DONE)
    talk.on("stopSession", 1, DONE)
    found = talk.say("newSession", {}, refusal("concurrent-limit"))
    assert found == [("concurrent-limit", "newSession")]


def test_an_unknown_limit_is_learned() -> None:
    talk = Conversation(knowledge=Knowledge(keys=BOTH_KEYS))
    talk.new(1)
    assert talk.say("newSession", {}, refusal("concurrent-limit")) == []
    talk.on("stopSession", 1, DONE)
    found = talk.say("newSession", {}, refusal("concurrent-limit"))
    assert found == [("concurrent-limit", "newSession")]
