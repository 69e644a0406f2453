"""What the sockets must tell, right and wrong."""

from __future__ import annotations

from typing import Any

import pytest

from contract.voice import judges
from tests.contract.voice.lines import told

START = {"event_type": "user_start"}
SAID = {"event_type": "user_talking_message", "task_id": "a", "message": "Hello?"}
END = {"event_type": "user_end_message", "task_id": "a"}
STOP = {"event_type": "user_stop"}
OTHER = {"event_type": "user_silence"}

BEGUN = {"type": "agent.speak_started", "event_id": "e", "task": {"id": "a"}}
SPOKEN = {"type": "agent.speak_ended", "event_id": "e", "task": {"id": "a"}}


def test_messages_that_say_what_they_are_are_right() -> None:
    assert judges.judge_messages(told(START, SAID, {"event_type": "user_blinked"})) is None
    assert judges.judge_messages(told()) is None


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        (b"\x0a\xff", "2 bytes that are no text"),
        ("user_start", "the text 'user_start'"),
        ([1], "the text '[1]'"),
        ({"type": "user_start"}, 'the text \'{"type": "user_start"}\''),
        ({"event_type": ["user_start"]}, 'the text \'{"event_type": ["user_start"]}\''),
    ],
)
def test_a_message_that_the_sdk_cannot_read_is_wrong(message: object, wrong: str) -> None:
    assert judges.judge_messages(told(START, message)) == wrong


@pytest.mark.parametrize(
    "talk",
    [
        [START, SAID, END, STOP],
        [START, OTHER, SAID, END, OTHER, STOP],
        [START, SAID, {**SAID, "message": " there"}, END, STOP],
    ],
    ids=["one message", "others between", "in pieces"],
)
def test_a_talk_is_told_from_its_begin_to_its_end(talk: list[object]) -> None:
    assert judges.judge_talk(told(*talk)) is None
    assert judges.judge_talk(told(START, *talk), since=1) is None


def _said(**changes: Any) -> dict[str, Any]:
    return {**SAID, **changes}


@pytest.mark.parametrize(
    ("talk", "wrong"),
    [
        ([], "none of them"),
        ([OTHER, b"\x00", "nothing"], "none of them"),
        ([START, STOP], "user_start, user_stop"),
        ([START, SAID, STOP, END], "user_start, user_talking_message, user_stop, user_end_message"),
        ([START, END, SAID, STOP], "user_start, user_end_message, user_talking_message, user_stop"),
        ([START, START, SAID, END, STOP], f"user_start, {', '.join(judges.HEARD)}"),
        ([START, _said(message=5), END, STOP], "the message 5"),
        ([START, _said(message=" "), END, STOP], "messages that say nothing"),
        ([START, _said(task_id="b"), END, STOP], "the task_ids ['b', 'a']"),
        ([START, _said(task_id=[1]), {**END, "task_id": [1]}, STOP], "the task_ids [[1], [1]]"),
        ([START, _said(task_id=""), {**END, "task_id": ""}, STOP], "the task_ids ['', '']"),
    ],
)
def test_a_talk_that_is_told_otherwise_is_wrong(talk: list[object], wrong: str) -> None:
    assert judges.judge_talk(told(*talk)) == wrong


def test_a_socket_that_closes_tells_of_no_talk() -> None:
    assert judges.judge_talk(told(OTHER, ends=True)) == "a closed socket"


def test_of_what_is_not_heard_nothing_is_told() -> None:
    assert judges.judge_unheard(told(OTHER)) is None
    assert judges.judge_unheard(told(OTHER, START)) == "user_start"
    assert judges.judge_unheard(told(START, OTHER), since=1) is None


@pytest.mark.parametrize(
    ("messages", "wrong"),
    [
        ([{"type": "session.state_updated", "state": "connected"}], None),
        ([{"type": "session.state_updated", "state": "connecting"}, "what follows"], None),
        ([], "nothing"),
        (["hello"], "'hello'"),
        ([b"\xff"], "b'\\xff'"),
        ([{"type": "agent.state_updated"}], '\'{"type": "agent.state_updated"}\''),
        ([{"type": "session.state_updated", "state": "closed"}], "the state 'closed'"),
        ([{"type": "session.state_updated", "state": {}}], "the state {}"),
        ([{"type": "session.state_updated", "state": ["connected"]}], "the state ['connected']"),
    ],
)
def test_a_greeting_says_how_the_session_is(messages: list[object], wrong: str | None) -> None:
    assert judges.judge_greeting(told(*messages, names="type")) == wrong


def test_a_socket_that_closes_at_once_has_not_greeted() -> None:
    assert judges.judge_greeting(told(names="type", ends=True)) == "a closed socket"


def _spoken(*messages: object) -> str | None:
    return judges.judge_spoken(told(*messages, names="type"), "e")


def test_a_speech_begins_and_ends_by_its_names() -> None:
    between = {"type": "agent.state_updated", "new_state": "speaking"}
    assert _spoken(BEGUN, between, SPOKEN) is None


@pytest.mark.parametrize(
    ("messages", "wrong"),
    [
        ([], "0 agent.speak_started, 0 agent.speak_ended"),
        ([BEGUN], "1 agent.speak_started, 0 agent.speak_ended"),
        ([BEGUN, BEGUN, SPOKEN], "2 agent.speak_started, 1 agent.speak_ended"),
        ([SPOKEN, BEGUN], "agent.speak_ended first"),
        ([BEGUN, {**SPOKEN, "event_id": "f"}], "the event_ids ['e', 'f']"),
        ([BEGUN, {**SPOKEN, "task": {"id": "b"}}], "the task ids ['a', 'b']"),
        ([{**BEGUN, "task": "a"}, {**SPOKEN, "task": "a"}], "the task ids [None, None]"),
        (
            [{**BEGUN, "task": {"id": 5}}, {**SPOKEN, "task": {"id": 5}}],
            "the task ids [5, 5]",
        ),
    ],
)
def test_a_speech_that_is_told_otherwise_is_wrong(messages: list[object], wrong: str) -> None:
    assert _spoken(*messages) == wrong


def test_an_error_in_the_place_of_a_speech_is_shown() -> None:
    wrong = _spoken({"type": "error", "message": "no audio"})
    assert wrong is not None
    assert "no audio" in wrong
