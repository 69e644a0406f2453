"""What serves the WebSockets of the API."""

from __future__ import annotations

from starlette.types import ASGIApp, Scope

from mock_server.core.faults.plan import Deviation
from mock_server.odd_sockets import bad_handshake, status_of
from mock_server.web.services import Services
from mock_server.web.sockets import REALTIME
from mock_server.web.sockets.chat import ChatEndpoint, read_query
from mock_server.web.sockets.odd import Note, OddSockets
from mock_server.web.sockets.realtime import RealtimeEndpoint


def make_app(path: str, services: Services) -> ASGIApp:
    """What serves one of the paths."""
    if path == REALTIME:
        return RealtimeEndpoint(services, below=REALTIME)
    return OddSockets(ChatEndpoint(services), faults=services.faults, note=_noter(services))


def _noter(services: Services) -> Note:
    """Writes into report and journal what went wrong with a socket."""

    def note(scope: Scope, deviation: Deviation) -> None:
        services.faults.use(deviation)
        session_id = read_query(scope["query_string"]).get("session_id", "")
        known = (one.config.session_id for one in services.registry.remembered())
        if session_id in known:
            services.journal.fault(session_id, deviation)
        if bad_handshake((deviation,)) is not None:  # which nobody else writes down
            services.journal.request(
                operation=None,
                method="GET",
                path=scope["path"][:200],
                status=status_of(deviation),
                code=None,
                faults=[deviation.at],
            )

    return note
