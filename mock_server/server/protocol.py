"""One connection: bytes to requests, and answers to bytes, broken ones too."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.web.answers import error_body, to_json
from mock_server.web.wire import EXTENSION

_AT_ONCE = struct.pack("ii", 1, 0)
"""To linger for no time: closing drops what is unsent and sends a RST (socket(7), SO_LINGER)."""


class AnswerTransport:
    """A transport that writes once per turn of the loop, and can keep back an answer.

    uvicorn writes head and body apart, each a system call here and a wake-up of the client. For
    answers that are broken on purpose it is the ``Wire`` that their requests are given.
    """

    __slots__ = ("_captured", "_held", "_loop", "_lost", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._captured: list[bytes] | None = None
        self._lost = asyncio.Event()

    def write(self, data: bytes) -> None:
        if self._captured is not None:
            self._captured.append(data)
            return
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def capture(self) -> None:
        self._flush()
        self._captured = []

    def release(self) -> tuple[bytes, bytes]:
        kept, self._captured = self._captured or [], None
        return b"".join(kept[:1]), b"".join(kept[1:])

    def reset(self) -> None:
        self._flush()
        connection = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # the client was faster
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()

    def lose(self) -> None:
        """The connection has ended."""
        self._lost.set()

    async def lost(self) -> None:
        await self._lost.wait()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class ApiProtocol(HttpToolsProtocol):
    """Answers in one piece, and what is no HTTP in the API's error form too."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._answers = AnswerTransport(transport, self.loop)
        self.transport = cast("asyncio.Transport", self._answers)
        self._extensions: dict[str, Any] = {EXTENSION: self._answers}

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._answers.lose()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def send_400_response(self, msg: str) -> None:
        content = to_json(error_body(ApiError(errors.INVALID_PARAMETER, msg)))
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()

    def shutdown(self) -> None:
        super().shutdown()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.more_body:
            self.transport.abort()  # who is still sending would hold up the end
