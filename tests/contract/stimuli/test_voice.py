"""Visits to sockets: on the right fake, over sockets and within this process, and on wrong ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.client import Client, monitor_of
from contract.findings import Findings
from contract.rooms.sockets import dial
from contract.spec import Spec, load_spec
from contract.stimuli.voice import RULES, visit_sockets
from contract.subject import Subject
from contract.transport import HttpSend
from contract.viewers.rooms import RoomViewers
from mock_server.embedded import MockServer
from mock_server.seams import Seams
from mock_server.web.sockets import CHAT, REALTIME
from tests.mutants.driver import Fake
from tests.mutants.layers import fired_of

OF_CHAT = {"chat-opens", "chat-messages", "chat-answered", "voice-events", "voice-listening"}
OF_REALTIME = {"realtime-state", "realtime-speak", "realtime-interrupt", "realtime-errors"}


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="module")
def paper() -> Iterator[MockServer]:
    with MockServer(media="none") as fake:
        yield fake


def _visit(subject: Subject) -> Findings:
    findings = subject.findings()
    assert subject.rooms is not None
    visit_sockets(Client(subject, monitor_of(subject, findings)), findings, subject.rooms)
    return findings


def _visited(spec: Spec, seams: Seams) -> Findings:
    fake = Fake(seams)
    try:
        return _visit(fake.subject(spec))
    finally:
        fake.close()


def test_the_visits_over_sockets_find_nothing(spec: Spec, paper: MockServer) -> None:
    send = HttpSend(paper.url)
    findings = _visit(
        Subject(spec, paper.url, send, paper.key, max_sessions=3, rooms=RoomViewers(dial))
    )
    send.close()
    assert [str(violation) for violation in findings.violations] == []
    assert findings.unjudged == {}
    assert {rule for rule in RULES if findings.checked[rule]} == set(RULES)


def _odd(path: str, app: ASGIApp) -> Seams:
    return Seams(socket=lambda of, right: app if of == path else right)


async def _not_there(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    start: Message = {"type": "websocket.http.response.start", "status": 404, "headers": []}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": b"Not Found"})


def test_without_a_chat_socket_that_is_what_is_found(spec: Spec) -> None:
    findings = _visited(spec, _odd(CHAT, _not_there))
    assert fired_of(findings) == (("chat-opens", None),)
    assert findings.violations[0].actual == "refused: status 404: Not Found"
    unjudged = {*(OF_CHAT - {"chat-opens"}), "chat-credentials", "sockets-end"}
    assert set(findings.unjudged) == unjudged


def test_without_a_realtime_endpoint_that_is_what_is_found(spec: Spec) -> None:
    findings = _visited(spec, _odd(REALTIME, _not_there))
    assert fired_of(findings) == (("realtime-state", None),)
    unjudged = {*(OF_REALTIME - {"realtime-state"}), "chat-answered", "voice-listening"}
    assert set(findings.unjudged) == unjudged


def _babbling(*messages: bytes | str) -> ASGIApp:
    """Says these to whoever comes, and then nothing."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for one in messages:
            key = "text" if isinstance(one, str) else "bytes"
            await send({"type": "websocket.send", key: one})
        while (await receive())["type"] != "websocket.disconnect":
            pass

    return app


_WORTHLESS: tuple[object, ...] = (None, [1], {"id": {}}, 5)
_FIELDS = ("task_id", "message", "task", "event_id", "state")
_KINDS = ("user_start", "user_talking_message", "agent.speak_started", "error", 5, None)
NONSENSE: tuple[bytes | str, ...] = (
    "", "nonsense", b"\xff\xfe", "[" * 100_000, "[1, 2]", "null", "1e999",
    *(
        json.dumps({"event_type": kind, "type": kind, **dict.fromkeys(_FIELDS, value)})
        for kind in _KINDS
        for value in _WORTHLESS
    ),
)  # fmt: skip


@pytest.mark.parametrize("path", [CHAT, REALTIME])
def test_whatever_a_socket_says_is_a_finding_and_no_crash(spec: Spec, path: str) -> None:
    rules = {rule for rule, _ in fired_of(_visited(spec, _odd(path, _babbling(*NONSENSE))))}
    expected = {"chat-messages"} if path == CHAT else {"realtime-state", "realtime-speak"}
    assert expected <= rules
    assert rules <= set(RULES)


async def _leaves(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1011})


@pytest.mark.parametrize(("path", "rule"), [(CHAT, "voice-events"), (REALTIME, "realtime-state")])
def test_a_socket_that_closes_at_once_is_a_finding(spec: Spec, path: str, rule: str) -> None:
    assert rule in {fired for fired, _ in fired_of(_visited(spec, _odd(path, _leaves)))}


def test_without_anybody_to_see_the_avatar_nothing_is_judged(spec: Spec) -> None:
    def deaf(kind: str, message: Any) -> Any:
        return None if kind == "offer" else message

    findings = _visited(spec, Seams(signal=deaf))
    assert [str(violation) for violation in findings.violations] == []
    assert set(findings.unjudged) == set(RULES)
