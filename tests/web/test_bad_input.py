"""Whatever comes in: never a 5xx, no traceback, no effect on another session, nothing left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mock_server.core.events import Shutdown
from tests.web.site import KEY, OFFER, Gone, Headers, NoAnswerError, Site, answer_to

FIELDS = (
    "session_id", "quality", "avatar_id", "avatar_name", "voice", "video_encoding",
    "knowledge_base", "version", "language", "disable_idle_timeout", "activity_idle_timeout",
    "stt_settings", "sdp", "candidate", "text", "task_mode", "task_type", "paid",
)  # fmt: skip
INNER = (
    "voice_name", "voice_id", "rate", "emotion", "elevenlabs_settings", "stability", "provider",
    "confidence", "type", "sdp", "candidate", "sdpMid", "sdpMLineIndex", "usernameFragment",
)  # fmt: skip
TEXTS = (
    st.text(st.characters(), max_size=20)
    | st.text(st.characters(min_codepoint=0xD7F0, max_codepoint=0xE010), max_size=4)
    | st.sampled_from(
        ("high", "VP8", "v1", "offer", "answer", "sync", "chat", "mock:rate-limit", "mock:", "",
         "\x00", "end-of-candidates", "candidate:1 1 udp 1 127.0.0.1 9 typ host", OFFER,
         OFFER[:300], "a" * 1001, "Friendly", "default")
    )
)  # fmt: skip
NUMBERS = (
    st.integers()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from((30, 30.0, 0.5, 1e-320, 2**63, 2**64, -0.0, 10**4000))
)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(INNER) | TEXTS, inner, max_size=4)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6) | VALUES
RAW = (
    st.binary(max_size=60)
    | BODIES.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    | BODIES.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    | st.sampled_from(
        (b"[" * 5000 + b"]" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900, b"9" * 4301, b"1e400",
         b'{"session_id": "x", "session_id": []}', b'{"text": "\\ud800"}', b"null", b"",
         b'{"voice":' * 400 + b"{}" + b"}" * 400, b'{"candidate":' * 300 + b"0" + b"}" * 300)
    )
)  # fmt: skip
HEADER_TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=30)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ("x-api-key", "authorization", "content-type", "content-length", "host", "origin",
             "accept", "access-control-request-method", "access-control-request-headers", "cookie",
             "transfer-encoding", "x-forwarded-for", "expect")
        ),
        HEADER_TEXTS
        | st.sampled_from(
            ("key", "Bearer key", "Bearer eyJ0b2tlbiI6MX0=", "application/json", "text/plain", "*",
             "127.0.0.1:8000", "[::1", "http://[", "null", "POST", "1", "99999999999")
        ),
    ),
    max_size=6,
)  # fmt: skip

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def bystander(site: Site) -> Iterator[None]:
    """A site as new, with a session of another account that nothing done to others may touch."""
    site.reset()
    other = (("x-api-key", "bystander"),)
    session_id = site.connect(other, disable_idle_timeout=True)
    long = "A sentence that the bystander says, whatever happens to others. " * 3
    site.call("sendTask", other, session_id=session_id, text=long)
    yield
    for one in site.services.registry.active():
        if one.config.session_id != session_id:
            site.services.runtime.submit(one, Shutdown())
    site.run(asyncio.sleep(0.01))
    assert site.tasks() == [f"session {session_id}"]
    session = site.control("GET", f"sessions/{session_id}").json
    events = [entry["event"] for entry in session["timeline"]]
    assert events[:4] == ["state", "state", "task", "avatar_start_talking"]
    assert events[4:] in ([], ["avatar_stop_talking"])
    assert session["status"] == "connected"


def operations(site: Site) -> list[tuple[str, str]]:
    return [(o.method, o.path) for o in site.services.contract.operations if o.has_body]


@pytest.mark.parametrize("raw", [False, True])
@quick
@given(data=st.data())
def test_any_body_at_any_operation_is_answered_by_the_contract(
    site: Site, raw: bool, data: st.DataObject
) -> None:
    body = data.draw(RAW if raw else BODIES.map(lambda value: json.dumps(value).encode()))
    headers = (*KEY, ("content-type", "application/json"))
    with bystander(site):
        for method, path in operations(site):
            assert site.send(method, path, headers, body).status < 500


@quick
@given(data=st.data())
def test_any_value_in_any_field_of_a_session_is_answered_by_the_contract(
    site: Site, data: st.DataObject
) -> None:
    connected = data.draw(st.booleans())
    operation_id = data.draw(
        st.sampled_from(
            ("startSession", "submitIce", "sendTask", "interruptTask", "keepAlive", "stopSession")
        )
    )
    body = data.draw(st.dictionaries(st.sampled_from(FIELDS[1:]), VALUES, max_size=4))
    if operation_id == "sendTask" and "text" not in body:
        body["text"] = data.draw(TEXTS)
    body["task_mode"] = "async"
    with bystander(site):
        session_id = site.connect() if connected else site.new()
        answer = site.call(operation_id, **{**body, "session_id": session_id})
        assert answer.status < 500


@quick
@given(headers=HEADERS, body=RAW)
@example([("host", "["), ("x-api-key", "key")], b"{}")
@example([("authorization", "Bearer " + "A" * 5000)], b"{}")
def test_any_headers_are_answered_by_the_contract(
    site: Site, headers: Headers, body: bytes
) -> None:
    with bystander(site):
        for method, path in (
            ("POST", "/v1/streaming.new"),
            ("GET", "/v1/streaming.list"),
            ("GET", "/v1/streaming/avatar.list"),
            ("POST", "/v1/streaming.create_token"),
            ("POST", "/nowhere"),
            ("OPTIONS", "/v1/streaming.new"),
        ):
            asked = {name for name, _ in headers}
            if method == "OPTIONS" and "access-control-request-method" in asked:
                continue  # a preflight, whose answer is the framework's
            assert site.send(method, path, headers, body).status < 500


@quick
@given(
    path=st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF), max_size=30),
    method=st.sampled_from(("GET", "POST", "HEAD", "DELETE", "BREW", "")),
)
def test_any_path_and_method_is_answered(site: Site, path: str, method: str) -> None:
    quoted = path.replace("%", "").encode("ascii", "backslashreplace").decode()
    assert site.send(method, f"/v1/{quoted}").status in (404, 405)


@quick
@given(body=RAW)
def test_any_body_at_the_control_api_is_answered(site: Site, body: bytes) -> None:
    host = (("host", "localhost"), ("content-type", "application/json"))
    for method, name in (("PATCH", "settings"), ("POST", "clock"), ("PUT", "replies")):
        answer = site.send(method, f"/__mock__/{name}", host, body)
        assert answer.status in (200, 400)


MOVES = st.lists(
    st.sampled_from(
        ("new", "start", "offer", "bad sdp", "ice", "bad ice", "sync", "async", "chat",
         "interrupt", "keep", "listen", "list", "stop", "unknown", "token", "advance", "gone")
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip


def move(site: Site, name: str, session_id: str) -> Any:
    """One request, of the session where it needs one."""
    ids = {"session_id": session_id}
    answer = {"type": "answer", "sdp": answer_to(session_id)}
    candidate = {"candidate": "candidate:1 1 udp 1 127.0.0.1 9 typ host", "sdpMid": "0"}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "new": ("newSession", {"quality": "low"}),
        "start": ("startSession", {**ids, "sdp": answer}),
        "offer": ("startSession", {**ids, "sdp": {"type": "offer", "sdp": OFFER}}),
        "bad sdp": ("startSession", {**ids, "sdp": {"type": "answer", "sdp": "v=0"}}),
        "ice": ("submitIce", {**ids, "candidate": candidate}),
        "bad ice": ("submitIce", {**ids, "candidate": {"candidate": "x"}}),
        "sync": ("sendTask", {**ids, "text": "Hello!", "task_mode": "sync"}),
        "async": ("sendTask", {**ids, "text": "Hello!", "task_mode": "async"}),
        "chat": ("sendTask", {**ids, "text": "Why?", "task_type": "chat", "task_mode": "async"}),
        "interrupt": ("interruptTask", ids),
        "keep": ("keepAlive", ids),
        "listen": ("startListening", ids),
        "list": ("listSessions", {}),
        "stop": ("stopSession", ids),
        "unknown": ("stopSession", {"session_id": "nobody"}),
        "token": ("createToken", {}),
    }
    if name in asked:
        operation_id, body = asked[name]
        return site.ask(operation_id, **body)
    if name == "gone":
        return site.request("POST", "/v1/streaming.task", body=[b"{", Gone()])
    host = (("host", "localhost"),)
    return site.request("POST", "/__mock__/clock", headers=host, body=b'{"advance": 7}')


@quick
@given(moves=MOVES)
def test_requests_in_every_order_are_answered(site: Site, moves: list[str]) -> None:
    async def run() -> None:
        session_id = "none yet"
        for name in moves:
            try:
                answer = await move(site, name, session_id)
            except NoAnswerError:
                assert name == "gone"
                continue
            assert answer.status < 500
            if name == "new" and answer.status == 200:
                session_id = answer.data["session_id"]

    with bystander(site):
        site.run(run())


@quick
@given(moves=MOVES, connected=st.booleans())
def test_requests_at_the_same_moment_are_answered(
    site: Site, moves: list[str], connected: bool
) -> None:
    async def run(session_id: str) -> list[Any]:
        calls = (move(site, name, session_id) for name in moves)
        return await asyncio.gather(*calls, return_exceptions=True)

    with bystander(site):
        answers = site.run(run(site.connect() if connected else site.new()))
        for name, answer in zip(moves, answers, strict=True):
            if name == "gone":
                assert isinstance(answer, NoAnswerError)
            else:
                assert not isinstance(answer, BaseException), (name, answer)
                assert answer.status < 500


def test_a_hundred_sessions_leave_no_task_behind(site: Site) -> None:
    with bystander(site):
        for number in range(100):
            session_id = site.connect()
            if number % 2:
                site.task(session_id)
            site.call("stopSession", session_id=session_id)


def test_a_new_that_is_cancelled_leaves_no_session(site: Site) -> None:
    token = site.call("createToken").json["data"]["token"]
    mine = (("authorization", f"Bearer {token}"),)

    async def leave() -> None:
        call = asyncio.create_task(site.ask("newSession", mine))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait([call])

    site.run(leave())
    site.run(asyncio.sleep(0.01))
    assert site.call("listSessions").json["sessions"] == []
    assert site.tasks() == []
    assert site.new(mine)
