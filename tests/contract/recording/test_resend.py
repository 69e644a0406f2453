"""Recorded requests against the fake: its own ids, offers, keys and clock in place of others."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator

import pytest

from contract.client import JSON_HEADER
from contract.exchange import Exchange, Headers, Request, Response
from contract.recording.compare import compare
from contract.recording.judge import judge
from contract.recording.recording import Recording
from contract.recording.resend import Resender, accepted_keys, session_limit
from contract.recording.scrub import scrub
from contract.rooms.sockets import dial
from contract.spec import Shape, Spec
from contract.target import FakeProcess
from contract.transport import HttpSend
from contract.viewers.paper import write_answer
from contract.viewers.rooms import RoomViewers

pytestmark = pytest.mark.process

FIRST, SECOND = "first-key-0123456789", "second-key-0123456789"


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProcess]:
    with FakeProcess(keys=[FIRST, SECOND], arguments=["--max-sessions", "1"]) as fake:
        yield fake


@pytest.fixture
def fake(running: FakeProcess) -> FakeProcess:
    running.reset()
    return running


class Recorder:
    """A client of the fake whose exchanges are kept; time passes when it says so."""

    def __init__(self, fake: FakeProcess, spec: Spec) -> None:
        self._fake, self._spec = fake, spec
        self._send = HttpSend(fake.url)
        self._now = time.time()
        self.exchanges: list[Exchange] = []

    def call(self, operation_id: str, body: object = None, *, key: str = FIRST) -> Response:
        operation = self._spec.operations[operation_id]
        headers: Headers = (("x-api-key", key), JSON_HEADER)
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(operation.method, operation.path, headers, content)
        response = self._send(request)
        number = len(self.exchanges) + 1
        self.exchanges.append(Exchange(number, request, response, self._now, self._now + 0.01))
        self._now += 0.02
        return response

    def connect(self) -> str:
        data = self.call("newSession", {}).json["data"]
        session_id: str = data["session_id"]
        sdp = {"type": "answer", "sdp": write_answer(session_id, data["sdp"]["sdp"])}
        assert self.call("startSession", {"session_id": session_id, "sdp": sdp}).status == 200
        return session_id

    def wait(self, seconds: float) -> None:
        self._fake.advance(seconds)
        self._now += seconds

    def close(self) -> None:
        self._send.close()


@pytest.fixture
def recorder(fake: FakeProcess, spec: Spec) -> Iterator[Recorder]:
    recorder = Recorder(fake, spec)
    yield recorder
    recorder.close()
    fake.reset()


def resend(
    fake: FakeProcess, spec: Spec, recorded: list[Exchange], *, keys: tuple[str, ...] = ()
) -> Resender:
    fake.reset()
    send = HttpSend(fake.url)
    resender = Resender(spec, send, key=FIRST, answer=write_answer, keys=keys, advance=fake.advance)
    resender.run(recorded)
    send.close()
    return resender


def statuses(resender: Resender) -> list[tuple[int, int]]:
    return [(e.number, e.response.status) for e in resender.exchanges]


def test_pauses_are_made_on_the_target_s_clock(
    fake: FakeProcess, recorder: Recorder, spec: Spec
) -> None:
    """The session has idled out by then, there and here."""
    session_id = recorder.connect()
    recorder.wait(130)
    late = recorder.call("sendTask", {"session_id": session_id, "text": "Hello?"})
    assert late.json == {"code": 10005, "message": "session state wrong: closed"}
    resender = resend(fake, spec, recorder.exchanges)
    assert compare(recorder.exchanges, resender.exchanges, spec) == []


def test_other_accounts_limits_and_refusals_come_again(
    fake: FakeProcess, recorder: Recorder, spec: Spec
) -> None:
    session_id = recorder.connect()
    assert recorder.call("newSession", {}).json["code"] == 10007
    assert recorder.call("newSession", {}, key=SECOND).status == 200
    recorder.call("listSessions", key=SECOND)
    assert recorder.call("listSessions", key="wrong").status == 401
    assert recorder.call("stopSession", {"session_id": session_id}, key=SECOND).status == 400
    bad = {"session_id": session_id, "sdp": {"type": "answer", "sdp": "v=0\r\n"}}
    assert recorder.call("startSession", bad).json["code"] == 10003
    assert session_limit(recorder.exchanges, spec) == 1
    assert accepted_keys(recorder.exchanges) == [FIRST, SECOND]
    resender = resend(fake, spec, recorder.exchanges, keys=(FIRST, SECOND))
    assert compare(recorder.exchanges, resender.exchanges, spec) == []


def test_an_answer_that_was_refused_is_sent_as_it_was(
    fake: FakeProcess, recorder: Recorder, spec: Spec
) -> None:
    session_id = recorder.call("newSession", {}).json["data"]["session_id"]
    bad = {"session_id": session_id, "sdp": {"type": "answer", "sdp": "v=0\r\nno SDP"}}
    refusal = recorder.call("startSession", bad)
    assert refusal.json["message"].startswith("peer start failed,please check the answer")
    resender = resend(fake, spec, recorder.exchanges)
    assert compare(recorder.exchanges, resender.exchanges, spec) == []


def test_a_session_and_a_token_from_before_are_made_anew(
    fake: FakeProcess, spec: Spec, session: Recording
) -> None:
    middle = [e for e in session.exchanges if e.number > 4]  # without newSession and start
    resender = resend(fake, spec, middle)
    assert statuses(resender)[:4] == [(-1, 200), (-2, 200), (-3, 200), (5, 200)]
    assert compare(middle, resender.exchanges, spec) == []


def test_what_is_left_open_is_stopped(fake: FakeProcess, recorder: Recorder, spec: Spec) -> None:
    recorder.connect()
    resender = resend(fake, spec, recorder.exchanges)
    last = resender.exchanges[-1]
    assert (last.number, last.request.path, last.response.status) == (-1, "/v1/streaming.stop", 200)


def test_requests_whose_bodies_are_unknown_are_not_sent(
    fake: FakeProcess, spec: Spec, session: Recording
) -> None:
    unknown = [
        dataclasses.replace(e, unknown=frozenset({"request body"}))
        for e in session.exchanges
        if e.request.method == "POST"
    ]
    resender = resend(fake, spec, unknown)
    assert resender.exchanges == []
    assert resender.notes == ["requests whose bodies are unknown were not sent"]


def test_unknown_credentials_are_the_target_s(
    fake: FakeProcess, spec: Spec, session: Recording
) -> None:
    def without(exchange: Exchange) -> Exchange:
        kept = tuple(
            h for h in exchange.request.headers if h[0] not in ("authorization", "x-api-key")
        )
        request = dataclasses.replace(exchange.request, headers=kept)
        return dataclasses.replace(exchange, request=request, unknown=frozenset({"credentials"}))

    sanitized = [without(e) for e in session.exchanges]
    resender = resend(fake, spec, sanitized)
    assert compare(sanitized, resender.exchanges, spec) == []


def test_what_cannot_be_sent_is_told(fake: FakeProcess, spec: Spec, session: Recording) -> None:
    listing = next(e for e in session.exchanges if e.request.path.endswith("streaming.list"))
    odd = dataclasses.replace(
        listing, request=dataclasses.replace(listing.request, headers=(("x-odd", "a\nb"),))
    )
    resender = resend(fake, spec, [odd])
    assert resender.notes == [
        "entry 8 cannot be sent: the value of x-odd cannot be sent in a header"
    ]


@pytest.mark.parametrize("shape", ["documented", "recorded"])
def test_an_answer_of_another_shape_is_judged_and_replayed_as_such(
    shape: Shape, fake: FakeProcess, spec: Spec
) -> None:
    """A server of one shape, sent again to the fake of both: what is more there is allowed."""
    with FakeProcess(keys=[FIRST], arguments=["--answers", shape]) as narrow:
        recorder = Recorder(narrow, spec)
        session_id = recorder.connect()
        recorder.call("sendTask", {"session_id": session_id, "text": "Hello there."})
        recorder.call("listSessions")
        recorder.call("listAvatars")
        recorder.call("keepAlive", {"session_id": session_id})
        recorder.call("stopSession", {"session_id": session_id})
        recorder.call("stopSession", {"session_id": session_id})
        recorder.close()
    findings, held = judge(recorder.exchanges, spec, profile="strict")
    assert (findings.violations, held) == ([], shape)
    resender = resend(fake, spec, recorder.exchanges)
    differences = compare(recorder.exchanges, resender.exchanges, spec)
    assert {(d.verdict, d.recorded) for d in differences} == {("both allowed", "(absent)")}


def test_a_session_in_a_room_is_sent_again_with_a_viewer_in_it(
    fake: FakeProcess, recorder: Recorder, spec: Spec
) -> None:
    data = recorder.call("newSession", {"version": "v2"}).json["data"]
    named = {"session_id": data["session_id"]}
    assert recorder.call("startSession", named).status == 200
    early = recorder.call("sendTask", {**named, "text": "Hello."})
    assert early.json == {"code": 400006, "message": "Session is not in correct state"}
    rooms = RoomViewers(dial)
    assert rooms.enter(data["session_id"], data["url"], data["access_token"])
    assert rooms.connected(data["session_id"])
    assert recorder.call("sendTask", {**named, "text": "Hello."}).status == 200
    assert recorder.call("stopSession", named).status == 200
    rooms.close()
    scrubbed = scrub(recorder.exchanges)
    assert data["access_token"] not in repr(scrubbed)
    findings, _ = judge(scrubbed, spec)
    assert findings.violations == []
    assert findings.checked["room-token"] == 2

    def enter(session_id: str, url: str, token: str) -> None:
        rooms.enter(session_id, url, token)
        rooms.connected(session_id)

    send = HttpSend(fake.url)
    resender = Resender(spec, send, key=FIRST, answer=write_answer, keys=[FIRST], enter=enter)
    assert compare(recorder.exchanges, resender.run(recorder.exchanges), spec) == []
    send.close()
    rooms.close()
