"""``/v1/ws/streaming.chat``: texts and a microphone in, the user's own events out.

The official SDK 2.x opens it for each session and sends what its user writes here, as binary
``pipecat.Frame``, instead of calling streaming.task (npm @heygen/streaming-avatar 2.1.0:
connectWebSocket, speak, WebSocketVoiceChat).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from mock_server.conversation import Voice
from mock_server.core import errors
from mock_server.core.effects import SendEvent
from mock_server.core.levels import levels
from mock_server.core.listening import PUSH_TO_TALK
from mock_server.core.pipecat import Audio, FrameError, parse_frame
from mock_server.core.registry import Credentials
from mock_server.core.session import Session
from mock_server.core.transitions import State
from mock_server.settings import mask
from mock_server.web.headers import Headers
from mock_server.web.services import Services
from mock_server.web.sockets.visit import Doorkeeper, News

_WISHES = ("arch_version", "push_to_talk", "silence_response", "stt_language")
_BLOCK = 0.05
"""Seconds of sound that are listened to at once."""


def read_query(query: bytes) -> dict[str, str]:
    """The first value of each name. A plus is one: the SDK does not escape the token's base64."""
    pairs = (pair.partition("=") for pair in query.decode("latin-1").split("&"))
    found: dict[str, str] = {}
    for name, _, value in pairs:
        found.setdefault(unquote(name), unquote(value))
    return found


class ChatEndpoint:
    """An ASGI application. Several sockets of one session are several clients."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._door = Doorkeeper("chat", services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query, headers = read_query(scope["query_string"]), Headers.read(scope)
        secret = query.get("session_token") or headers.api_key or headers.authorization
        admitted = await self._door.admit(
            scope,
            receive,
            send,
            find=lambda: self._find(query, headers),
            credential=None if secret is None else mask(secret.removeprefix("Bearer ")),
        )
        if admitted is None:
            return
        socket, session = admitted
        conversation = self._services.conversation
        guest = _Guest(conversation.join(session, "chat"))
        opening = query.get("opening_text", "")

        def open_with() -> None:
            if opening and session.state is State.CONNECTED:
                problem = conversation.open_with(session, opening)
                if problem is not None:
                    guest.voice.ignore("opening_text", problem)

        def news(what: News) -> None:
            if isinstance(what, SendEvent):
                if what.way == "chat":
                    socket.tell(chat_message(what))
            else:
                open_with()

        detail: dict[str, str | float] = {n: query[n][:40] for n in _WISHES if n in query}
        pressing = query.get("push_to_talk") == "true"
        undo = conversation.need_press(session) if pressing else lambda: None
        try:
            open_with()
            await self._door.attend(socket, session, hear=guest.hear, news=news, detail=detail)
        finally:
            undo()
            guest.voice.left()

    def _find(self, query: Mapping[str, str], headers: Headers) -> Session:
        services = self._services
        caller = services.authenticate(
            services.contract.operation("sendTask"),
            services.registry,
            Credentials(headers.api_key, query.get("session_token") or headers.bearer()),
            services.settings,
            services.clock.now(),
        )
        session_id = query.get("session_id")
        if not session_id:
            raise errors.invalid("session_id", "it is missing")
        return services.registry.find(caller, session_id)


def chat_message(event: SendEvent) -> dict[str, Any]:
    """What the socket tells of an event: the SDK dispatches on ``event_type``."""
    told: dict[str, Any] = {"event_type": event.type}
    if event.task_id:
        told["task_id"] = event.task_id
    if event.message is not None:
        told["message"] = event.message
    return told


class _Guest:
    """Gives frames to a voice. What is none is ignored, and noted."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    async def hear(self, said: str | bytes) -> None:
        if isinstance(said, str):
            self.voice.ignore("message", "it is text; frames are binary")
            return
        try:
            frame = parse_frame(said)
        except FrameError as error:
            self.voice.ignore("frame", str(error))
            return
        if isinstance(frame, Audio):
            per_second = frame.rate * frame.channels
            for level, samples in levels(frame.pcm, block=max(1, int(per_second * _BLOCK))):
                self.voice.audio(level, samples / per_second)
        elif frame.text in PUSH_TO_TALK:
            self.voice.push_to_talk(on=PUSH_TO_TALK[frame.text])
        else:
            self.voice.text(frame.text)
