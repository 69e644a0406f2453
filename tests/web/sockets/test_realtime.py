from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.settings import Settings
from mock_server.web.sockets.presenter import MAX_SECONDS
from tests.web.site import Site
from tests.web.sockets.scenes import be_viewed, connect_v2, entries, find, open_v2, realtime
from tests.web.visitor import Closed, Visitor


def loud(seconds: float) -> str:
    return base64.b64encode(struct.pack("<h", 8000) * round(seconds * 24_000)).decode()


def speak(seconds: float, event_id: str | None = "e") -> dict[str, Any]:
    return {"type": "agent.speak", "audio": loud(seconds), "event_id": event_id}


def kinds(visitor: Visitor) -> list[str]:
    return [message["type"] for message in visitor.told()]


def talks(site: Site, session_id: str) -> list[tuple[str, float | None]]:
    """The begins and ends of talking, with the milliseconds spoken."""
    names = ("avatar_start_talking", "avatar_stop_talking")
    return [(e["event"], e.get("duration_ms")) for e in entries(site, session_id, *names)]


# who comes in


def test_who_knows_the_sessions_id_comes_in(site: Site) -> None:
    session_id = open_v2(site)
    assert realtime(site, session_id).accepted
    endpoint = site.call("newSession", version="v2").data["realtime_endpoint"]
    path = f"/{endpoint.split('/', 3)[3]}"
    assert Visitor(site, path).accepted


def test_a_session_that_is_not_there_or_over_is_refused(site: Site) -> None:
    session_id = open_v2(site)
    site.call("stopSession", session_id=session_id)
    assert realtime(site, session_id).refusal == (400, 10005, "session state wrong: closed")
    unknown = "Session does not exist. SessionID: nothing"
    assert realtime(site, "nothing").refusal == (400, 400004, unknown)
    status, _, _ = realtime(site, f"{session_id}/more").refusal or (0, 0, "")
    assert status == 404


# states


def test_the_client_is_told_the_sessions_states(site: Site) -> None:
    session_id = open_v2(site)
    visitor = realtime(site, session_id)
    assert visitor.told() == [{"type": "session.state_updated", "state": "connecting"}]
    be_viewed(site, session_id)
    site.call("stopSession", session_id=session_id)
    assert visitor.told() == [
        {"type": "session.state_updated", "state": "connecting"},
        {"type": "session.state_updated", "state": "connected"},
        {"type": "session.state_updated", "state": "closed"},
    ]
    assert visitor.closed == Closed(1000, "the session is over")


def test_the_client_is_told_what_the_avatar_does(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    task_id = site.task(session_id).data["task_id"]
    visitor.settle(10)
    assert visitor.told() == [
        {"type": "session.state_updated", "state": "connected"},
        {"type": "agent.speak_started", "event_id": task_id, "task": {"id": task_id}},
        {"type": "agent.state_updated", "previous_state": "idle", "new_state": "speaking"},
        {"type": "agent.speak_ended", "event_id": task_id, "task": {"id": task_id}},
        {"type": "agent.state_updated", "previous_state": "speaking", "new_state": "idle"},
    ]


def test_who_comes_while_the_avatar_speaks_is_told_so(site: Site) -> None:
    session_id = connect_v2(site)
    site.task(session_id)
    told = realtime(site, session_id).told()
    assert told[1] == {
        "type": "agent.state_updated",
        "previous_state": "idle",
        "new_state": "speaking",
    }


def test_listening_is_a_state_of_the_avatar_and_switches_its_ears(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.told()
    visitor.say({"type": "agent.stop_listening"})
    assert find(site, session_id).listening is False
    visitor.say({"type": "agent.start_listening"})
    assert find(site, session_id).listening is True
    assert visitor.told() == [
        {"type": "agent.state_updated", "previous_state": "idle", "new_state": "listening"}
    ]
    names = [e["event"] for e in entries(site, session_id, "start_listening", "stop_listening")]
    assert names == ["stop_listening", "start_listening"]


# speaking


def test_given_audio_is_spoken_for_as_long_as_it_is(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(1.5), {"type": "agent.speak_end", "event_id": "e"})
    visitor.settle(5)
    assert talks(site, session_id) == [
        ("avatar_start_talking", None),
        ("avatar_stop_talking", 1500.0),
    ]
    told = [m for m in visitor.told() if m["type"].startswith("agent.speak_")]
    assert [(m["type"], m["event_id"]) for m in told] == [
        ("agent.speak_started", "e"),
        ("agent.speak_ended", "e"),
    ]
    assert entries(site, session_id, "avatar_talking_message") == []


def test_pieces_that_come_in_time_are_one_speech(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    for _ in range(5):
        visitor.say(speak(1.0))
        visitor.settle(0.9)
    visitor.settle(5)
    assert talks(site, session_id) == [
        ("avatar_start_talking", None),
        ("avatar_stop_talking", 5000.0),
    ]


def test_a_piece_that_comes_too_late_is_a_speech_of_its_own(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(1.0))
    visitor.settle(2)
    visitor.say(speak(0.5))
    visitor.settle(2)
    ends = [ms for event, ms in talks(site, session_id) if ms is not None]
    assert ends == [1000.0, 500.0]
    told = [m for m in visitor.told() if m["type"].startswith("agent.speak_")]
    assert {m["event_id"] for m in told} == {"e"}
    assert len({m["task"]["id"] for m in told}) == 2


@pytest.mark.parametrize("end", [True, False])
def test_another_event_id_is_another_speech_that_waits_for_its_turn(site: Site, end: bool) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(1.0, "a"))
    if end:
        visitor.say({"type": "agent.speak_end", "event_id": "a"})
    visitor.say(speak(0.5, "b"), speak(0.5, "b"))
    visitor.settle(5)
    assert [ms for _, ms in talks(site, session_id) if ms is not None] == [1000.0, 1000.0]


def test_what_comes_after_the_end_of_a_speech_is_another(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(1.0), {"type": "agent.speak_end", "event_id": "e"}, speak(0.5))
    visitor.settle(5)
    assert [ms for _, ms in talks(site, session_id) if ms is not None] == [1000.0, 500.0]


def test_an_interrupted_speech_is_not_gone_on_with(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(5.0))
    visitor.say({"type": "agent.interrupt"}, speak(1.0))
    visitor.settle(10)
    assert len(talks(site, session_id)) == 2
    visitor.say(speak(1.0, "next"))
    assert len(talks(site, session_id)) == 3


def test_a_speech_that_is_interrupted_by_http_is_not_gone_on_with(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(5.0))
    site.call("interruptTask", session_id=session_id)
    visitor.say(speak(1.0))
    visitor.settle(10)
    assert len(talks(site, session_id)) == 2


def test_the_buffer_of_the_older_messages_is_spoken_when_it_is_committed(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    piece = {"type": "agent.audio_buffer_append", "audio": loud(1.0)}
    clear, commit = {"type": "agent.audio_buffer_clear"}, {"type": "agent.audio_buffer_commit"}
    visitor.say(piece, piece, clear, piece, piece)
    assert talks(site, session_id) == []
    visitor.say({**commit, "event_id": "c"})
    visitor.settle(5)
    assert [ms for _, ms in talks(site, session_id) if ms is not None] == [2000.0]
    visitor.told()
    visitor.say(commit)
    message = "Invalid parameter: audio: the buffer is empty"
    assert visitor.told() == [{"type": "error", "code": 400175, "message": message}]


def test_one_speech_has_a_bounded_length(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    pieces = round(MAX_SECONDS / 10) + 1
    visitor.say(*[speak(10.0)] * pieces)
    errors = [message for message in visitor.told() if message["type"] == "error"]
    assert [error["event_id"] for error in errors] == ["e"]
    assert "at most 120 seconds" in errors[0]["message"]


def test_keep_alive_keeps_the_session_alive(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    for _ in range(4):
        visitor.settle(100)
        visitor.say({"type": "session.keep_alive", "event_id": "k"})
    assert site.status(session_id) == "connected"
    visitor.settle(121)
    assert visitor.closed == Closed(1000, "the session is over")


# what cannot be taken


def test_a_message_that_cannot_be_taken_is_answered_with_an_error(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.told()
    visitor.say("{", b"\x00", {"type": "agent.dance", "event_id": "d"})
    assert visitor.told() == [
        {
            "type": "error",
            "code": 400175,
            "message": "Invalid parameter: message: the message is no JSON",
        },
        {
            "type": "error",
            "code": 400175,
            "message": "Invalid parameter: message: the message is binary; messages are JSON text",
        },
        {
            "type": "error",
            "event_id": "d",
            "code": 400175,
            "message": "Invalid parameter: message: type: 'agent.dance' is unknown",
        },
    ]
    visitor.say(speak(1.0))
    assert "agent.speak_started" in kinds(visitor)


def test_speaking_before_the_avatar_has_a_viewer_is_refused(site: Site) -> None:
    session_id = open_v2(site)
    visitor = realtime(site, session_id)
    visitor.told()
    visitor.say(speak(1.0))
    assert visitor.told() == [
        {
            "type": "error",
            "event_id": "e",
            "code": 400006,
            "message": "Session is not in correct state",
        }
    ]


def test_a_flood_of_speeches_waits_in_a_bounded_queue(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = realtime(site, session_id)
    visitor.say(speak(10.0, "first"), *[speak(0.1, str(number)) for number in range(150)])
    told = visitor.told()
    assert len([m for m in told if m["type"] == "error"]) == 150 - 100
    assert find(site, session_id).waiting == 100


COMMANDS = [
    {"type": "agent.interrupt"},
    {"type": "agent.start_listening"},
    {"type": "agent.stop_listening"},
    {"type": "agent.audio_buffer_commit"},
    {"type": "agent.audio_buffer_clear"},
    {"type": "agent.speak_end", "event_id": "a"},
    {"type": "agent.speak_end"},
    {"type": "session.keep_alive"},
]
PIECES = st.tuples(
    st.sampled_from(["agent.speak", "agent.audio_buffer_append"]),
    st.sampled_from([0, 0.0001, 0.1, 2.0]),
    st.sampled_from(["a", "b", None]),
)
STEPS = st.lists(
    PIECES
    | st.sampled_from(COMMANDS)
    | st.text(max_size=9)
    | st.binary(max_size=9)
    | st.floats(0, 3)
)


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_whatever_is_said_begins_and_ends_of_talking_alternate_and_nothing_breaks(
    steps: list[Any],
) -> None:
    site = Site(Settings(media="none"))
    try:
        session_id = connect_v2(site)
        visitor = realtime(site, session_id)
        for step in steps:
            if isinstance(step, float):
                visitor.settle(step)
            elif isinstance(step, tuple):
                kind, seconds, event_id = step
                visitor.say({**speak(seconds, event_id), "type": kind})
            else:
                visitor.say(step)
        assert visitor.closed is None
        names = [event for event, _ in talks(site, session_id)]
        wanted = ["avatar_start_talking", "avatar_stop_talking"] * len(names)
        assert names == wanted[: len(names)]
        states = [m for m in visitor.told() if m["type"] == "agent.state_updated"]
        assert all(m["previous_state"] != m["new_state"] for m in states)
        visitor.leave()
    finally:
        site.close()
