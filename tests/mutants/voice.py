"""Chat sockets and realtime endpoints that are otherwise than they should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.session import Session
from mock_server.peers import Hearing, Publisher
from mock_server.seams import Seams
from mock_server.web.answers import STATUS_SUCCESS, Answer, enveloped
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from mock_server.web.sockets import CHAT, REALTIME
from tests.mutants.driver import KEY
from tests.mutants.mutant import Mutant, edited, handles
from tests.mutants.players import Outer, Peers

Told = dict[str, Any]


def _socket(
    path: str,
    *,
    hears: Callable[[Message], Message | None] = lambda message: message,
    tells: Callable[[Message], Message | None] = lambda message: message,
    asked: Callable[[Scope], None] = lambda scope: None,
) -> Seams:
    """One socket's messages changed, in ASGI's terms; None leaves one out."""

    def odd(of: str, app: ASGIApp) -> ASGIApp:
        async def wrong(scope: Scope, receive: Receive, send: Send) -> None:
            async def hear() -> Message:
                while (message := hears(await receive())) is None:
                    pass
                return message

            async def tell(message: Message) -> None:
                changed = tells(message)
                if changed is not None:
                    await send(changed)

            asked(scope)
            await app(scope, hear, tell)

        return wrong if of == path else app

    return Seams(socket=odd)


def _tells(path: str, change: Callable[[Told], Told | None]) -> Seams:
    """What a socket tells, changed."""

    def edit(message: Message) -> Message | None:
        if message["type"] != "websocket.send":
            return message
        told = change(json.loads(message["text"]))
        return None if told is None else {**message, "text": json.dumps(told)}

    return _socket(path, tells=edit)


def _stays_open(path: str) -> Seams:
    """A socket that its server never closes."""

    def odd(of: str, app: ASGIApp) -> ASGIApp:
        async def wrong(scope: Scope, receive: Receive, send: Send) -> None:
            async def tell(message: Message) -> None:
                if message["type"] != "websocket.close":
                    await send(message)

            await app(scope, receive, tell)
            while (await receive())["type"] != "websocket.disconnect":
                pass

        return wrong if of == path else app

    return Seams(socket=odd)


def _ignores(path: str, ignored: Callable[[bytes | str], bool]) -> Seams:
    """A socket that does not hear some messages."""

    def edit(message: Message) -> Message | None:
        said = message.get("text") or message.get("bytes")
        return None if said and ignored(said) else message

    return _socket(path, hears=edit)


def _ask(change: Callable[[str], str]) -> Callable[[Scope], None]:
    def edit(scope: Scope) -> None:
        scope["query_string"] = change(scope["query_string"].decode()).encode()

    return edit


def _with_key(query: str) -> str:
    """The query of who has the account's own key."""
    others = [pair for pair in query.split("&") if not pair.startswith("session_token=")]
    return "&".join([*others, f"session_token={quote(KEY)}"])


def _binary(message: Message) -> Message:
    text = message.get("text")
    if message["type"] != "websocket.send" or text is None:
        return message
    return {"type": "websocket.send", "bytes": text.encode()}


def _takes_silence_for_talk(message: Message) -> Message:
    """Every other sample of a silence is as loud as can be."""
    said = message.get("bytes")
    loud = said and said.replace(bytes(4), b"\xff\x7f\x00\x80")
    return {**message, "bytes": loud} if said and bytes(64) in said else message


def _ends_after_errors() -> Callable[[Message], Message]:
    def edit(message: Message) -> Message:
        if message["type"] == "websocket.send" and json.loads(message["text"])["type"] == "error":
            return {"type": "websocket.close", "code": 1008}
        return message

    return edit


class _Unread:
    """Implements ``peers.Hearing``: what hears of a viewer's sound, and of no data."""

    def __init__(self, inner: Hearing) -> None:
        self._inner = inner

    def data(self, message: bytes) -> None:
        """Nobody reads it."""

    def sound(self, level: float, seconds: float) -> None:
        self._inner.sound(level, seconds)


class _UnreadPeers(Peers):
    """Peers in rooms where no data packet is read."""

    def publisher(self, hearing: Hearing) -> Publisher:
        return super().publisher(_Unread(hearing))


class _Speechless(Session):
    """Says nothing to what it has heard."""

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._heard = False

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        heard, self._heard = self._heard, isinstance(event, ev.UserStopped)
        return [] if heard and isinstance(event, ev.Speak) else super().handle(event, now)


def _of_talk(change: Callable[[list[ef.SendEvent]], list[ef.Effect]]) -> Seams:
    """What is told at the end of a talk, changed."""

    def edit(session: Session, event: ev.Event, effects: list[ef.Effect]) -> list[ef.Effect]:
        if not isinstance(event, ev.UserStopped):
            return effects
        return change([each for each in effects if isinstance(each, ef.SendEvent)])

    return edited(edit)


async def _nothing(right: Handler, services: Services, call: Call) -> Answer:
    services.session(call.caller, call.body, call.operation_id)
    return enveloped(None, STATUS_SUCCESS)


def _without(field: str) -> Callable[[Told], Told]:
    return lambda told: {name: value for name, value in told.items() if name != field}


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "chat-wants-header", "chat-opens", None, "session_token",
        "looks for a chat socket's token in the headers alone",
        _socket(CHAT, asked=_ask(lambda query: query.replace("session_token", "token"))),
        layer="voice",
    ),
    Mutant(
        "chat-for-all", "chat-credentials", None, "session_token",
        "opens the chat socket of a session for whoever knows its id",
        _socket(CHAT, asked=_ask(_with_key)),
        layer="voice",
    ),
    Mutant(
        "chat-binary", "chat-messages", None, "",
        "tells by the chat socket in binary messages",
        _socket(CHAT, tells=_binary),
        layer="voice",
    ),
    Mutant(
        "chat-type", "chat-messages", None, "event_type",
        "calls the type of what the chat socket tells type",
        _tells(CHAT, lambda told: {"type": told["event_type"], **_without("event_type")(told)}),
        layer="voice",
    ),
    Mutant(
        "chat-text-unread", "chat-answered", None, "frame.text",
        "does not read the texts of the chat socket",
        _ignores(CHAT, lambda said: bytes(said[:1]) == b"\x0a"),  # type: ignore[arg-type]
        layer="voice",
    ),
    Mutant(
        "voice-unanswered", "chat-answered", None, "frame.audio",
        "says nothing to what it has heard",
        Seams(session=_Speechless),
        layer="voice",
    ),
    Mutant(
        "voice-deaf", "voice-events", None, "frame.audio",
        "hears nothing that comes by the chat socket",
        _ignores(CHAT, lambda said: bytes(said[:1]) == b"\x12"),  # type: ignore[arg-type]
        layer="voice",
    ),
    Mutant(
        "voice-hears-silence", "voice-events", None, "frame.audio.audio",
        "takes a microphone's silence for talk",
        _socket(CHAT, hears=_takes_silence_for_talk),
        layer="voice",
    ),
    Mutant(
        "voice-stops-first", "voice-events", None, "user_stop",
        "says that a user stopped before it says what was heard",
        _of_talk(lambda told: [told[-1], *told[:-1]]),
        layer="voice",
    ),
    Mutant(
        "voice-end-untold", "voice-events", None, "user_end_message",
        "does not say when all that was heard was told",
        _of_talk(lambda told: [e for e in told if e.type != "user_end_message"]),
        layer="voice",
    ),
    Mutant(
        "voice-two-tasks", "voice-events", None, "task_id",
        "gives the end of what was heard a task of its own",
        _of_talk(lambda told: [told[0], replace(told[1], task_id="another"), *told[2:]]),
        layer="voice",
    ),
    Mutant(
        "voice-wordless", "voice-events", None, "message",
        "tells what was heard without its words",
        _of_talk(lambda told: [replace(told[0], message=""), *told[1:]]),
        layer="voice",
    ),
    Mutant(
        "voice-always-listens", "voice-listening", "stopListening", "",
        "listens on after stopListening",
        handles("stopListening", _nothing),
        layer="voice",
    ),
    Mutant(
        "voice-listens-never-again", "voice-listening", "startListening", "",
        "does not listen again after startListening",
        handles("startListening", _nothing),
        layer="voice",
    ),
    Mutant(
        "realtime-silent", "realtime-state", None, "session.state_updated",
        "says nothing to who comes to the realtime endpoint",
        _tells(
            REALTIME,
            lambda told: None if told["type"] == "session.state_updated" else told,
        ),
        layer="voice",
    ),
    Mutant(
        "realtime-state-unknown", "realtime-state", None, "state",
        "calls a session at its realtime endpoint active",
        _tells(
            REALTIME,
            lambda told: {**told, "state": "active"} if "state" in told else told,
        ),
        layer="voice",
    ),
    Mutant(
        "realtime-end-untold", "realtime-speak", None, "agent.speak_ended",
        "does not tell at the realtime endpoint that the avatar has spoken",
        _tells(REALTIME, lambda told: None if told["type"] == "agent.speak_ended" else told),
        layer="voice",
    ),
    Mutant(
        "realtime-nameless", "realtime-speak", None, "event_id",
        "does not say at the realtime endpoint what is being spoken",
        _tells(REALTIME, _without("event_id")),
        layer="voice",
    ),
    Mutant(
        "realtime-task-text", "realtime-speak", None, "task.id",
        "tells the task at the realtime endpoint as a text",
        _tells(
            REALTIME,
            lambda told: {**told, "task": told["task"]["id"]} if "task" in told else told,
        ),
        layer="voice",
    ),
    Mutant(
        "realtime-talks-on", "realtime-interrupt", None, "agent.interrupt",
        "does not hear agent.interrupt",
        _ignores(REALTIME, lambda said: "agent.interrupt" in str(said)),
        layer="voice",
    ),
    Mutant(
        "realtime-unforgiving", "realtime-errors", None, "",
        "closes the realtime endpoint after what it cannot take",
        _socket(REALTIME, tells=_ends_after_errors()),
        layer="voice",
    ),
    Mutant(
        "realtime-errors-untold", "realtime-errors", None, "error",
        "ignores at the realtime endpoint what it cannot take",
        _tells(REALTIME, lambda told: None if told["type"] == "error" else told),
        layer="voice",
    ),
    Mutant(
        "realtime-not-kept-alive", "realtime-errors", None, "session.keep_alive",
        "does not know session.keep_alive",
        _socket(REALTIME, hears=lambda message: (
            {**message, "text": message["text"].replace("session.keep_alive", "session.ping")}
            if message.get("text") else message
        )),
        layer="voice",
    ),
    Mutant(
        "chat-outlives", "sockets-end", "stopSession", "chat",
        "leaves the chat socket of a stopped session open",
        _stays_open(CHAT),
        layer="voice",
    ),
    Mutant(
        "realtime-outlives", "sockets-end", "stopSession", "realtime_endpoint",
        "leaves the realtime endpoint of a stopped session open",
        _stays_open(REALTIME),
        layer="voice",
    ),
    Mutant(
        "room-text-unread", "room-text", None, "payload",
        "does not read the data packets of viewers",
        Seams(peers=lambda real: _UnreadPeers(real, Outer)),
        layer="media",
    ),
)  # fmt: skip
