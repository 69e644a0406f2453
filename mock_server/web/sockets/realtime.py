"""``realtime_endpoint`` of streaming.new: audio for the avatar to speak, as text JSON.

There is no credential: whoever knows the session's id may come in, as in reality (public clients
of 2025 send none). What the service sends is known by name only, from its reference and a public
client's log; ``agent.state_updated`` has states of our own: idle, listening, speaking.
"""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core import realtime as rt
from mock_server.core.effects import SendEvent
from mock_server.core.errors import ApiError
from mock_server.core.session import Session
from mock_server.web.services import Services
from mock_server.web.sockets.presenter import Presenter
from mock_server.web.sockets.socket import Socket
from mock_server.web.sockets.visit import Doorkeeper, News


class RealtimeEndpoint:
    """An ASGI application; the session's id is what follows ``below`` in the path."""

    def __init__(self, services: Services, *, below: str) -> None:
        self._services = services
        self._below = below
        self._door = Doorkeeper("realtime", services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = scope["path"].removeprefix(self._below)
        admitted = await self._door.admit(
            scope, receive, send, find=lambda: self._find(session_id), credential=None
        )
        if admitted is None:
            return
        socket, session = admitted
        desk = _Desk(self._services, socket, session)
        desk.greet()
        await self._door.attend(socket, session, hear=desk.hear, news=desk.news, detail={})

    def _find(self, session_id: str) -> Session:
        for session in self._services.registry.remembered():
            if session.config.session_id == session_id:
                return session
        raise ApiError(errors.SESSION_UNKNOWN, session_id=session_id[:200])


class _Desk:
    """One client's messages, and what it is told."""

    def __init__(self, services: Services, socket: Socket, session: Session) -> None:
        self._runtime = services.runtime
        self._socket = socket
        self._session = session
        self._presenter = Presenter(services.runtime, services.ids, session)
        self._speaking = session.speech is not None
        self._attending = False
        self._shown = "idle"

    def greet(self) -> None:
        # The states that are known do not name a session that was not started.
        status = self._session.status
        self._tell("session.state_updated", state="connecting" if status == "new" else status)
        self._show()

    async def hear(self, said: str | bytes) -> None:
        try:
            if isinstance(said, bytes):
                raise rt.RealtimeError("the message is binary; messages are JSON text")  # noqa: TRY301
            command = rt.parse_command(said)
        except rt.RealtimeError as error:
            self._refuse(errors.invalid("message", str(error)), error.event_id)
            return
        try:
            await self._perform(command)
        except ApiError as error:
            self._refuse(error, command.event_id)

    async def _perform(self, command: rt.Command) -> None:
        presenter = self._presenter
        match command:
            case rt.SpeakAudio(event_id, pcm):
                await presenter.speak(pcm, event_id)
            case rt.SpeakEnd(event_id):
                presenter.end(event_id)
            case rt.Append(_, pcm):
                presenter.append(pcm)
            case rt.Commit(event_id):
                await presenter.commit(event_id)
            case rt.Clear():
                presenter.clear()
            case rt.Interrupt():
                presenter.interrupt()
                await self._runtime.call(self._session, ev.Interrupt)
            case rt.Listen(_, on):
                await self._runtime.call(self._session, lambda n: ev.Listen(n, on=on))
                self._attending = on
                self._show()
            case rt.KeepAlive():
                await self._runtime.call(self._session, ev.KeepAlive)

    def news(self, what: News) -> None:
        if not isinstance(what, SendEvent):
            self._tell("session.state_updated", state=dict(what.detail)["status"])
            return
        match what.type:
            case "avatar_start_talking" | "avatar_stop_talking":
                self._presenter.news(what)
                self._speaking = what.type == "avatar_start_talking"
                kind = "agent.speak_started" if self._speaking else "agent.speak_ended"
                event_id = self._presenter.event_id(what.task_id)
                self._tell(kind, event_id=event_id, task={"id": what.task_id})
            case "user_start" | "user_stop":
                self._attending = what.type == "user_start"
        self._show()

    def _show(self) -> None:
        new = "speaking" if self._speaking else "listening" if self._attending else "idle"
        if new != self._shown:
            self._tell("agent.state_updated", previous_state=self._shown, new_state=new)
            self._shown = new

    def _refuse(self, error: ApiError, event_id: str | None) -> None:
        named = {} if event_id is None else {"event_id": event_id}
        self._tell("error", **named, code=error.row.code, message=error.message)

    def _tell(self, kind: str, **content: Any) -> None:
        self._socket.tell({"type": kind, **content})
