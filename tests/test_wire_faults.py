"""Broken answers on real sockets: what a raw client and http.client see, and what stays whole."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_server.core.faults.kind import OPERATIONS
from mock_server.spec import load_contract
from tests.core.faults.kinds import family
from tests.program import Program, read_all, serve

pytestmark = pytest.mark.process

VOICES = b"GET /v2/voices HTTP/1.1\r\nHost: x\r\nX-Api-Key: key\r\n"
LAST = VOICES + b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def started() -> Iterator[Program]:
    """One server for all tests; at the end its log is empty."""
    with serve("--max-sessions", "0") as program:
        yield program
        code, log, _ = program.end()
    assert (code, log) == (0, "")


@pytest.fixture
def program(started: Program) -> Iterator[Program]:
    yield started
    started.call("POST", "/__mock__/reset")
    assert read_voices(started)["error"] is None


def play(program: Program, *plan: dict[str, Any], on: str = "listVoices") -> None:
    program.call("PUT", "/__mock__/faults/plan", [{"on": on, **one} for one in plan])


def client(program: Program, *, patience: float = 20) -> closing[http.client.HTTPConnection]:
    parts = urlsplit(program.url)
    return closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience))


def get(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    connection.request("GET", "/v2/voices", headers={"X-Api-Key": "key"})
    return connection.getresponse()


def read_voices(program: Program) -> Any:
    with client(program) as connection:
        return json.load(get(connection))


def last(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.call("GET", "/__mock__/requests")[-1]
    return found


# before the answer


@pytest.mark.parametrize(
    ("deviation", "seen"),
    [
        ({"do": "closed"}, http.client.RemoteDisconnected),
        ({"do": "reset", "where": "head"}, ConnectionResetError),
        ({"do": "stalled", "where": "head"}, TimeoutError),
        ({"do": "bad-head", "part": "status-line"}, http.client.BadStatusLine),
        ({"do": "bad-head", "part": "huge-header"}, http.client.LineTooLong),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_no_answer_can_be_read(
    program: Program, deviation: dict[str, Any], seen: type[Exception]
) -> None:
    play(program, deviation)
    with client(program, patience=0.5) as connection, pytest.raises(seen):
        get(connection)
    told = last(program)
    assert (told["faults"], told["delivered"]) == ([0], False)


def test_a_connection_that_is_closed_has_no_byte_on_it(program: Program) -> None:
    play(program, {"do": "closed"})
    assert program.raw(LAST) == b""


# inside the answer


@pytest.mark.parametrize(
    ("deviation", "seen"),
    [
        ({"do": "truncated"}, http.client.IncompleteRead),
        ({"do": "reset", "where": "body"}, ConnectionResetError),
        ({"do": "stalled", "where": "body"}, TimeoutError),
        ({"do": "wrong-length", "by": 7}, http.client.IncompleteRead),
        ({"do": "broken-chunk"}, http.client.IncompleteRead),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_the_head_is_read_and_the_body_is_not(
    program: Program, deviation: dict[str, Any], seen: type[Exception]
) -> None:
    play(program, deviation)
    with client(program, patience=0.5) as connection:
        answer = get(connection)
        assert answer.status == 200
        assert answer.getheader("access-control-allow-origin") == "*"
        with pytest.raises(seen):
            answer.read()
    assert (last(program)["status"], last(program)["delivered"]) == (200, False)


def test_a_truncated_body_is_half_of_it(program: Program) -> None:
    whole = program.raw(LAST).partition(b"\r\n\r\n")[2]
    play(program, {"do": "truncated"})
    assert program.raw(LAST).partition(b"\r\n\r\n")[2] == whole[: len(whole) // 2]


def test_fewer_bytes_are_said_than_come(program: Program) -> None:
    play(program, {"do": "wrong-length", "by": -7})
    with client(program) as connection, pytest.raises(json.JSONDecodeError):
        json.load(get(connection))
    raw = program.raw(LAST)
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % (len(body) - 7) in head


def test_a_chunk_has_a_size_that_is_no_number(program: Program) -> None:
    play(program, {"do": "broken-chunk"})
    head, _, body = program.raw(LAST).partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head
    assert b"content-length" not in head
    assert b"\r\nzz\r\n" in body


def test_a_line_of_the_head_is_no_header(program: Program) -> None:
    play(program, {"do": "bad-head", "part": "header"})
    assert program.raw(LAST).startswith(b"HTTP/1.1 200 OK\r\nthis line is no header\r\n")


# the whole answer, otherwise


def test_a_body_in_pieces_takes_its_time_and_is_whole(program: Program) -> None:
    play(program, {"do": "pieces", "ms": 300})
    before = time.monotonic()
    with client(program) as connection:
        assert json.load(get(connection))["error"] is None
        took = time.monotonic() - before
        assert 0.25 < took < 3
        assert json.load(get(connection))["error"] is None  # over the same connection
    assert "delivered" not in last(program)


def test_a_dribble_gives_every_read_something(program: Program) -> None:
    play(program, {"do": "dribble", "ms": 100})
    with program.connect() as connection:
        connection.settimeout(5)
        connection.sendall(LAST)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        assert [len(connection.recv(65536)) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("deviation", "header", "value"),
    [
        ({"do": "content-type", "type": "text"}, "content-type", "text/plain"),
        ({"do": "content-type", "type": "none"}, "content-type", None),
        ({"do": "gzip", "how": "plain"}, "content-encoding", "gzip"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_headers_lie_about_the_right_body(
    program: Program, deviation: dict[str, Any], header: str, value: str | None
) -> None:
    play(program, deviation)
    with client(program) as connection:
        answer = get(connection)
        assert answer.getheader(header) == value
        assert json.load(answer)["error"] is None


def test_gzip_ends_early_or_was_not_asked_for(program: Program) -> None:
    play(program, {"do": "gzip", "how": "unasked"})
    with client(program) as connection:
        assert json.loads(gzip.decompress(get(connection).read()))["error"] is None
        play(program, {"do": "gzip", "how": "cut"})
        with pytest.raises(EOFError):
            gzip.decompress(get(connection).read())


@pytest.mark.parametrize(
    ("deviation", "begins"),
    [
        ({"do": "byte-order-mark"}, b"\xef\xbb\xbf{"),
        ({"do": "not-json", "how": "words"}, b"Service is OK"),
        ({"do": "html"}, b"<!DOCTYPE html>"),
    ],
    ids=lambda value: value["do"] if isinstance(value, dict) else "",
)
def test_the_body_is_no_json(program: Program, deviation: dict[str, Any], begins: bytes) -> None:
    play(program, deviation)
    with client(program) as connection:
        answer = get(connection)
        body = answer.read()
        assert body.startswith(begins)
        with pytest.raises(ValueError, match=r"."):
            json.loads(body.decode())


# what stays whole


def test_other_connections_are_answered_while_one_is_stalled(program: Program) -> None:
    play(program, {"nth": 1, "do": "stalled", "where": "body"})
    with client(program) as stalled, client(program) as other:
        get(stalled)
        for _ in range(3):
            assert json.load(get(other))["error"] is None


def test_requests_sent_together_are_answered_in_order_after_one_in_pieces(
    program: Program,
) -> None:
    play(program, {"nth": 2, "do": "pieces", "ms": 200})
    received = program.raw((VOICES + b"\r\n") * 3 + LAST)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert received.count(b'"error":null') == 4


def test_nothing_is_answered_after_a_broken_answer_on_its_connection(program: Program) -> None:
    play(program, {"nth": 1, "do": "truncated"})
    received = program.raw((VOICES + b"\r\n") * 2 + LAST)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 1


@pytest.mark.parametrize("pipelined", [False, True])
def test_a_client_that_leaves_a_stalled_answer_is_noticed(
    program: Program, pipelined: bool
) -> None:
    play(program, {"do": "stalled", "where": "head"}, on="newSession")
    body = b"{}"
    head = (
        b"POST /v1/streaming.new HTTP/1.1\r\nHost: x\r\nX-Api-Key: key\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    )
    with program.connect() as connection:
        connection.sendall((head + body) * (2 if pipelined else 1))
        waited = time.monotonic() + 10
        while not program.call("GET", "/__mock__/requests"):
            assert time.monotonic() < waited
    while not all(one["closed_because"] for one in program.call("GET", "/__mock__/sessions")):
        assert time.monotonic() < waited


def test_a_client_may_reset_in_the_middle(program: Program) -> None:
    play(program, {"do": "dribble", "ms": 1})
    for _ in range(5):
        with program.connect() as connection:
            connection.sendall(VOICES + b"\r\n")
            connection.recv(300)
            at_once = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    assert program.call("GET", "/__mock__/health")["status"] == "ok"


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_deviation_of_the_wire_can_be_played_on_every_operation(
    program: Program, operation_id: str
) -> None:
    operation = load_contract().operation(operation_id)
    body = {"session_id": "none"} if operation.request_problem({}) else {}
    content = json.dumps(body).encode() if operation.has_body else b""
    request = (
        f"{operation.method} {operation.path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: key\r\n"
        "Connection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    ).encode() + content
    for kind in family("wire"):
        one = {**kind.sweep()[0], "on": operation_id, "nth": 1}
        if kind.do in ("pieces", "dribble"):
            one["ms"] = 1
        program.call("PUT", "/__mock__/faults/plan", [one])
        with program.connect() as connection:
            connection.sendall(request)
            read_all(connection, silence=0.3)
        told = program.call("GET", "/__mock__/faults/report")["deviations"]
        assert told[0]["consumed"] == 1, one


# the end


def test_answers_that_are_held_up_do_not_hold_up_the_end() -> None:
    # uvicorn waits up to two seconds for an answer; a machine may stall once
    assert any(_end_in_answers() < 1.5 for _ in range(3))


def _end_in_answers() -> float:
    """The seconds it takes to end a server that holds answers up."""
    plan = [
        {"on": "listVoices", "do": "stalled", "where": "body"},
        {"on": "listAvatars", "do": "dribble", "ms": 60_000},
        {"on": "listSessions", "do": "slow", "ms": 600_000},
        {"on": "createToken", "do": "stalled", "where": "head"},
    ]
    ended: list[object] = []
    with serve() as program:
        program.call("PUT", "/__mock__/faults/plan", plan)

        def wait(method: str, path: str) -> None:
            with client(program) as connection:
                try:
                    connection.request(method, path, headers={"X-Api-Key": "key"})
                    ended.append(len(connection.getresponse().read()))
                except (OSError, http.client.HTTPException) as error:
                    ended.append(type(error).__name__)

        calls = [
            ("GET", "/v2/voices"),
            ("GET", "/v1/streaming/avatar.list"),
            ("GET", "/v1/streaming.list"),
            ("POST", "/v1/streaming.create_token"),
        ]
        waiting = [threading.Thread(target=wait, args=call) for call in calls]
        for thread in waiting:
            thread.start()
        while len(program.call("GET", "/__mock__/requests")) < len(calls):
            pass
        code, log, took = program.end()
        for thread in waiting:
            thread.join()
    assert (code, log) == (0, "")
    assert len(ended) == 4
    assert any(isinstance(one, int) for one in ended)  # what was only late came
    return took
