"""From an HTTP request to a handler's answer: limits, credentials, validation, journal.

The order of the checks is part of the contract: size, credentials, content type, JSON, schema,
state. Path and method come before them, in the router.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from typing import Any, NamedTuple

from starlette.types import Message, Receive, Scope, Send

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.core.faults.plan import Deviation
from mock_server.core.registry import Caller, Credentials
from mock_server.settings import mask
from mock_server.spec import Operation
from mock_server.web.answers import Answer, HttpAnswer, error_body, to_json
from mock_server.web.body import DisconnectedError, read_body
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services

# Seconds, from what public clients reported between 2024 and 2025: opening takes longest.
_DELAYS: Mapping[str, float] = {"newSession": 1.5, "startSession": 0.5, "sendTask": 0.6}
_OTHER_DELAY = 0.15

EXPOSED = ("X-Mock-Evidence", "Retry-After")
"""Headers of answers that web pages of other origins may read."""

_JSON = (b"content-type", b"application/json")
# Any page may call the API. Said to every client, so that no answer varies with the Origin.
_CORS: tuple[tuple[bytes, bytes], ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", ", ".join(EXPOSED).encode()),
)

log = logging.getLogger("heygen_mock")


class Headers(NamedTuple):
    """The request headers that the API knows."""

    api_key: str | None
    authorization: str | None
    content_type: str
    content_length: str
    host: str

    @classmethod
    def read(cls, scope: Scope) -> Headers:
        found: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in _NAMES:
                found.setdefault(name, value.decode("latin-1"))
        return cls(
            api_key=found.get(b"x-api-key"),
            authorization=found.get(b"authorization"),
            content_type=found.get(b"content-type", ""),
            content_length=found.get(b"content-length", ""),
            host=found.get(b"host", ""),
        )

    def bearer(self) -> str | None:
        """The Bearer value; None without the header. Raises ApiError for another scheme."""
        if self.authorization is None:
            return None
        scheme, _, value = self.authorization.partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            raise ApiError(errors.UNAUTHORIZED)
        return value.strip()


_NO_HEADERS: tuple[tuple[bytes, bytes], ...] = ()
_NAMES = frozenset((b"x-api-key", b"authorization", b"content-type", b"content-length", b"host"))


class Endpoint:
    """One operation as an ASGI application."""

    def __init__(self, operation: Operation, handler: Handler, services: Services) -> None:
        self._operation = operation
        self._handler = handler
        self._services = services
        self._delay = _DELAYS.get(operation.operation_id, _OTHER_DELAY)
        self._opens = operation.operation_id == "newSession"
        self._evidence = services.contract.evidence(operation.operation_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        services, operation_id = self._services, self._operation.operation_id
        headers = Headers.read(scope)
        entry: dict[str, Any] = {}
        deviations = services.faults.meet(operation_id)
        evidence, extra = self._evidence, _NO_HEADERS
        try:
            status, body = 200, await self._answer(headers, receive, entry, deviations)
        except DisconnectedError:
            return
        # The error is not kept: it would hold this frame, which would hold it, and each refused
        # request would be left to the garbage collector.
        except ApiError as error:
            name, status, body, extra = _refusal(services.refusal(operation_id, error))
            evidence = services.error_grades[name]
            if status == 405:  # asked for by a magic avatar id
                extra = (*extra, (b"allow", self._operation.method.encode()))
        except Exception:
            log.exception("%s failed", operation_id)
            name, status, body, extra = _refusal(ApiError(errors.INTERNAL_ERROR))
            evidence = services.error_grades[name]
        services.journal.request(
            operation=operation_id,
            method=scope["method"],
            path=scope["path"],
            status=status,
            code=body.get("code"),
            ms=round((time.perf_counter() - began) * 1000, 3),
            credential=_shown_credential(headers),
            **entry,
        )
        headers_out = [_JSON, (b"x-mock-evidence", evidence.encode("ascii")), *_CORS, *extra]
        answer = HttpAnswer(status, headers_out, to_json(body))
        await respond(send, services.http(scope["method"], scope["path"], answer))

    async def _answer(
        self,
        headers: Headers,
        receive: Receive,
        entry: dict[str, Any],
        deviations: tuple[Deviation, ...],
    ) -> dict[str, Any]:
        services, operation = self._services, self._operation
        raw = b""
        if operation.has_body:
            raw = await read_body(receive, headers.content_length, patience=services.patience)
        caller = self._authenticate(headers)
        body: Any = {}
        if operation.has_body and (raw or operation.body_required):
            body = services.read_json(raw, headers.content_type)
            problem = services.request_problem(operation, body)
            if problem is not None:
                raise ApiError(errors.INVALID_PARAMETER, problem)
            if isinstance(body, dict) and isinstance(body.get("session_id"), str):
                entry["session_id"] = body["session_id"][:80]

        def use(deviation: Deviation) -> None:
            services.faults.use(deviation)
            entry.setdefault("faults", []).append(deviation.at)

        call = Call(operation.operation_id, caller, body or {}, headers.host, deviations, use)
        answer = await _unless_gone(receive, self._handle(call), when=self._opens)
        data = answer.recorded.get("data")
        if isinstance(data, dict) and "session_id" in data:
            entry["session_id"] = data["session_id"]  # the session that this request opened
        shaped = answer.body(services.settings.answers)
        return services.edit_answer(operation.operation_id, shaped)

    async def _handle(self, call: Call) -> Answer:
        if self._services.settings.delays == "real":
            await asyncio.sleep(self._delay)
        return await self._handler(self._services, call)

    def _authenticate(self, headers: Headers) -> Caller:
        services, operation = self._services, self._operation
        caller = services.authenticate(
            operation,
            services.registry,
            Credentials(headers.api_key, headers.bearer()),
            services.settings,
            services.clock.now(),
        )
        if caller.token is not None and "sessionToken" not in operation.security:
            raise ApiError(errors.UNAUTHORIZED)
        if self._opens:
            caller.check_unspent()
        return caller


async def _unless_gone(
    receive: Receive, work: Coroutine[Any, Any, Answer], *, when: bool
) -> Answer:
    """What the work gives. Raises DisconnectedError, and cancels it, when the client goes away.

    Only opening needs it: nobody else knows the id of the session, so nobody could stop it.
    """
    if not when:
        return await work
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise DisconnectedError
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.wait((working, gone))


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _refusal(
    error: ApiError,
) -> tuple[str, int, dict[str, Any], tuple[tuple[bytes, bytes], ...]]:
    """The row's name, and status, body and further headers of an error's answer."""
    extra = tuple((name.encode(), value.encode()) for name, value in error.headers)
    return error.row.name, error.row.status, error_body(error), extra


def _shown_credential(headers: Headers) -> str | None:
    secret = headers.api_key or headers.authorization
    return None if secret is None else mask(secret.removeprefix("Bearer "))


async def respond(send: Send, answer: HttpAnswer) -> None:
    """Sends an answer."""
    length = str(len(answer.content)).encode()
    start: Message = {
        "type": "http.response.start",
        "status": answer.status,
        "headers": [*answer.headers, (b"content-length", length)],
    }
    await send(start)
    await send({"type": "http.response.body", "body": answer.content})


async def refuse_websocket(receive: Receive, send: Send) -> None:
    """Answers a WebSocket handshake with the API's 404, by ASGI's denial response."""
    await receive()
    content = to_json(error_body(ApiError(errors.NOT_FOUND, "no WebSocket is served here")))
    await send(
        {
            "type": "websocket.http.response.start",
            "status": errors.NOT_FOUND.status,
            "headers": [(b"content-type", b"application/json")],
        }
    )
    await send({"type": "websocket.http.response.body", "body": content})
