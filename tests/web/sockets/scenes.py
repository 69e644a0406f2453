"""Sessions and sockets for the tests of the sockets."""

from __future__ import annotations

from typing import Any

from mock_server.core import events as ev
from tests.web.site import KEY, Headers, Site
from tests.web.visitor import Visitor


def open_v2(site: Site, headers: Headers = KEY, /, **body: Any) -> str:
    """A session of v2 whose room nobody has joined."""
    return site.new(headers, version="v2", **body)


def be_viewed(site: Site, session_id: str, headers: Headers = KEY) -> None:
    """Starts a session of v2 and lets it have its first viewer."""
    assert site.call("startSession", headers, session_id=session_id).status == 200

    async def connect() -> None:
        site.services.runtime.submit(find(site, session_id), ev.Connected())

    site.run(connect())


def connect_v2(site: Site, headers: Headers = KEY, /, **body: Any) -> str:
    session_id = open_v2(site, headers, **body)
    be_viewed(site, session_id, headers)
    return session_id


def find(site: Site, session_id: str) -> Any:
    sessions = site.services.registry.remembered()
    return next(s for s in sessions if s.config.session_id == session_id)


def chat(site: Site, session_id: str, token: str = "key", more: str = "") -> Visitor:
    """A chat socket, as the official SDK opens it."""
    query = f"session_id={session_id}&session_token={token}{more}"
    return Visitor(site, f"/v1/ws/streaming.chat?{query}")


def realtime(site: Site, session_id: str) -> Visitor:
    return Visitor(site, f"/v2-alpha/interactive-avatar/session/{session_id}")


def entries(site: Site, session_id: str, *events: str) -> list[dict[str, Any]]:
    """The entries of the session's timeline that are of these events."""
    timeline = site.control("GET", f"sessions/{session_id}").json["timeline"]
    found = [entry for entry in timeline if not events or entry["event"] in events]
    return [{k: v for k, v in entry.items() if k != "t"} for entry in found]
