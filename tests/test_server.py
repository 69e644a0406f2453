"""The server as a process: how it begins, what it makes of bytes that are no HTTP, how it ends."""

from __future__ import annotations

import json
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from mock_server.core.catalogue import Encoding
from mock_server.core.null_sdp import NullTransport, null_offer
from mock_server.server import ListenError, listen, make_server, url_of
from mock_server.settings import Settings
from tests.program import Program, read_all, run, serve

pytestmark = pytest.mark.process

OFFER = null_offer(NullTransport.for_session("viewer"), encoding=Encoding.VP8).replace(
    "sendonly", "recvonly"
)
SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """One server for all tests that only talk to it; at the end its log is empty."""
    with serve() as program:
        yield program
        code, log, _ = program.end()
    assert code == 0
    assert "Traceback" not in log
    assert "ERROR" not in log


def connected(program: Program) -> str:
    data = program.call("POST", "/v1/streaming.new", {"quality": "low"})["data"]
    session_id = str(data["session_id"])
    sdp = {"type": "offer", "sdp": OFFER}
    program.call("POST", "/v1/streaming.start", {"session_id": session_id, "sdp": sdp})
    return session_id


# begin


def test_the_first_line_says_where_it_listens_and_the_next_how_to_use_it() -> None:
    with serve("--api-key", "sk_one") as program:
        assert program.first_line.startswith("Listening on http://127.0.0.1:")
        assert program.call("GET", "/__mock__/health")["status"] == "ok"
        code, log, _ = program.end()
    assert (code, log) == (0, "")
    said = "".join(program.lines)
    assert f"HEYGEN_BASE_URL={program.url} HEYGEN_API_KEY=sk_one" in said
    assert "https://api.heygen.com" in said
    assert "none" in said


def test_a_taken_port_is_told_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"heygen-mock: port {port} is taken; choose another with --port, or --port 0 for a free "
        "one\n"
    )


@pytest.mark.parametrize("host", ["a..b", "203.0.113.7", "", "x" * 300])
def test_an_address_that_is_not_here_is_told(host: str) -> None:
    with pytest.raises(ListenError, match=r"listen on|--host"):
        listen(Settings(host=host, port=0, media="none")).close()


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:"), ("localhost", "http://")],
)
def test_the_address_is_told_as_a_url(host: str, url: str) -> None:
    try:
        listener = listen(Settings(host=host, port=0))
    except ListenError:
        pytest.skip("no IPv6 here")
    with listener:
        told = url_of(listener)
    assert told.startswith(url)
    assert int(told.rpartition(":")[2]) > 0


def test_a_port_can_be_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with listen(Settings(port=port)) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{port}"


def test_a_server_that_cannot_start_does_not_say_that_it_listens() -> None:
    said: list[str] = []
    server = make_server(Settings(media="none"), started=lambda: said.append("started"))

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    fails.state = server.config.app.state  # type: ignore[attr-defined,union-attr]
    server.config.app = fails
    with listen(Settings(port=0)) as listener, pytest.raises(SystemExit):
        server.run(sockets=[listener])
    assert said == []


# bytes


def body_of(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/streaming.new HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        (
            b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Length: 5\r\n\r\n0\r\n\r\n"
        ),
        b"GET /\xff\xfe HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n y: z\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n",
    ],
    ids=lambda value: repr(value[:40]),
)
def test_what_is_no_http_is_refused_in_the_apis_form(program: Program, request_: bytes) -> None:
    answer = program.raw(request_)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer
    assert {"code", "message"} <= body_of(answer).keys()


@pytest.mark.parametrize(
    "chunks",
    [
        [b"5\r\nxxxx\r\n0\r\n\r\n"],
        [b"zz\r\n"],
        [b"-1\r\n"],
        [b"ffffffffffffffffff\r\n"],
        [b"1;" + b"x" * 20000 + b"\r\n"],
    ],
    ids=["short", "no number", "negative", "huge", "extension"],
)
def test_chunked_garbage_is_survived(program: Program, chunks: list[bytes]) -> None:
    head = (
        b"POST /v1/streaming.new HTTP/1.1\r\nHost: x\r\nX-Api-Key: chunks\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    answer = program.raw(head, *chunks, half_close=True)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert program.call("GET", "/__mock__/health")["status"] == "ok"


def test_requests_sent_together_are_answered_in_order(program: Program) -> None:
    one = b"GET /v1/streaming.list HTTP/1.1\r\nHost: x\r\nX-Api-Key: pipe\r\n\r\n"
    two = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = program.raw(one * 3 + two)
    statuses = [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    # A body without an end of line is followed by the next status line.
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.count(b"HTTP/1.1 404") == 1
    assert answer.index(b"HTTP/1.1 404") > answer.rindex(b"HTTP/1.1 200 OK")
    assert statuses


def test_large_headers_are_answered_or_refused(program: Program) -> None:
    for size in (60_000, 2_000_000):
        head = b"GET /v1/streaming.list HTTP/1.1\r\nX-Api-Key: big\r\nX: " + b"x" * size
        answer = program.raw(head + b"\r\nConnection: close\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 4"))
    assert program.call("GET", "/__mock__/health")["status"] == "ok"


def test_clients_that_close_in_the_middle_leave_nothing(program: Program) -> None:
    before = program.call("GET", "/__mock__/sessions")
    head = b"POST /v1/streaming.new HTTP/1.1\r\nHost: x\r\nX-Api-Key: half\r\n"
    for cut in (b"POST /v1/str", head, head + b"Content-Length: 50\r\n\r\n{"):
        with program.connect() as connection:
            connection.sendall(cut)
            connection.shutdown(socket.SHUT_WR)
            answer = read_all(connection)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert program.call("GET", "/__mock__/sessions") == before


def test_a_body_announced_too_large_is_refused_before_it_comes(program: Program) -> None:
    answer = program.raw(
        b"POST /v1/streaming.new HTTP/1.1\r\nHost: x\r\nX-Api-Key: large\r\n"
        b"Content-Length: 1048577\r\nConnection: close\r\n\r\n{"
    )
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert body_of(answer)["code"] == 413


def test_a_websocket_is_refused(program: Program) -> None:
    answer = program.raw(
        b"GET /v1/streaming.chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'{"code":404,"message":"Not Found: no WebSocket is served here"}' in answer


# end


@pytest.mark.parametrize("number", SIGNALS)
def test_it_ends_at_once_whatever_goes_on(number: signal.Signals) -> None:
    with serve() as program:
        session_id = connected(program)
        program.call("POST", "/v1/streaming.new", {})
        long = "A sentence that is long enough to be heard for quite a while. " * 10
        program.call("POST", "/v1/streaming.task", {"session_id": session_id, "text": long})
        answers: list[object] = []

        def wait() -> None:
            body = {"session_id": session_id, "text": "Hello!"}
            try:
                answers.append(program.call("POST", "/v1/streaming.task", body))
            except urllib.error.HTTPError as refusal:
                with refusal:
                    answers.append(json.load(refusal))

        with (
            urllib.request.urlopen(f"{program.url}/__mock__/events", timeout=20) as events,
            program.connect() as slow,
            program.connect() as idle,
        ):
            assert events.readline().startswith(b": ")
            slow.sendall(b"POST /v1/streaming.new HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
            idle.sendall(b"GET /v1/str")
            waiting = threading.Thread(target=wait)
            waiting.start()
            seen = b""
            while seen.count(b'"event": "task"') < 1:  # the waiting task is queued
                seen += events.readline()
            code, log, took = program.end(number)
            waiting.join()
            events.read()
    assert (code, log) == (0, "")
    assert answers == [{"code": 10005, "message": "session state wrong: closed"}]
    assert took < 5
