"""One WebSocket, bounded: how much it says at once, and how much waits for a client that is slow.

Closing codes are those of RFC 6455 section 7.4.1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Send

from mock_server.web.answers import to_json

MAX_MESSAGE = 1024 * 1024
"""Bytes of one message: 16 s of 24 kHz audio in base64. The service takes 1 to 4 s at once."""
MAX_UNSENT = 300
"""Messages that wait for a client; one that lets more wait does not read at all."""

NORMAL, GOING_AWAY, TOO_BIG, FAILED, TOO_SLOW = 1000, 1001, 1009, 1011, 1008

Hear = Callable[[str | bytes], Awaitable[None]]


class Socket:
    """An open WebSocket. :meth:`tell` and :meth:`end` never wait."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._unsent: asyncio.Queue[Message] = asyncio.Queue()
        self._ended = False
        self._abandoned = asyncio.Event()
        self.closed_by = "client"
        """``client``, or why this side closed it."""

    def tell(self, message: dict[str, Any]) -> None:
        """A JSON object for the client."""
        if self._ended:
            return
        if self._unsent.qsize() >= MAX_UNSENT:
            self._ended, self.closed_by = True, "the client does not read"
            self._abandoned.set()
            return
        self._unsent.put_nowait({"type": "websocket.send", "text": to_json(message).decode()})

    def end(self, code: int, reason: str) -> None:
        """Closes it after all that was told."""
        if not self._ended:
            self._ended, self.closed_by = True, reason
            self._unsent.put_nowait({"type": "websocket.close", "code": code, "reason": reason})

    async def run(self, hear: Hear) -> None:
        """Lets ``hear`` have each message, until either side closes it."""
        tasks = [
            asyncio.create_task(self._read(hear), name="socket reader"),
            asyncio.create_task(self._write(), name="socket writer"),
            asyncio.create_task(self._abandoned.wait(), name="socket abandoned"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()
        self._ended = True

    async def _read(self, hear: Hear) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            said: str | bytes | None = message.get("bytes")
            if said is None:
                said = message.get("text") or ""
            if len(said) <= MAX_MESSAGE:
                await hear(said)
            elif not self._ended:
                self.end(TOO_BIG, f"a message has more than {MAX_MESSAGE} bytes")
            await asyncio.sleep(0)  # who sends without end must not keep others from their turn

    async def _write(self) -> None:
        with suppress(OSError):  # as ASGI tells that the client is gone
            while True:
                message = await self._unsent.get()
                await self._send(message)
                if message["type"] == "websocket.close":
                    return
