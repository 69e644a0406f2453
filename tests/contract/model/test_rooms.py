"""Sessions of version v2 as the model sees them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.model.knowledge import Knowledge
from contract.model.room_tokens import judge_token
from contract.model.session import State
from mock_server.core.access_token import Grant, claims, signed
from tests.contract.model.conversation import (
    DONE,
    EPOCH,
    Conversation,
    opened,
    refusal,
    session_id,
    spoken,
)

STATE = refusal("session-state")
ROOM = {"version": "v2"}
GRANTS = "roomJoin, canPublish, canPublishData, canSubscribe"


def _token(identity: str, room: str, **changes: Any) -> str:
    content = claims(Grant(room, identity, identity), key="key", now=EPOCH)
    return signed({**content, **changes}, secret="secret")


def _opened(number: int, **other: object) -> dict[str, Any]:
    name = session_id(number)
    room = {
        "sdp": None, "ice_servers": None, "ice_servers2": None, "url": "ws://127.0.0.1:8000",
        "access_token": _token("client", name), "livekit_agent_token": _token("agent", name),
        "realtime_endpoint": f"ws://127.0.0.1:8000/v2-alpha/interactive-avatar/session/{name}",
    }  # fmt: skip
    return opened(number, **{**room, **other})


@pytest.fixture
def talk() -> Conversation:
    talk = Conversation()
    assert talk.say("newSession", ROOM, _opened(1)) == []
    return talk


def test_a_life_in_a_room(talk: Conversation) -> None:
    assert talk.on("sendTask", 1, STATE, text="Hi.") == []
    assert talk.on("submitIce", 1, STATE, candidate={"candidate": ""}) == []
    assert talk.on("startSession", 1, DONE) == []
    talk.monitor.not_connected(session_id(1))
    assert talk.on("sendTask", 1, STATE, text="Hi.") == []
    assert talk.on("startSession", 1, STATE) == []
    talk.monitor.connected(session_id(1))
    assert talk.on("sendTask", 1, spoken(1, 300.0), text="Hi.") == []
    talk.monitor.left(session_id(1))
    assert talk.on("sendTask", 1, spoken(2, 300.0), text="Hi.") == []
    assert talk.findings.checked["room-stays"] == 1
    assert talk.on("stopSession", 1, DONE) == []
    assert talk.on("sendTask", 1, refusal("session-closed"), text="Hi.") == []


def test_the_rules_that_a_wrong_answer_breaks(talk: Conversation) -> None:
    at = "startSession"
    assert talk.on(at, 1, refusal("invalid-params")) == [("room-start", at)]
    assert talk.on("submitIce", 1, DONE, candidate=None) == [("room-without-ice", "submitIce")]
    assert talk.on("sendTask", 1, refusal("session-new"), text="x") == [
        ("room-task-early", "sendTask")
    ]
    assert talk.on(at, 1, DONE) == []
    talk.monitor.connected(session_id(1))
    assert talk.on(at, 1, refusal("session-connected")) == [("room-start-twice", at)]
    assert talk.on("sendTask", 1, STATE, text="x") == [("room-connects", "sendTask")]
    assert State.CONNECTING in talk.monitor.states(session_id(1))


def test_a_session_that_ends_when_its_viewer_leaves_is_noticed(talk: Conversation) -> None:
    assert talk.on("startSession", 1, DONE) == []
    talk.monitor.connected(session_id(1))
    talk.monitor.left(session_id(1))
    closed = refusal("session-closed")
    assert talk.on("keepAlive", 1, closed) == [("room-stays", "keepAlive")]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"access_token": _token("client", "lobby")}, "room-token"),
        ({"access_token": _token("agent", session_id(1))}, "room-token"),
        ({"livekit_agent_token": _token("client", session_id(1))}, "room-token"),
        ({"realtime_endpoint": "ws://127.0.0.1:8000/session/"}, "room-realtime"),
        ({"url": "http://127.0.0.1:8000"}, "answer-schema"),
        ({"ice_servers": []}, "answer-schema"),
    ],
)
def test_what_an_answer_says_of_the_room_is_held(change: dict[str, Any], rule: str) -> None:
    assert Conversation().say("newSession", ROOM, _opened(1, **change)) == [(rule, "newSession")]


def test_each_version_has_an_answer_of_its_own() -> None:
    assert ("answer-schema", "newSession") in Conversation().say("newSession", ROOM, opened(1))
    assert ("answer-schema", "newSession") in Conversation().say("newSession", {}, _opened(1))


def test_a_session_from_before_a_recording_may_be_of_either_version() -> None:
    talk = Conversation(knowledge=Knowledge(complete=False))
    assert talk.on("sendTask", 1, STATE, text="Hi.") == []
    assert talk.on("startSession", 1, DONE) == []
    assert talk.on("sendTask", 1, spoken(1, 300.0), text="Hi.") == []


@pytest.mark.parametrize(
    ("token", "wrong"),
    [
        (_token("client", "r"), None),
        ("a.b", "no JSON Web Token"),
        (_token("client", "r", iss=""), "no iss"),
        (_token("client", "r", sub="me"), "sub 'me'"),
        (_token("client", "r", video={"room": "r"}), f"a token without {GRANTS}"),
        (_token("client", "r", video=None), "a token for another room, or for none"),
        (_token("client", "r", exp=None), "no nbf and exp"),
        (_token("client", "r", exp=int(EPOCH) + 60), "valid for 60 s"),
    ],
)  # fmt: skip
def test_a_token_is_read(token: str, wrong: str | None) -> None:
    assert judge_token(token, room="r", identity="client") == wrong


@given(st.text(max_size=60) | st.text("ey.J0=", max_size=30))
def test_any_text_is_no_token_or_one(text: str) -> None:
    assert judge_token(text, room="r", identity="client") is not None
