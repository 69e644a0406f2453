"""The sockets of the API over a real server: handshakes, closing codes, and clients that vanish."""

from __future__ import annotations

import base64
import json
import socket
import struct
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from livekit.protocol import rtc
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mock_server import MockServer
from mock_server.web.sockets.socket import MAX_MESSAGE
from tests.web.site import answer_to
from tests.web.sockets.frames import sound, speech, text

pytestmark = pytest.mark.process

PATIENCE = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(media="none") as fake:
        yield fake


@pytest.fixture
def fake(server: MockServer) -> MockServer:
    server.reset()
    return server


def call(fake: MockServer, name: str, **body: object) -> Any:
    request = urllib.request.Request(
        f"{fake.url}/v1/streaming.{name}",
        data=json.dumps(body).encode(),
        headers={"X-Api-Key": fake.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)["data"]


def viewed(fake: MockServer) -> dict[str, Any]:
    """The answer of a new session of v2, whose room has a viewer now."""
    session: dict[str, Any] = call(fake, "new", version="v2")
    call(fake, "start", session_id=session["session_id"])
    with connect(f"{session['url']}/rtc?access_token={session['access_token']}") as room:
        offer = None
        while offer is None:
            response = rtc.SignalResponse.FromString(bytes(room.recv(PATIENCE)))  # type: ignore[arg-type]
            offer = response.offer if response.HasField("offer") else None
        answer = rtc.SessionDescription(type="answer", sdp=answer_to(session["session_id"]))
        room.send(rtc.SignalRequest(answer=answer).SerializeToString())
        until(lambda: view(fake, session["session_id"])["status"] == "connected")
    return session


def until(condition: Callable[[], bool]) -> None:
    """Asks again and again, each time over HTTP."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end


def chat(fake: MockServer, session_id: str, token: str | None = None) -> ClientConnection:
    query = f"session_id={session_id}&session_token={token or fake.key}"
    address = fake.url.replace("http", "ws", 1)
    return connect(f"{address}/v1/ws/streaming.chat?{query}", close_timeout=0.2)


def heard(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(PATIENCE))


def closing(socket: ClientConnection) -> tuple[int | None, str | None]:
    """The code and reason with which the server closes the socket."""
    try:
        while True:
            socket.recv(PATIENCE)
    except ConnectionClosed:
        return socket.close_code, socket.close_reason


def view(fake: MockServer, session_id: str) -> dict[str, Any]:
    """What the control API shows of a session."""
    return next(one for one in fake.sessions() if one["session_id"] == session_id)


def names(fake: MockServer, session_id: str) -> list[str]:
    return [entry["event"] for entry in view(fake, session_id)["timeline"]]


def test_a_refused_handshake_has_status_and_error_of_the_api(fake: MockServer) -> None:
    with pytest.raises(InvalidStatus) as caught:
        chat(fake, "nothing")
    response = caught.value.response
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.body or b"")["code"] == 400004
    with pytest.raises(InvalidStatus) as caught:
        chat(fake, "nothing", "eyJ0b2tlbiI6ICIwIn0=")
    assert caught.value.response.status_code == 401


def test_a_user_talks_and_is_answered(fake: MockServer) -> None:
    fake.replies(heard=["Good morning!"], chat=["And to you."])
    session_id = viewed(fake)["session_id"]
    with chat(fake, session_id) as talk:
        for frame in speech():
            talk.send(frame)
        told = [heard(talk) for _ in range(4)]
    assert [message["event_type"] for message in told] == [
        "user_start",
        "user_talking_message",
        "user_end_message",
        "user_stop",
    ]
    assert told[1]["message"] == "Good morning!"
    texts = [e["text"] for e in view(fake, session_id)["timeline"] if e["event"] == "task"]
    assert texts == ["And to you."]
    until(lambda: names(fake, session_id)[-1] == "chat_closed")


def test_the_avatar_speaks_audio_that_it_is_given(fake: MockServer) -> None:
    session = viewed(fake)
    pcm = base64.b64encode(struct.pack("<h", 8000) * 12_000).decode()
    with connect(session["realtime_endpoint"]) as realtime:
        assert heard(realtime) == {"type": "session.state_updated", "state": "connected"}
        realtime.send(json.dumps({"type": "agent.speak", "event_id": "e", "audio": pcm}))
        realtime.send(json.dumps({"type": "agent.speak_end", "event_id": "e"}))
        told = [heard(realtime) for _ in range(4)]
        assert [message["type"] for message in told] == [
            "agent.speak_started",
            "agent.state_updated",
            "agent.speak_ended",
            "agent.state_updated",
        ]
        assert told[0]["event_id"] == "e"
        call(fake, "stop", session_id=session["session_id"])
        assert closing(realtime) == (1000, "the session is over")


def test_sockets_are_closed_with_their_session_and_with_the_server(fake: MockServer) -> None:
    with MockServer(media="none") as short:
        session_id = viewed(short)["session_id"]
        with chat(short, session_id) as first, chat(short, session_id) as second:
            short.stop()
            assert closing(first) == closing(second) == (1001, "the session is over")


def test_a_message_that_is_too_big_closes_its_socket_and_no_other(fake: MockServer) -> None:
    session_id = viewed(fake)["session_id"]
    with chat(fake, session_id) as big, chat(fake, session_id) as other:
        big.send(bytes(MAX_MESSAGE + 1))
        code, _ = closing(big)
        assert code == 1009
        other.send(text("Hello"))
        until(lambda: "task" in names(fake, session_id))


def test_a_client_that_vanishes_leaves_nothing_behind(fake: MockServer) -> None:
    session_id = viewed(fake)["session_id"]
    with chat(fake, session_id) as talk:
        for frame in sound(0.5, 3000):
            talk.send(frame)
        assert heard(talk) == {"event_type": "user_start"}
        talk.socket.shutdown(socket.SHUT_RDWR)
    until(lambda: "chat_closed" in names(fake, session_id))
    assert names(fake, session_id).count("user_stop") == 1


def test_a_client_that_does_not_read_costs_the_others_nothing(fake: MockServer) -> None:
    session_id = viewed(fake)["session_id"]
    with chat(fake, session_id) as deaf, chat(fake, session_id) as other:
        deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(20):
            for frame in speech(0.2):
                other.send(frame)
            assert [heard(other)["event_type"] for _ in range(4)][-1] == "user_stop"
