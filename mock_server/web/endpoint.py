"""From an HTTP request to a handler's answer: limits, credentials, validation, journal.

The order of the checks is part of the contract: size, credentials, content type, JSON, schema,
state. Path and method come before them, in the router.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.core.faults.plan import Deviation
from mock_server.core.registry import Caller, Credentials
from mock_server.handshake import deny
from mock_server.settings import mask
from mock_server.spec import Operation
from mock_server.web.answers import Answer, HttpAnswer, error_body, start_message, to_json
from mock_server.web.body import DisconnectedError, parse_json, read_body
from mock_server.web.handlers import Call, Handler
from mock_server.web.headers import Headers
from mock_server.web.holds import disconnected
from mock_server.web.services import Services

if TYPE_CHECKING:
    from mock_server.web.play import Play

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


_NO_HEADERS: tuple[tuple[bytes, bytes], ...] = ()


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
        due = services.faults.meet(operation_id)
        headers = Headers.read(scope)
        entry: dict[str, Any] = {"credential": _shown_credential(headers)}
        play = _play(due, services, entry, scope, receive, send) if due else None
        evidence, extra = self._evidence, _NO_HEADERS
        try:
            if play is not None:
                await play.refuse(
                    perform=lambda: self._answer(scope, headers, receive, entry, play),
                    read=lambda: self._read(headers, receive, entry),
                )
            status, body = 200, await self._answer(scope, headers, receive, entry, play)
        except DisconnectedError:
            return
        # The error is not kept: it would hold this frame, which would hold it, and each refused
        # request would be left to the garbage collector.
        except ApiError as error:
            name, status, body, extra = _refusal(services.refusal(operation_id, error))
            evidence = services.error_grades.get(name, "inferred")
            if status == 405:  # asked for by a magic avatar id or a plan
                extra = (*extra, (b"allow", self._operation.method.encode()))
        except Exception:
            log.exception("%s failed", operation_id)
            name, status, body, extra = _refusal(ApiError(errors.INTERNAL_ERROR))
            evidence = services.error_grades[name]
        headers_out = [_JSON, (b"x-mock-evidence", evidence.encode("ascii")), *_CORS, *extra]
        if play is not None:
            note = partial(self._note, scope, began)
            await play.answer(status, headers_out, body, opens=self._opens, note=note)
            return
        self._note(scope, began, status, body.get("code"), entry)
        answer = HttpAnswer(status, headers_out, to_json(body))
        await respond(send, services.http(scope["method"], scope["path"], answer))

    def _note(
        self, scope: Scope, began: float, status: int | None, code: Any, entry: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self._services.journal.request(
            operation=self._operation.operation_id,
            method=scope["method"],
            path=scope["path"],
            status=status,
            code=code,
            ms=round((time.perf_counter() - began) * 1000, 3),
            **entry,
        )

    async def _read(self, headers: Headers, receive: Receive, entry: dict[str, Any]) -> None:
        """Reads a request that is not performed, and notes the session that it names."""
        if self._operation.has_body:
            patience = self._services.patience
            raw = await read_body(receive, headers.content_length, patience=patience)
            _note_session(parse_json(raw, ""), entry)

    async def _answer(
        self,
        scope: Scope,
        headers: Headers,
        receive: Receive,
        entry: dict[str, Any],
        play: Play | None = None,
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
            _note_session(body, entry)
        call = Call(
            operation.operation_id,
            caller,
            body or {},
            headers.host,
            secure=scope["scheme"] == "https",
            bound=scope["server"],
        )
        if play is not None:
            call = call._replace(deviations=play.due, use=play.use)
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
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(disconnected(receive))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise DisconnectedError
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.wait((working, gone))


def _refusal(
    error: ApiError,
) -> tuple[str, int, dict[str, Any], tuple[tuple[bytes, bytes], ...]]:
    """The row's name, and status, body and further headers of an error's answer."""
    extra = tuple((name.encode(), value.encode()) for name, value in error.headers)
    return error.row.name, error.row.status, error_body(error), extra


def _play(
    due: tuple[Deviation, ...],
    services: Services,
    entry: dict[str, Any],
    *request: Any,
) -> Play:
    # Importing all that can go wrong takes 10 ms, which no healthy start should wait for.
    from mock_server.web.play import Play  # noqa: PLC0415

    return Play(due, services, entry, *request)


def _note_session(body: Any, entry: dict[str, Any]) -> None:
    if isinstance(body, dict) and isinstance(body.get("session_id"), str):
        entry["session_id"] = body["session_id"][:80]


def _shown_credential(headers: Headers) -> str | None:
    secret = headers.api_key or headers.authorization
    return None if secret is None else mask(secret.removeprefix("Bearer "))


async def respond(send: Send, answer: HttpAnswer) -> None:
    """Sends an answer."""
    await send(start_message(answer))
    await send({"type": "http.response.body", "body": answer.content})


async def refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a WebSocket handshake with the API's 404."""
    await refuse_handshake(receive, send, ApiError(errors.NOT_FOUND, "no WebSocket is served here"))


async def refuse_handshake(receive: Receive, send: Send, error: ApiError) -> None:
    """Answers a WebSocket handshake with an error of the API."""
    await receive()
    content = to_json(error_body(error))
    await deny(send, status=error.row.status, content=content, type_="application/json")
