"""Who gets in at /rtc, and what the others are told. Over real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from livekit.protocol import models, rtc
from starlette.types import Message
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mock_server import MockServer
from mock_server.core.access_token import Grant, claims, signed
from mock_server.livekit.door import LINGER, MAX_UNSENT, SocketLine
from mock_server.server import ListenError
from tests.loops import StillLoop

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def fake() -> Iterator[MockServer]:
    with MockServer(media="none", max_sessions=0) as server:
        yield server


def post(fake: MockServer, operation: str, **body: object) -> Any:
    request = urllib.request.Request(
        f"{fake.url}/v1/streaming.{operation}",
        data=json.dumps(body).encode(),
        headers={"x-api-key": fake.key, "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(url, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def join(session: Any, query: str = "") -> ClientConnection:
    return connect(f"{session['url']}/rtc?access_token={session['access_token']}{query}")


def hear(socket: ClientConnection) -> rtc.SignalResponse:
    return rtc.SignalResponse.FromString(socket.recv(timeout=10, decode=False))


def token(room: str, secret: str = "secret") -> str:
    return signed(claims(Grant(room, "me", "me"), key="devkey", now=1_790_000_000), secret=secret)


def test_the_token_may_come_in_the_query_or_as_a_bearer_value(fake: MockServer) -> None:
    session = post(fake, "new", version="v2")
    bearer = {"authorization": f"Bearer {session['access_token']}"}
    with join(session, "&auto_subscribe=1&sdk=js&protocol=15") as socket:
        assert hear(socket).join.participant.identity == "client"
    with connect(f"{session['url']}/rtc", additional_headers=bearer) as socket:
        assert hear(socket).join.participant.identity == "client"
    ask = f"{fake.url}/rtc/validate?access_token={session['access_token']}"
    status, headers, text = get(ask, origin="https://a.page")
    assert (status, text, headers["access-control-allow-origin"]) == (200, "success", "*")


@pytest.mark.parametrize(
    ("wrong", "status", "told"),
    [
        ("", 401, "no access token was given"),
        ("nonsense", 401, "invalid token: not a JWT"),
        (token("room", secret="other"), 401, "the signature is not that of this server's secret"),
        (token("room"), 401, "it has expired"),
    ],
    ids=["none", "nonsense", "other secret", "expired"],
)
def test_a_wrong_token_is_refused_at_both_doors(
    fake: MockServer, wrong: str, status: int, told: str
) -> None:
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(f"ws{fake.url[4:]}/rtc?access_token={wrong}"),
    ):
        pass
    assert caught.value.response.status_code == status
    found = get(f"{fake.url}/rtc/validate?access_token={wrong}", origin="https://a.page")
    assert (found[0], found[1]["access-control-allow-origin"]) == (status, "*")
    assert told in found[2]


@pytest.mark.parametrize("more", ["", "&reconnect=1&sid=PA_x"])
def test_a_token_of_the_avatar_is_refused_at_both_doors_once_the_avatar_is_there(
    fake: MockServer, more: str
) -> None:
    session = post(fake, "new", version="v2")
    now = time.time()
    mine = signed(
        claims(Grant(session["session_id"], "heygen", ""), key="devkey", now=now), secret="secret"
    )
    ask = f"{fake.url}/rtc/validate?access_token={mine}{more}"
    assert get(ask)[0] == 200
    post(fake, "start", session_id=session["session_id"])
    status, _, text = get(ask)
    assert status == 401
    assert "identity heygen" in text
    assert "make the token for another identity" in text
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(f"{session['url']}/rtc?access_token={mine}{more}"),
    ):
        pass
    refused = caught.value.response
    assert (refused.status_code, refused.body) == (401, text.encode())
    with join(session) as socket:
        assert [one.identity for one in hear(socket).join.other_participants] == ["heygen"]


def test_a_room_that_is_over_does_not_exist(fake: MockServer) -> None:
    session = post(fake, "new", version="v2")
    post(fake, "stop", session_id=session["session_id"])
    with pytest.raises(InvalidStatus) as caught, join(session):
        pass
    assert caught.value.response.status_code == 404
    found = get(f"{fake.url}/rtc/validate?access_token={session['access_token']}")
    assert (found[0], found[2]) == (404, "requested room does not exist")


def test_the_newer_path_is_unknown_in_both_ways(fake: MockServer) -> None:
    # So that clients fall back to /rtc: livekit-client 2.23 asks by HTTP, the Rust SDK looks at
    # the status of the handshake.
    session = post(fake, "new", version="v2")
    with (
        pytest.raises(InvalidStatus) as caught,
        connect(f"{session['url']}/rtc/v1?access_token={session['access_token']}"),
    ):
        pass
    assert caught.value.response.status_code == 404
    status, headers, text = get(f"{fake.url}/rtc/v1/validate", origin="https://a.page")
    assert (status, headers["access-control-allow-origin"]) == (404, "*")
    assert "requested room" not in text


def test_a_page_may_ask_whether_the_server_is_there(fake: MockServer) -> None:
    status, headers, _ = get(f"{fake.url}/", "HEAD", origin="https://a.page")
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert get(f"{fake.url}/", "GET", origin="https://a.page")[0] == 403


def test_who_came_to_the_door_is_on_record(fake: MockServer) -> None:
    before = len(fake.requests())
    get(f"{fake.url}/rtc/validate?access_token=nonsense")
    with join(post(fake, "new", version="v2")) as socket:
        hear(socket)
    seen = [(one["path"], one["status"]) for one in fake.requests()[before:]]
    assert seen == [("/rtc/validate", 401), ("/v1/streaming.new", 200), ("/rtc", 101)]


def test_a_reconnect_of_nobody_is_told_to_join_anew(fake: MockServer) -> None:
    with join(post(fake, "new", version="v2"), "&reconnect=1&sid=PA_x") as socket:
        assert hear(socket).leave.action == rtc.LeaveRequest.RECONNECT
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)


def test_stop_ends_the_room_and_then_the_socket(fake: MockServer) -> None:
    session = post(fake, "new", version="v2")
    with join(session) as socket:
        assert [hear(socket).WhichOneof("message") for _ in range(2)] == ["join", "offer"]
        post(fake, "stop", session_id=session["session_id"])
        assert hear(socket).leave.reason == models.ROOM_DELETED
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)


def test_a_timeout_ends_the_room_too(fake: MockServer) -> None:
    session = post(fake, "new", version="v2", activity_idle_timeout=30)
    with join(session) as socket:
        assert [hear(socket).WhichOneof("message") for _ in range(2)] == ["join", "offer"]
        fake.advance(31)
        assert hear(socket).leave.reason == models.ROOM_DELETED


def test_the_server_s_own_end_is_another_reason() -> None:
    fake = MockServer(media="none")
    fake.start()
    with join(post(fake, "new", version="v2")) as socket:
        assert [hear(socket).WhichOneof("message") for _ in range(2)] == ["join", "offer"]
        fake.stop()
        assert hear(socket).leave.reason == models.SERVER_SHUTDOWN


def test_noise_on_the_socket_ends_nothing(fake: MockServer) -> None:
    with join(post(fake, "new", version="v2")) as socket:
        assert [hear(socket).WhichOneof("message") for _ in range(2)] == ["join", "offer"]
        for noise in ("text", b"", b"\xff" * 100, b"\x0a\x02xx", b"x" * 300_000):
            socket.send(noise)
        socket.send(rtc.SignalRequest(ping=1).SerializeToString())
        assert hear(socket).pong > 0


def test_tokens_are_in_no_log(fake: MockServer, caplog: pytest.LogCaptureFixture) -> None:
    session = post(fake, "new", version="v2")
    with caplog.at_level(logging.INFO, logger="uvicorn.error"):
        with join(session) as socket:
            hear(socket)
        with pytest.raises(InvalidStatus), connect(f"{session['url']}/rtc?access_token=nonsense"):
            pass
    assert '"WebSocket /rtc" [accepted]' in caplog.text
    assert '"WebSocket /rtc" 401' in caplog.text
    assert session["access_token"] not in caplog.text
    assert "nonsense" not in caplog.text


def test_text_that_is_no_utf8_closes_the_socket_and_is_no_error_of_ours(
    fake: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    with join(post(fake, "new", version="v2")) as socket:
        socket.send(b"\xff", text=True)
        assert [hear(socket).WhichOneof("message") for _ in range(2)] == ["join", "offer"]
        with pytest.raises(ConnectionClosed) as caught:
            socket.recv(timeout=10)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1007
    assert caplog.text == ""


def test_a_client_that_does_not_read_is_let_go() -> None:
    async def scene() -> None:
        stalled = asyncio.Event()

        async def send(message: Message) -> None:
            await stalled.wait()

        line, began = SocketLine(send), asyncio.get_running_loop().time()
        for _ in range(MAX_UNSENT + 1):
            line.send(b"news")
        line.send(b"too late")
        await asyncio.wait([line.done])
        assert line.done.cancelled()
        assert asyncio.get_running_loop().time() - began == pytest.approx(LINGER)

    loop = StillLoop()
    try:
        loop.run_until_complete(scene())
    finally:
        loop.close()


@pytest.mark.parametrize("host", ["", "odd host", "a" * 300])
def test_a_client_that_names_no_usable_host_is_told_the_address_that_it_reached(host: str) -> None:
    try:
        fake = MockServer(host="::1", media="none")
        fake.start()
    except ListenError:
        pytest.skip("no IPv6 here")
    try:
        address = urlsplit(fake.url)
        connection = HTTPConnection("::1", address.port, timeout=10)
        with closing(connection):
            connection.putrequest("POST", "/v1/streaming.new", skip_host=True)
            for name, value in (("host", host), ("x-api-key", "k"), ("content-length", "16")):
                connection.putheader(name, value)
            connection.endheaders(b'{"version":"v2"}')
            data = json.load(connection.getresponse())["data"]
        assert data["url"] == f"ws://[::1]:{address.port}"
        with join(data) as socket:
            assert hear(socket).HasField("join")
    finally:
        fake.stop()
