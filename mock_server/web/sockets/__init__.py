"""The WebSockets of the API: voice chat, and audio for the avatar to speak."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.web.services import Services

CHAT = "/v1/ws/streaming.chat"
REALTIME = "/v2-alpha/interactive-avatar/session/"


def socket_apps(services: Services) -> Mapping[str, ASGIApp]:
    """What serves each path; one that ends with a slash serves what is below it."""
    return {path: _Later(path, services) for path in (CHAT, REALTIME)}


class _Later:
    """Imports what serves a path when it is first wanted: 15 ms that no start should wait for."""

    def __init__(self, path: str, services: Services) -> None:
        self._path = path
        self._services = services
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            from mock_server.web.sockets.apps import make_app  # noqa: PLC0415

            self._app = make_app(self._path, self._services)
        await self._app(scope, receive, send)
