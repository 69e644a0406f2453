"""Routes out of the contract's operations, and what stands around all of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.spec import Contract
from mock_server.web.answers import HttpAnswer, error_body, to_json
from mock_server.web.control import control_routes
from mock_server.web.endpoint import EXPOSED, Endpoint, refuse_websocket, respond
from mock_server.web.guard import Guard
from mock_server.web.handlers import HANDLERS, Handler
from mock_server.web.page_files import Preview, page_routes
from mock_server.web.services import Services

LOCAL = "/__mock__/"
FILES = "/__mock__/page/"


class MismatchError(Exception):
    """openapi.yaml and the handlers do not name the same operations."""


def operation_endpoints(
    contract: Contract, services: Services, handlers: Mapping[str, Handler] = HANDLERS
) -> dict[tuple[str, str], Endpoint]:
    """An endpoint for each method and path of the contract. Raises MismatchError."""
    wanted = {operation.operation_id for operation in contract.operations}
    if missing := sorted(wanted - handlers.keys()):
        raise MismatchError(f"openapi.yaml has operations without a handler: {missing}")
    if extra := sorted(handlers.keys() - wanted):
        raise MismatchError(f"there are handlers without an operation in openapi.yaml: {extra}")
    return {
        (operation.method, operation.path): Endpoint(
            operation, handlers[operation.operation_id], services
        )
        for operation in contract.operations
    }


def operation_routes(endpoints: Mapping[tuple[str, str], Endpoint]) -> list[BaseRoute]:
    """One route per endpoint."""
    routes: list[BaseRoute] = []
    for (method, path), endpoint in endpoints.items():
        route = Route(path, endpoint, methods=[method])
        assert route.methods is not None
        route.methods.discard("HEAD")  # Starlette adds it to GET; the contract has none
        routes.append(route)
    return routes


def build(
    services: Services,
    *,
    guard: Guard,
    preview: Preview,
    lifespan: Lifespan[Starlette],
    handlers: Mapping[str, Handler] = HANDLERS,
    sockets: Mapping[str, ASGIApp] = MappingProxyType({}),
    public: Mapping[str, ASGIApp] = MappingProxyType({}),
) -> WebApp:
    """The whole web application.

    ``sockets`` are the WebSockets by their path, of which one that ends with a slash stands for
    all below it; ``public`` are what any web page may get beside the API.
    """

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        row = errors.METHOD_NOT_ALLOWED if error.status_code == 405 else errors.NOT_FOUND
        path = request.scope["path"][:200]  # request.url fails with an odd Host header
        detail = f"{request.method} {path}"
        services.journal.request(
            operation=None,
            method=request.method,
            path=path,
            status=row.status,
            code=row.code,
        )
        allow = (error.headers or {}).get("Allow", "")
        headers = [(b"content-type", b"application/json")]
        headers += [(b"allow", allow.encode())] if allow else []
        answer = HttpAnswer(row.status, headers, to_json(error_body(ApiError(row, detail))))
        status, headers, content = services.http(request.method, path, answer)
        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        return Response(content, status_code=status, headers=named)

    endpoints = operation_endpoints(services.contract, services, handlers)
    app = Starlette(
        routes=[
            *operation_routes(endpoints),
            *control_routes(services),
            *page_routes(preview, rooms=services.settings.livekit_url),
            *(Route(path, found, methods=["GET"]) for path, found in public.items()),
        ],
        exception_handlers={404: http_error, 405: http_error},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a path that the contract lacks is unknown
    return WebApp(app, guard=guard, endpoints=endpoints, sockets=sockets)


class WebApp:
    """CORS for the API, which any web page may call; the guard for what only this machine may.

    Calls of the API find their endpoint by one look-up and write their CORS headers themselves:
    the way through all routes and Starlette's own middleware costs as much as all of the answer.
    The routes know which methods a path has, and speak when none fits.
    """

    def __init__(
        self,
        app: Starlette,
        *,
        guard: Guard,
        endpoints: Mapping[tuple[str, str], Endpoint],
        sockets: Mapping[str, ASGIApp],
    ) -> None:
        self.state = app.state
        self.routes = app.routes
        self._app = app
        self._endpoints = endpoints
        self._guard = guard
        self._sockets = sockets
        self._cors = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
            # Without it Starlette answers 400 to the preflights that Chromium sends from public
            # pages to private addresses (Private Network Access).
            allow_private_network=True,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope)(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        endpoint = self._endpoints.get((scope["method"], scope["path"]))
        if endpoint is not None:
            await endpoint(scope, receive, send)
        elif scope["method"] == "HEAD" and scope["path"] == "/":
            # livekit-client asks so whether a room's server is there (Room.prepareConnection).
            await self._cors(scope, receive, send)
        elif scope["path"].startswith(FILES):  # files tell nothing, and clients show the previews
            await self._app(scope, receive, send)
        elif scope["path"] == "/" or scope["path"].startswith(LOCAL):
            await self._guarded(scope, receive, send)
        else:
            await self._cors(scope, receive, send)

    def _socket(self, scope: Scope) -> ASGIApp:
        path: str = scope["path"]
        below = f"{path.rpartition('/')[0]}/"
        return self._sockets.get(path) or self._sockets.get(below) or refuse_websocket

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        host, origin = "", None
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            elif name == b"origin":
                origin = value.decode("latin-1")
        problem = self._guard.problem(host, origin)
        if problem is None:
            await self._app(scope, receive, send)
            return
        at = "host" if problem.startswith("host") else "origin"
        content = to_json({"code": 403, "message": problem, "at": at})
        headers = [(b"content-type", b"application/json")]
        await respond(send, HttpAnswer(403, headers, content))
