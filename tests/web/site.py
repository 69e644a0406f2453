"""The fake called in this process, without sockets; every answer is held against openapi.yaml."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from starlette.types import Message, Scope

import mock_server.livekit.rooms  # noqa: F401 - else imported in a thread, on time that is skipped
from mock_server.app import create_app
from mock_server.clock import Clock
from mock_server.core.catalogue import Encoding
from mock_server.core.null_sdp import NullTransport, null_answer, null_offer
from mock_server.core.sdp import parse_description
from mock_server.seams import Seams
from mock_server.settings import Settings
from mock_server.spec.operation import Answers
from mock_server.web.services import Services
from mock_server.web.wire import EXTENSION, Wire
from tests.loops import SkippingLoop

Headers = Sequence[tuple[str, str]]
Version = Literal["v1", "v2"]
KEY: Headers = (("x-api-key", "key"),)
EPOCH = 1_734_651_255.0
"""The fake's time when a site begins."""

VIEWER = NullTransport.for_session("viewer")
OFFER = null_offer(VIEWER, encoding=Encoding.VP8).replace("sendonly", "recvonly")
"""What a viewer that offers would send."""


class Gone:
    """In place of a chunk of the body: the client closes its connection."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def error(self) -> tuple[int, int, str]:
        """(status, code, message)"""
        body = self.json
        return self.status, body["code"], body["message"]


class NoAnswerError(Exception):
    """The application ended without an answer."""


class Site:
    """One application with an event loop of its own, in which time costs nothing."""

    def __init__(
        self,
        settings: Settings,
        seams: Seams | None = None,
        *,
        loop: SkippingLoop | None = None,
    ) -> None:
        self.loop = loop or SkippingLoop()
        self.app = create_app(settings, seams, clock=Clock(epoch=EPOCH, monotonic=self.loop.time))
        self.services: Services = self.app.state.services
        self.judging = True
        """Off where an error is asked for that the contract does not list for the operation."""
        self._lifespan = _Lifespan(self.app)
        self.run(self._lifespan.start())

    def close(self) -> None:
        self.run(self._lifespan.stop())
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(coroutine)

    def reset(self) -> None:
        """As at the start, and nothing goes on."""
        self.run(self.services.reset())
        self.judging = True
        assert self.tasks() == []

    def tasks(self) -> list[str]:
        """The names of the tasks that go on without being asked."""
        known = {"lifespan", "compile"}
        return [
            task.get_name()
            for task in asyncio.all_tasks(self.loop)
            if not task.done() and task.get_name() not in known and "to_thread" not in repr(task)
        ]

    # requests

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Headers = KEY,
        body: bytes | Iterable[bytes | float | Gone] = b"",
        leaves: float | None = None,
        wire: Wire | None = None,
    ) -> Answer:
        """One request; parts of ``body`` are chunks, seconds of silence, or the client's end.

        ``leaves`` is when the client goes, in seconds from the end of its request; ``wire`` what
        the server hands over of the connection.
        """
        client = _Client(body, leaves)
        scope = _scope(method, path, headers)
        if wire is not None:
            scope["extensions"] = {EXTENSION: wire}
        await self.app(scope, client.receive, client.send)
        answer = client.answer()
        if not self._deviated():
            version = _version(body) if path.endswith(".new") else "v1"
            self._judge(method, unquote(path.partition("?")[0]), answer, version=version)
        return answer

    def _deviated(self) -> bool:
        requests = self.services.journal.requests()
        return bool(requests) and "faults" in requests[-1]

    async def post(self, path: str, value: object, headers: Headers = KEY) -> Answer:
        body = json.dumps(value).encode()
        both = (*headers, ("content-type", "application/json"))
        return await self.request("POST", path, headers=both, body=body)

    async def ask(self, operation_id: str, headers: Headers = KEY, /, **body: Any) -> Answer:
        """Calls an operation by its id."""
        operation = self.services.contract.operation(operation_id)
        if operation.has_body:
            return await self.post(operation.path, body, headers)
        return await self.request(operation.method, operation.path, headers=headers)

    def call(self, operation_id: str, headers: Headers = KEY, /, **body: Any) -> Answer:
        answer = self.run(self.ask(operation_id, headers, **body))
        assert isinstance(answer, Answer)
        return answer

    def send(self, method: str, path: str, headers: Headers = KEY, body: Any = b"") -> Answer:
        answer = self.run(self.request(method, path, headers=headers, body=body))
        assert isinstance(answer, Answer)
        return answer

    def control(self, method: str, name: str, value: object = None) -> Answer:
        body = b"" if value is None else json.dumps(value).encode()
        headers = (("host", "127.0.0.1:8000"), ("content-type", "application/json"))
        return self.send(method, f"/__mock__/{name}", headers, body)

    def advance(self, seconds: float) -> None:
        assert self.control("POST", "clock", {"advance": seconds}).status == 200

    # sessions

    def new(self, headers: Headers = KEY, /, **body: Any) -> str:
        answer = self.call("newSession", headers, **body)
        assert answer.status == 200, answer.body
        session_id = answer.data["session_id"]
        assert isinstance(session_id, str)
        return session_id

    def start(self, session_id: str, headers: Headers = KEY) -> Answer:
        """Answers the server's offer."""
        return self.call(
            "startSession",
            headers,
            session_id=session_id,
            sdp={"type": "answer", "sdp": answer_to(session_id)},
        )

    def connect(self, headers: Headers = KEY, /, **body: Any) -> str:
        """A session that is connected."""
        session_id = self.new(headers, **body)
        answer = self.start(session_id, headers)
        assert answer.status == 200, answer.body
        return session_id

    def task(self, session_id: str, text: str = "Hello!", **body: Any) -> Answer:
        return self.call("sendTask", session_id=session_id, text=text, **body)

    def status(self, session_id: str) -> str:
        """What listSessions says of the session; closed when it is not there."""
        sessions = self.call("listSessions").json
        found = sessions.get("sessions") or sessions.get("data", {}).get("sessions", [])
        return next((s["status"] for s in found if s["session_id"] == session_id), "closed")

    def events(self, session_id: str) -> list[tuple[str, Any]]:
        """The session's timeline: (event, task_id)."""
        timeline = self.control("GET", f"sessions/{session_id}").json["timeline"]
        return [(entry["event"], entry.get("task_id")) for entry in timeline]

    # what every answer is held against

    def _judge(
        self, method: str, path: str, answer: Answer, *, version: Literal["v1", "v2"]
    ) -> None:
        operation = self.services.contract.at(method, path)
        if path.startswith("/__mock__/") or path == "/":
            return
        if answer.status == 200 and method == "OPTIONS":
            return
        assert answer.headers["content-type"] == "application/json"
        assert int(answer.headers["content-length"]) == len(answer.body)
        if operation is None:
            assert answer.status in (404, 405)
            assert answer.json.keys() == {"code", "message"}
            return
        shape: Answers = self.services.settings.answers  # type: ignore[assignment]
        problem = operation.response_problem(
            answer.status, answer.json, answers=shape, version=version
        )
        assert problem is None, (method, path, answer.status, problem, answer.body[:300])
        grades = {self.services.contract.evidence(operation.operation_id)}
        if answer.status >= 400 and self.judging:
            _, code, message = answer.error
            grades = {
                case.evidence.grade
                for case in self.services.contract.errors
                if (case.row.status, case.row.code) == (answer.status, code)
                and message.startswith(case.row.message.partition("{")[0])
                and operation.operation_id in case.operations
            }
            assert grades, (operation.operation_id, answer.error)
        if answer.status < 400 or self.judging:
            assert answer.headers["x-mock-evidence"] in grades


def answer_to(session_id: str) -> str:
    """What a viewer answers to the offer of a session without media."""
    offer = null_offer(NullTransport.for_session(session_id), encoding=Encoding.VP8)
    return null_answer(VIEWER, parse_description("offer", offer)).replace("sendonly", "recvonly")


def _scope(method: str, path: str, headers: Headers) -> Scope:
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "state": {},
    }


class _Client:
    """The other side of one request, as strict about the order of messages as a server."""

    def __init__(self, body: bytes | Iterable[bytes | float | Gone], leaves: float | None) -> None:
        self._parts = iter([body] if isinstance(body, bytes) else body)
        self._leaves = leaves
        self._leaves_at = 0.0
        self._next = next(self._parts, None)
        self._done = False
        self._start: Message | None = None
        self._chunks: list[bytes] = []
        self._complete = False

    async def receive(self) -> Message:
        while isinstance(self._next, float):
            await asyncio.sleep(self._next)
            self._next = next(self._parts, None)
        if isinstance(self._next, Gone):
            return {"type": "http.disconnect"}
        if self._done and self._leaves is not None:
            left = self._leaves_at - asyncio.get_running_loop().time()
            if left > 0:
                await asyncio.sleep(left)
            return {"type": "http.disconnect"}
        if self._done:
            await asyncio.Event().wait()
        part = self._next or b""
        assert isinstance(part, bytes)
        self._next = next(self._parts, None)
        self._done = self._next is None
        self._leaves_at = asyncio.get_running_loop().time() + (self._leaves or 0)
        return {"type": "http.request", "body": part, "more_body": not self._done}

    async def send(self, message: Message) -> None:
        assert not self._complete
        if message["type"] == "http.response.start":
            assert self._start is None
            self._start = message
            return
        assert self._start is not None
        assert message["type"] == "http.response.body"
        self._chunks.append(message.get("body", b""))
        self._complete = not message.get("more_body", False)

    def answer(self) -> Answer:
        if self._start is None:
            raise NoAnswerError
        assert self._complete
        headers = {n.decode(): v.decode("latin-1") for n, v in self._start["headers"]}
        return Answer(self._start["status"], headers, b"".join(self._chunks))


class _Lifespan:
    """Starts and stops an application, and raises what it says went wrong."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.create_task(
            self._app(scope, self._inbox.get, self._outbox.put), name="lifespan"
        )
        await self._exchange("startup")

    async def stop(self) -> None:
        await self._exchange("shutdown")
        assert self._task is not None
        await self._task

    async def _exchange(self, what: str) -> None:
        await self._inbox.put({"type": f"lifespan.{what}"})
        message = await self._outbox.get()
        if message["type"] != f"lifespan.{what}.complete":
            with suppress(Exception):
                assert self._task is not None
                await self._task
            raise RuntimeError(message.get("message", ""))


async def stream(site: Site, path: str, headers: Headers) -> AsyncIterator[bytes]:
    """The chunks of an answer that has no end, until the caller closes the iterator."""
    gone, chunks = asyncio.Event(), asyncio.Queue[bytes]()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await chunks.put(message.get("body", b""))

    task = asyncio.create_task(site.app(_scope("GET", path, headers), receive, send))
    try:
        while True:
            yield await chunks.get()
    finally:
        gone.set()
        await task


def _version(body: object) -> Version:
    """The version that a newSession asked for."""
    return "v2" if isinstance(body, bytes) and b'"v2"' in body.lower() else "v1"
