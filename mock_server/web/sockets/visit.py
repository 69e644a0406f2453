"""One client's socket of one session: accepted, noted, and closed with the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from starlette.types import Receive, Scope, Send

from mock_server.core import errors
from mock_server.core.effects import Note, SendEvent
from mock_server.core.errors import ApiError
from mock_server.core.session import Session
from mock_server.web.endpoint import refuse_handshake
from mock_server.web.services import Services
from mock_server.web.sockets.socket import GOING_AWAY, NORMAL, Socket

MAX_SOCKETS = 20
"""Sockets of one kind that a session may have at once."""

News = SendEvent | Note
Hear = Callable[[str | bytes], Awaitable[None]]


class Doorkeeper:
    """Lets sockets of one kind in. ``name`` is how the timeline calls them."""

    def __init__(self, name: str, services: Services) -> None:
        self._name = name
        self._services = services
        self._open: WeakKeyDictionary[Session, int] = WeakKeyDictionary()

    async def admit(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        find: Callable[[], Session],
        credential: str | None,
    ) -> tuple[Socket, Session] | None:
        """The open socket and its session; None, and the API's error told, for no session.

        ``find`` raises ApiError.
        """
        error: ApiError | None = None
        session: Session | None = None
        try:
            session = find()
            self._check(session)
        except ApiError as refused:
            error = refused.with_traceback(None)
        entry: dict[str, Any] = {"credential": credential}
        if session is not None:
            entry["session_id"] = session.config.session_id
        self._services.journal.request(
            operation=None,
            method="GET",
            path=scope["path"][:200],
            status=101 if error is None else error.row.status,
            code=None if error is None else error.row.code,
            **entry,
        )
        if error is not None or session is None:
            assert error is not None
            await refuse_handshake(receive, send, error)
            return None
        await receive()
        await send({"type": "websocket.accept"})
        return Socket(receive, send), session

    def _check(self, session: Session) -> None:
        if session.is_over:
            raise ApiError(errors.SESSION_CLOSED)
        if self._open.get(session, 0) >= MAX_SOCKETS:
            raise ApiError(errors.RATE_LIMIT, f"{MAX_SOCKETS} sockets are open")

    async def attend(
        self,
        socket: Socket,
        session: Session,
        *,
        hear: Hear,
        news: Callable[[News], None],
        detail: dict[str, str | float],
    ) -> None:
        """Serves an open socket until it or the session ends. ``news`` must not raise."""
        session_id, journal = session.config.session_id, self._services.journal

        def heard(what: News | None) -> None:
            if what is None:
                over = session.closed_because == "shutdown"
                socket.end(GOING_AWAY if over else NORMAL, "the session is over")
            else:
                news(what)

        self._open[session] = self._open.get(session, 0) + 1
        journal.event(session_id, f"{self._name}_opened", detail)
        stop = self._services.runtime.watch(session, heard)
        try:
            await socket.run(hear)
        finally:
            stop()
            self._open[session] -= 1
            journal.event(session_id, f"{self._name}_closed", {"by": socket.closed_by})
