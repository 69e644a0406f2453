"""Exchanges written by hand, as a server of the union shape would answer, and their judgement."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from contract.exchange import Exchange, Headers, Request, Response
from contract.findings import Findings, Profile, Violation
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import Answers, load_spec
from contract.viewers.paper import PaperViewer

SPEC = load_spec()
KEY: Headers = (("x-api-key", "key"),)
OTHER: Headers = (("x-api-key", "other"),)
BOTH_KEYS = frozenset({"key", "other"})
EPOCH = 1_734_651_255.0
PAPER = PaperViewer(connects=True)
FINGERPRINT = ":".join(["AB"] * 32)
_TRANSPORT = (
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
    f"a=fingerprint:sha-256 {FINGERPRINT}\r\na=setup:actpass\r\n"
)
OFFER = (
    "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\n"
    "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n" + _TRANSPORT + "a=candidate:1 1 udp 2130706431 "
    "127.0.0.1 9 typ host\r\na=end-of-candidates\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendonly\r\n"
    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n" + _TRANSPORT + "m=application 9 "
    "UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sctp-port:5000\r\n"
    + _TRANSPORT
)
ANSWER = PAPER.answer("any", OFFER)


def session_id(number: int) -> str:
    return f"{number:08x}-bd4e-11ef-8f3a-0242ac110002"


def token(number: int) -> str:
    text = json.dumps({"token": f"{number:032x}", "created_at": int(EPOCH)})
    return base64.b64encode(text.encode()).decode()


def bearer(value: str) -> Headers:
    return (("authorization", f"Bearer {value}"),)


def opened(number: int, **other: object) -> dict[str, Any]:
    data: dict[str, object] = {
        "session_id": session_id(number),
        "sdp": {"type": "offer", "sdp": OFFER},
        "ice_servers": [],
        "ice_servers2": [],
        "access_token": None,
        "url": None,
        "realtime_endpoint": None,
        "livekit_agent_token": None,
        "is_paid": True,
        "session_duration_limit": 600,
    }
    return {"code": 100, "message": "success", "data": {**data, **other}}


DONE = {"code": 100, "message": "success", "data": None, "status": "success"}


def spoken(number: int, duration: float) -> dict[str, Any]:
    both = {"task_id": session_id(1000 + number), "duration_ms": duration}
    return {"code": 100, "message": "success", "data": both, **both}


def listed(*sessions: tuple[int, str], created_at: int = int(EPOCH)) -> dict[str, Any]:
    entries = [
        {
            "session_id": session_id(number),
            "status": status,
            "created_at": created_at,
            "api_key_type": "regular",
        }
        for number, status in sessions
    ]
    return {
        "code": 100, "message": "success", "data": {"sessions": entries}, "sessions": entries,
    }  # fmt: skip


def refusal(row: str, session: int | None = None, detail: str = "") -> tuple[int, dict[str, Any]]:
    """The answer of the row of x-errors."""
    error = SPEC.errors[row]
    name = "" if session is None else session_id(session)
    message = error.message.replace("{session_id}", name) + (f": {detail}" if detail else "")
    return error.status, {"code": error.code, "message": message}


class Conversation:
    """A Monitor, and a clock of its own that goes on by a hundredth of a second per exchange."""

    def __init__(
        self,
        *,
        knowledge: Knowledge | None = None,
        profile: Profile = "strict",
        answers: Answers = "union",
    ) -> None:
        self.findings = Findings(SPEC, profile)
        self.monitor = Monitor(
            SPEC,
            self.findings,
            answers=answers,
            knowledge=knowledge or Knowledge(keys=BOTH_KEYS, max_sessions=3),
        )
        self.now = EPOCH
        self._number = 0

    def exchange(
        self,
        operation_id: str,
        asked: object,
        answered: Mapping[str, Any] | tuple[int, Mapping[str, Any]] | bytes,
        *,
        credentials: Headers = KEY,
        headers: Headers = (("content-type", "application/json"),),
        lasting: float = 0.01,
        path: str | None = None,
    ) -> Exchange:
        """One exchange, not observed yet. A mapping is answered with status 200."""
        operation = SPEC.operations[operation_id]
        status, body = answered if isinstance(answered, tuple) else (200, answered)
        self._number += 1
        began, self.now = self.now, self.now + lasting
        sent = b"" if asked is None else json.dumps(asked).encode()
        return Exchange(
            self._number,
            Request(operation.method, path or operation.path, (*credentials, *headers), sent),
            Response(
                status,
                (("content-type", "application/json"),),
                body if isinstance(body, bytes) else json.dumps(body).encode(),
            ),
            began,
            self.now,
        )

    def say(
        self, operation_id: str, asked: object, answered: Any, **how: Any
    ) -> list[tuple[str, str | None]]:
        """The (rule, operation) that the exchange breaks."""
        return rules(self.monitor.observe(self.exchange(operation_id, asked, answered, **how)))

    def new(self, number: int, asked: dict[str, Any] | None = None, **how: Any) -> None:
        assert self.say("newSession", asked or {}, opened(number), **how) == []

    def connect(self, number: int, asked: dict[str, Any] | None = None) -> None:
        self.new(number, asked)
        started = {"session_id": session_id(number), "sdp": {"type": "answer", "sdp": ANSWER}}
        assert self.say("startSession", started, DONE) == []
        self.monitor.connected(session_id(number))

    def on(self, operation_id: str, number: int, answered: Any, **asked: Any) -> list[Any]:
        """A call on a session."""
        return self.say(operation_id, {"session_id": session_id(number), **asked}, answered)


def rules(violations: list[Violation]) -> list[tuple[str, str | None]]:
    return [(violation.rule.id, violation.operation) for violation in violations]
