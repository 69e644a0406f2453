"""The WebSockets of the API: voice chat, and audio for the avatar to speak."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from mock_server.web.services import Services
from mock_server.web.sockets.chat import ChatEndpoint
from mock_server.web.sockets.realtime import RealtimeEndpoint

CHAT = "/v1/ws/streaming.chat"
REALTIME = "/v2-alpha/interactive-avatar/session/"


def socket_apps(services: Services) -> Mapping[str, ASGIApp]:
    """What serves each path; one that ends with a slash serves what is below it."""
    return {
        CHAT: ChatEndpoint(services),
        REALTIME: RealtimeEndpoint(services, below=REALTIME),
    }
