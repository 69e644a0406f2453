"""Chat sockets that go wrong as a plan says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.core.faults.misplay import acting
from mock_server.core.faults.plan import Deviation, FaultPlan
from mock_server.odd_sockets import bad_handshake, shake
from mock_server.web.answers import to_json

Note = Callable[[Scope, Deviation], None]
"""Writes down that a deviation took effect."""


class OddSockets:
    """An ASGI application around one that serves chat sockets rightly."""

    def __init__(self, inner: ASGIApp, *, faults: FaultPlan, note: Note) -> None:
        self._inner = inner
        self._faults = faults
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        due = self._faults.meet("chat")
        if not due:
            await self._inner(scope, receive, send)
            return
        wrong = bad_handshake(due)
        if wrong is not None:
            self._note(scope, wrong)
            await receive()  # websocket.connect
            await shake(wrong, receive, send)
            return
        odd = _Odd(receive, send, due, lambda one: self._note(scope, one))
        try:
            await self._inner(scope, odd.receive, odd.send)
        finally:
            await odd.end()


class _Odd:
    """The two ways of one socket that opens."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        due: tuple[Deviation, ...],
        used: Callable[[Deviation], None],
    ) -> None:
        self._receive = receive
        self._send = send
        self._due = due
        self._used = used
        self._closing: asyncio.Task[None] | None = None
        self._closed: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    async def receive(self) -> Message:
        """As ASGI has it; a socket that was closed here is one that the client left."""
        if self._closed.done():
            return self._closed.result()
        reading = asyncio.ensure_future(self._receive())
        await asyncio.wait((reading, self._closed), return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            return reading.result()
        reading.cancel()
        return self._closed.result()

    async def send(self, message: Message) -> None:
        """As ASGI has it; nothing more is sent once it was closed here."""
        if self._closed.done():
            return
        await self._send(message)
        if message["type"] == "websocket.accept":
            await self._greet()

    async def end(self) -> None:
        """Nothing more happens."""
        if self._closing is not None:
            self._closing.cancel()
            await asyncio.wait([self._closing])

    async def _greet(self) -> None:
        for one in self._due:
            if (first := _first_message(one)) is not None:
                self._used(one)
                await self._send({"type": "websocket.send", **first})
        closed = acting(self._due, "socket-closed")
        if closed is not None:
            self._closing = asyncio.create_task(self._close(closed), name="odd end of a socket")

    async def _close(self, deviation: Deviation) -> None:
        await asyncio.sleep(deviation["at_ms"] / 1000)
        code = deviation.get("code", 1001)
        self._used(deviation)
        self._closed.set_result({"type": "websocket.disconnect", "code": code})
        with contextlib.suppress(OSError):  # as ASGI tells that the client is gone
            await self._send({"type": "websocket.close", "code": code})


def _first_message(deviation: Deviation) -> Message | None:
    """What is sent before all that is right."""
    if deviation.do == "chat-unknown-event":
        event = {"event_type": deviation.get("name", "user_blinked"), "message": "?"}
        return {"text": to_json(event).decode()}
    if deviation.do != "chat-not-json":
        return None
    match deviation.get("form", "word"):
        case "cut":
            return {"text": '{"event_type":"user_st'}
        case "empty":
            return {"text": ""}
        case "binary":
            return {"bytes": b"\x0a\x06\x1a\x04Hi.\xff"}
        case _:
            return {"text": "user_start"}
