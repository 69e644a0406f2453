"""The control API under ``/__mock__/``: look into the fake, move its clock, reset it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mock_server import __version__
from mock_server.core.errors import ApiError
from mock_server.core.faults.reading import PlanError, read_plan
from mock_server.core.session import Session
from mock_server.settings import SettingError
from mock_server.web.answers import to_json
from mock_server.web.body import DisconnectedError, parse_json, read_body
from mock_server.web.services import Services

MAX_ADVANCE = 366 * 86_400
HEARTBEAT = 15.0
"""Seconds between comments on a silent event stream, so that a dead reader is noticed."""


class ControlError(Exception):
    """A request that the control API cannot take. ``at`` names the place."""

    def __init__(self, message: str, *, at: str, status: int = 400) -> None:
        self.at = at
        self.status = status
        super().__init__(message)


Control = Callable[[Services, Request], Awaitable[Any]]


async def health(services: Services, request: Request) -> Any:
    return {"status": "ok", "version": __version__}


async def get_settings(services: Services, request: Request) -> Any:
    return services.settings.as_json()


async def patch_settings(services: Services, request: Request) -> Any:
    body = await _body(services, request)
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object of settings", at="")
    try:
        services.settings = services.settings.changed(body)
    except SettingError as error:
        raise ControlError(str(error), at=str(error).partition(":")[0]) from None
    return services.settings.as_json()


async def get_sessions(services: Services, request: Request) -> Any:
    return [_session_view(services, session) for session in services.registry.remembered()]


async def get_session(services: Services, request: Request) -> Any:
    wanted = request.path_params["session_id"]
    for session in services.registry.remembered():
        if session.config.session_id == wanted:
            return _session_view(services, session)
    raise ControlError(f"no session {wanted[:80]!r} is known", at="session_id", status=404)


def _session_view(services: Services, session: Session) -> dict[str, Any]:
    config = session.config
    return {
        "session_id": config.session_id,
        "status": session.status,
        "closed_because": session.closed_because,
        "created_at": int(config.created_at),
        "avatar_id": config.avatar_id,
        "avatar": config.avatar.avatar_id,
        "voice": config.voice.name,
        "emotion": str(config.emotion),
        "quality": str(config.quality),
        "video_encoding": str(config.encoding),
        "version": str(config.version),
        "timeline": services.journal.timeline(config.session_id),
    }


async def get_requests(services: Services, request: Request) -> Any:
    return services.journal.requests()


async def get_clock(services: Services, request: Request) -> Any:
    return {"now": services.clock.now()}


async def advance_clock(services: Services, request: Request) -> Any:
    body = await _body(services, request)
    seconds = body.get("advance") if isinstance(body, dict) else None
    if (
        not isinstance(seconds, int | float)
        or isinstance(seconds, bool)
        or not 0 <= seconds <= MAX_ADVANCE
    ):
        raise ControlError(
            f'send {{"advance": SECONDS}} with a number from 0 to {MAX_ADVANCE}', at="advance"
        )
    services.runtime.advance(float(seconds))
    return {"now": services.clock.now()}


async def put_replies(services: Services, request: Request) -> Any:
    body = await _body(services, request)
    if not isinstance(body, dict) or set(body) - {"chat", "heard"}:
        raise ControlError('send {"chat": [TEXT, ...], "heard": [TEXT, ...]}', at="")
    for name, texts in body.items():
        if not isinstance(texts, list) or not all(isinstance(t, str) and t for t in texts):
            raise ControlError(f"{name} must be a list of non-empty texts", at=name)
        longest = max(map(len, texts), default=0)
        if longest > services.settings.max_text:
            limit = services.settings.max_text
            raise ControlError(f"{name}: {longest} characters are more than {limit}", at=name)
    replies = services.replies
    replies.chat, replies.heard = body.get("chat", []), body.get("heard", [])
    return {"chat": replies.chat, "heard": replies.heard}


async def get_faults(services: Services, request: Request) -> Any:
    return services.catalogue().as_json()


async def put_plan(services: Services, request: Request) -> Any:
    body = await _body(services, request)
    try:
        services.faults.set(read_plan(body, services.catalogue()))
    except PlanError as error:
        raise ControlError(str(error), at=error.at) from None
    return {"plan": services.faults.as_json()}


async def get_report(services: Services, request: Request) -> Any:
    return {"requests": services.journal.count, **services.faults.report()}


async def reset(services: Services, request: Request) -> Any:
    await services.reset()
    return {"status": "ok"}


async def _body(services: Services, request: Request) -> Any:
    length = request.headers.get("content-length", "")
    raw = await read_body(request.receive, length, patience=services.patience)
    return parse_json(raw, request.headers.get("content-type", ""))


async def get_events(services: Services, request: Request) -> Response:
    """Server-sent events: every journal entry from now on."""
    if request.method == "HEAD":
        return Response(media_type="text/event-stream")
    return StreamingResponse(_events(services), media_type="text/event-stream")


async def _events(services: Services) -> Any:
    yield b": the fake's requests and session events as they happen\n\n"
    stopping = asyncio.ensure_future(services.stopping.wait())
    with services.journal.reader() as queue:
        waiting: asyncio.Future[Any] = asyncio.ensure_future(queue.get())
        try:
            while not stopping.done():
                await asyncio.wait(
                    (waiting, stopping),
                    timeout=HEARTBEAT,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if waiting.done():
                    yield b"data: " + json.dumps(waiting.result()).encode() + b"\n\n"
                    waiting = asyncio.ensure_future(queue.get())
                elif not stopping.done():
                    yield b": still here\n\n"
        finally:
            waiting.cancel()
            stopping.cancel()


_ROUTES: tuple[tuple[str, str, Control], ...] = (
    ("GET", "health", health),
    ("GET", "settings", get_settings),
    ("PATCH", "settings", patch_settings),
    ("GET", "sessions", get_sessions),
    ("GET", "sessions/{session_id}", get_session),
    ("GET", "requests", get_requests),
    ("GET", "events", get_events),
    ("GET", "clock", get_clock),
    ("POST", "clock", advance_clock),
    ("PUT", "replies", put_replies),
    ("GET", "faults", get_faults),
    ("PUT", "faults/plan", put_plan),
    ("GET", "faults/report", get_report),
    ("POST", "reset", reset),
)


def control_routes(services: Services) -> list[Route]:
    """The control API's routes; one per path, with all its methods."""
    paths: dict[str, dict[str, Control]] = {}
    for method, name, control in _ROUTES:
        paths.setdefault(f"/__mock__/{name}", {})[method] = control
    return [
        Route(path, _endpoint(services, controls), methods=list(controls))
        for path, controls in paths.items()
    ]


def _endpoint(
    services: Services, controls: dict[str, Control]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        control = controls.get(request.method) or controls["GET"]  # HEAD
        try:
            answer = await control(services, request)
        except ControlError as error:
            return _error(error.status, error.status, str(error), error.at)
        except ApiError as error:
            return _error(400, error.row.code, error.message, "body")
        except (DisconnectedError, ClientDisconnect):
            return Response(status_code=400)
        if isinstance(answer, Response):
            return answer
        return Response(to_json(answer), media_type="application/json")

    return endpoint


def _error(status: int, code: int, message: str, at: str) -> Response:
    body = to_json({"code": code, "message": message, "at": at})
    return Response(body, status_code=status, media_type="application/json")
