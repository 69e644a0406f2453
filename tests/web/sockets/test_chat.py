from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.conversation import HEARD, MAX_NOTES, STALLED
from mock_server.core import errors
from mock_server.core.tokens import token_text
from mock_server.settings import Settings
from mock_server.web.sockets.chat import read_query
from mock_server.web.sockets.socket import MAX_MESSAGE, MAX_UNSENT
from mock_server.web.sockets.visit import MAX_SOCKETS
from tests.web.conftest import MakeSite
from tests.web.site import KEY, Site
from tests.web.sockets.frames import audio, field, sound, speech, text
from tests.web.sockets.scenes import be_viewed, chat, connect_v2, entries, find, open_v2
from tests.web.visitor import Closed, Visitor

UNAUTHORIZED = (401, 400112, "Unauthorized")


def kinds(messages: list[Any]) -> list[str]:
    return [message["event_type"] for message in messages]


def said(site: Site, session_id: str) -> list[str]:
    """The texts of the session's tasks."""
    return [entry["text"] for entry in entries(site, session_id, "task")]


# who comes in


def test_the_key_and_the_token_of_the_session_open_it(site: Site) -> None:
    token = site.call("createToken").data["token"]
    bearer = (("authorization", f"Bearer {token}"),)
    session_id = open_v2(site, bearer)
    assert chat(site, session_id, token).accepted
    assert chat(site, session_id, "key").accepted


def test_a_credential_in_a_header_opens_it(site: Site) -> None:
    session_id = open_v2(site)
    path = f"/v1/ws/streaming.chat?session_id={session_id}"
    assert Visitor(site, path, KEY).accepted
    assert Visitor(site, path, (("authorization", "Bearer key"),)).accepted
    assert Visitor(site, path, (("authorization", "Basic key"),)).refusal == UNAUTHORIZED


def test_nobody_else_comes_in(site: Site) -> None:
    session_id = open_v2(site)
    unknown = token_text("0" * 32, 0)
    spent = site.call("createToken").data["token"]
    open_v2(site, (("authorization", f"Bearer {spent}"),))
    assert chat(site, session_id, "").refusal == UNAUTHORIZED
    assert chat(site, session_id, unknown).refusal == UNAUTHORIZED
    assert chat(site, session_id, spent).refusal == UNAUTHORIZED
    status, code, message = chat(site, session_id, "another").refusal or (0, 0, "")
    assert (status, code) == (400, 400004)
    assert message == f"Session does not exist. SessionID: {session_id}"


def test_a_session_that_is_not_there_or_over_is_refused(site: Site) -> None:
    session_id = open_v2(site)
    site.call("stopSession", session_id=session_id)
    assert chat(site, session_id).refusal == (400, 10005, "session state wrong: closed")
    assert chat(site, "nothing").refusal == (
        400,
        400004,
        "Session does not exist. SessionID: nothing",
    )
    assert Visitor(site, "/v1/ws/streaming.chat?session_token=key").refusal == (
        400,
        400175,
        "Invalid parameter: session_id: it is missing",
    )


def test_another_path_has_no_socket(site: Site) -> None:
    for path in ("/v1/ws", "/v1/ws/streaming.chat/", "/v1/streaming.new"):
        status, code, _ = Visitor(site, path).refusal or (0, 0, "")
        assert (status, code) == (404, 404)


def test_handshakes_are_among_the_requests_with_the_token_masked(site: Site) -> None:
    session_id = open_v2(site)
    chat(site, session_id)
    chat(site, session_id, "secret-of-somebody")
    sockets = [r for r in site.control("GET", "requests").json if r["operation"] is None]
    assert [(r["method"], r["path"], r["status"], r["code"]) for r in sockets] == [
        ("GET", "/v1/ws/streaming.chat", 101, None),
        ("GET", "/v1/ws/streaming.chat", 400, 400004),
    ]
    assert sockets[0]["session_id"] == session_id
    assert "secret-of-somebody" not in json.dumps(sockets)


def test_a_session_has_a_bounded_number_of_sockets(site: Site) -> None:
    session_id = open_v2(site)
    visitors = [chat(site, session_id) for _ in range(MAX_SOCKETS)]
    status, code, _ = chat(site, session_id).refusal or (0, 0, "")
    assert (status, code) == (errors.RATE_LIMIT.status, errors.RATE_LIMIT.code)
    visitors[0].leave()
    assert chat(site, session_id).accepted


def test_what_the_client_wishes_is_in_the_timeline(site: Site) -> None:
    session_id = open_v2(site)
    visitor = chat(site, session_id, more="&silence_response=undefined&push_to_talk=false&x=y")
    visitor.leave()
    assert entries(site, session_id, "chat_opened", "chat_closed") == [
        {"event": "chat_opened", "push_to_talk": "false", "silence_response": "undefined"},
        {"event": "chat_closed", "by": "client"},
    ]


def test_the_query_is_read_without_pluses_for_spaces_and_the_first_value_counts() -> None:
    assert read_query(b"a=x%20y+z%3D&a=2&b&=c&d=%ff") == {
        "a": "x y+z=",
        "b": "",
        "": "c",
        "d": "�",
    }


# texts


def test_a_text_is_a_chat_task(site: Site) -> None:
    session_id = connect_v2(site, knowledge_base="Our shop opens at nine. It is in Oslo.")
    visitor = chat(site, session_id)
    visitor.say(text("When does the shop open?"))
    assert said(site, session_id) == ["Our shop opens at nine."]
    visitor.settle(60)
    assert [e["event"] for e in entries(site, session_id)][-4:] == [
        "avatar_start_talking",
        "avatar_talking_message",
        "avatar_end_message",
        "avatar_stop_talking",
    ]
    assert visitor.told() == []


def test_a_transcription_is_a_text_too(site: Site) -> None:
    session_id = connect_v2(site)
    chat(site, session_id).say(field(3, field(3, b"Hello")))
    assert said(site, session_id) == ["You said: Hello. Tell me more."]


def test_scripted_replies_come_one_after_the_other(site: Site) -> None:
    site.control("PUT", "replies", {"chat": ["One.", "Two."]})
    session_id = connect_v2(site)
    chat(site, session_id).say(text("a"), text("b"), text("c"))
    assert said(site, session_id) == ["One.", "Two.", "You said: c. Tell me more."]


def test_a_session_of_v1_can_be_talked_to_as_well(site: Site) -> None:
    session_id = site.connect()
    chat(site, session_id).say(text("Hello"))
    assert said(site, session_id) == ["You said: Hello. Tell me more."]


def test_nobody_is_heard_in_a_session_of_v1(site: Site) -> None:
    session_id = site.connect()
    visitor = chat(site, session_id)
    visitor.say(*sound(0.1, 3000))
    assert visitor.told() == []
    assert entries(site, session_id, "ignored")[0]["why"] == "sessions of v1 have no voice chat"


@pytest.mark.parametrize(
    ("message", "what", "why"),
    [
        ("{}", "message", "it is text; frames are binary"),
        (b"", "frame", "it holds neither text, audio nor a transcription"),
        (b"\xff", "frame", "a number in it has no end"),
        (text("  \n"), "text", "there is nothing to say"),
        (text("x" * 1001), "text", "1001 characters are more than 1000"),
        (audio(b"aaaa", rate=0), "frame", "its sampleRate of 0 is none"),
    ],
)
def test_what_is_of_no_use_is_ignored_with_a_note(
    site: Site, message: str | bytes, what: str, why: str
) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(message)
    assert entries(site, session_id, "ignored") == [{"event": "ignored", "what": what, "why": why}]
    visitor.say(text("Hello"))
    assert len(said(site, session_id)) == 1


def test_a_text_before_the_avatar_has_a_viewer_is_ignored(site: Site) -> None:
    session_id = open_v2(site)
    chat(site, session_id).say(text("Hello"))
    assert entries(site, session_id, "task", "ignored") == [
        {"event": "ignored", "what": "text", "why": "Session is not in correct state"}
    ]


def test_a_flood_of_texts_waits_in_a_bounded_queue_and_fills_no_timeline(site: Site) -> None:
    site.control("PUT", "replies", {"chat": ["A long story. " * 60]})
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*[text("Hello")] * 400)
    assert len(said(site, session_id)) == 101
    ignored = entries(site, session_id, "ignored")
    assert len(ignored) == MAX_NOTES
    assert ignored[-1]["why"] == "100 tasks wait already; no more is noted of this client"


# the microphone


def test_who_talks_is_told_so_and_answered(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*sound(0.5, 3000))
    assert visitor.told() == [{"event_type": "user_start"}]
    visitor.say(*sound(1.0, 0))
    task_id = entries(site, session_id, "user_talking_message")[0]["task_id"]
    assert visitor.told() == [
        {"event_type": "user_talking_message", "task_id": task_id, "message": HEARD},
        {"event_type": "user_end_message", "task_id": task_id},
        {"event_type": "user_stop"},
    ]
    assert said(site, session_id) == ["You asked: Hello, can you hear me? I do not know that yet."]


def test_what_was_heard_is_scripted(site: Site) -> None:
    site.control("PUT", "replies", {"heard": ["First.", "Second."], "chat": ["Aha."]})
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*speech(), *speech(), *speech())
    messages = [m["message"] for m in visitor.told() if "message" in m]
    assert messages == ["First.", "Second.", HEARD]
    assert said(site, session_id)[:2] == ["Aha.", "You said: Second. Tell me more."]


def test_silence_says_nothing(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*sound(5, 0), *sound(5, 30))
    assert visitor.told() == []
    assert entries(site, session_id, "task", "ignored") == []


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (48_000, 2)])
def test_any_usual_sound_is_heard(site: Site, rate: int, channels: int) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    loud, quiet = b"\x00\x20\x00\xe0" * rate, bytes(2 * rate * channels)
    visitor.say(audio(loud, rate, channels), audio(quiet, rate, channels))
    assert kinds(visitor.told())[::3] == ["user_start", "user_stop"]


def test_every_client_hears_of_the_users_voice_and_no_other_session_does(site: Site) -> None:
    first, second = connect_v2(site), connect_v2(site)
    visitors = [chat(site, first), chat(site, first), chat(site, second)]
    visitors[0].say(*speech())
    assert [len(visitor.told()) for visitor in visitors] == [4, 4, 0]


def test_a_microphone_that_falls_silent_without_a_sound_has_ended(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*sound(0.5, 3000))
    visitor.settle(STALLED - 0.1)
    assert kinds(visitor.told()) == ["user_start"]
    visitor.say(*sound(0.1, 3000))
    visitor.settle(STALLED - 0.1)
    assert visitor.told() == []
    visitor.settle(0.2)
    assert kinds(visitor.told())[-1] == "user_stop"


def test_who_leaves_while_talking_has_said_it(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*sound(0.5, 3000))
    visitor.leave()
    names = [e["event"] for e in entries(site, session_id)]
    assert names.index("user_start") < names.index("user_stop")


def test_a_session_that_ends_while_its_user_talks_ends_well(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*sound(0.5, 3000))
    site.call("stopSession", session_id=session_id)
    visitor.settle(STALLED + 1)
    assert visitor.closed == Closed(1000, "the session is over")
    assert entries(site, session_id, "user_stop", "ignored") == []


def test_nobody_is_heard_while_the_session_does_not_listen(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    site.call("stopListening", session_id=session_id)
    visitor.say(*speech())
    assert visitor.told() == []
    site.call("startListening", session_id=session_id)
    visitor.say(*speech())
    assert len(visitor.told()) == 4


def test_nobody_is_heard_before_the_avatar_has_a_viewer(site: Site) -> None:
    session_id = open_v2(site)
    visitor = chat(site, session_id)
    visitor.say(*speech())
    assert visitor.told() == []
    be_viewed(site, session_id)
    visitor.say(*speech())
    assert len(visitor.told()) == 4


def test_with_push_to_talk_only_what_is_said_meanwhile_is_heard(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id, more="&push_to_talk=true")
    visitor.say(*speech())
    assert visitor.told() == []
    visitor.say(text("push_to_talk:start"), *speech())
    assert kinds(visitor.told()) == ["user_start"]
    visitor.say(text("push_to_talk:stop"))
    assert kinds(visitor.told())[-1] == "user_stop"
    assert said(site, session_id) != []


def test_push_to_talk_of_a_chat_socket_holds_for_the_room(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id, more="&push_to_talk=true&arch_version=v2")
    conversation = site.services.conversation
    voice = conversation.join(find(site, session_id), "room")

    def talk() -> list[dict[str, Any]]:
        async def sounds() -> None:
            for _ in range(50):
                voice.audio(-20.0, 0.02)
            for _ in range(50):
                voice.audio(-60.0, 0.02)

        site.run(sounds())
        return entries(site, session_id, "user_start")

    assert talk() == []

    async def press() -> None:
        voice.push_to_talk(on=True)

    site.run(press())
    assert len(talk()) == 1
    assert visitor.told() == []  # it came by the room, and goes there
    site.run(_left(voice))


async def _left(voice: Any) -> None:
    voice.left()


def test_sound_that_comes_much_faster_than_time_is_not_heard(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    minute = audio(bytes(2 * 16_000 * 20))
    visitor.say(*[minute] * 5)
    ignored = entries(site, session_id, "ignored")
    assert ignored[0] == {
        "event": "ignored",
        "what": "audio",
        "why": "it is too far ahead of time",
    }
    visitor.settle(100)
    visitor.say(*speech())
    assert len(visitor.told()) == 4


def test_the_users_voice_is_activity(make_site: MakeSite) -> None:
    site = make_site(idle_timeout=60)
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.settle(50)
    visitor.say(*sound(0.5, 3000))
    visitor.settle(30)
    assert site.status(session_id) == "connected"


# the first words


def test_the_opening_text_is_said_once_a_viewer_is_there(site: Site) -> None:
    session_id = open_v2(site)
    visitor = chat(site, session_id, more="&opening_text=Good%20morning%21")
    assert said(site, session_id) == []
    be_viewed(site, session_id)
    assert said(site, session_id) == ["Good morning!"]
    visitor.leave()
    chat(site, session_id, more="&opening_text=Good%20morning%21")
    assert said(site, session_id) == ["Good morning!"]


def test_the_opening_text_of_a_connected_session_is_said_at_once(site: Site) -> None:
    session_id = connect_v2(site)
    chat(site, session_id, more="&opening_text=Good%20morning%21")
    assert said(site, session_id) == ["Good morning!"]


def test_an_opening_text_that_is_too_long_is_ignored(site: Site) -> None:
    session_id = connect_v2(site)
    chat(site, session_id, more=f"&opening_text={'x' * 1001}")
    assert entries(site, session_id, "ignored", "task") == [
        {
            "event": "ignored",
            "what": "opening_text",
            "why": "1001 characters are more than 1000",
        }
    ]


# ends


@pytest.mark.parametrize(
    ("end", "closed"),
    [
        ("stopSession", Closed(1000, "the session is over")),
        ("advance", Closed(1000, "the session is over")),
        ("reset", Closed(1001, "the session is over")),
    ],
)
def test_the_socket_is_closed_with_its_session(site: Site, end: str, closed: Closed) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    if end == "advance":
        site.advance(601)
    elif end == "reset":
        site.run(site.services.reset())
    else:
        site.call(end, session_id=session_id)
    visitor.settle()
    assert visitor.closed == closed


def test_a_message_that_is_too_big_closes_the_socket_alone(site: Site) -> None:
    session_id = connect_v2(site)
    visitor = chat(site, session_id)
    visitor.say(bytes(MAX_MESSAGE + 1))
    assert visitor.closed is not None
    assert visitor.closed.code == 1009
    assert site.status(session_id) == "connected"


def test_a_client_that_does_not_read_is_let_go(site: Site) -> None:
    session_id = connect_v2(site)
    session = find(site, session_id)
    path = f"/v1/ws/streaming.chat?session_id={session_id}&session_token=key"
    deaf, other = Visitor(site, path, reads=False), chat(site, session_id)
    voice = site.services.conversation.join(session, "chat")

    async def talk() -> None:
        for _ in range(MAX_UNSENT // 4 + 2):
            for level in (*[-20.0] * 4, *[-60.0] * 20):
                voice.audio(level, 0.05)
            await asyncio.sleep(2)

    site.run(talk())
    other.settle()
    assert deaf.closed is None
    assert {"event": "chat_closed", "by": "the client does not read"} in entries(site, session_id)
    assert len(other.told()) > MAX_UNSENT
    assert other.accepted
    assert other.closed is None


FRAMES = {
    "loud": sound(1.0, 3000),
    "quiet": sound(1.0, 0),
    "press": [text("push_to_talk:start")],
    "let go": [text("push_to_talk:stop")],
    "hello": [text("Hello")],
}
STEPS = st.one_of(
    st.sampled_from([*FRAMES, "startListening", "stopListening"]),
    st.binary(max_size=30),
    st.floats(0, 3),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS), st.booleans())
def test_whatever_is_said_begins_and_ends_of_talks_alternate_and_nothing_breaks(
    steps: list[Any], push_to_talk: bool
) -> None:
    site = Site(Settings(media="none"))
    try:
        session_id = connect_v2(site)
        visitor = chat(site, session_id, more="&push_to_talk=true" if push_to_talk else "")
        for step in steps:
            if isinstance(step, float):
                visitor.settle(step)
            elif isinstance(step, bytes):
                visitor.say(step)
            elif step in FRAMES:
                visitor.say(*FRAMES[step])
            else:
                site.call(step, session_id=session_id)
        assert visitor.closed is None
        visitor.leave()
        talks = [e["event"] for e in entries(site, session_id, "user_start", "user_stop")]
        assert talks == ["user_start", "user_stop"] * (len(talks) // 2)
    finally:
        site.close()
