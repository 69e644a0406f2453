"""A WebSocket to the fake in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from starlette.types import Message, Scope

from contract.exchange import Headers
from contract.wire import EndedError, RefusedError

_HANDSHAKE = 10.0


class Loop(Protocol):
    """What runs the fake: :class:`tests.mutants.driver.Fake`."""

    news: asyncio.Event

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...

    def attend(
        self, task: asyncio.Task[None], until: Callable[[], object], seconds: float
    ) -> None: ...


class AsgiWire:
    """Implements ``contract.wire.Wire``."""

    def __init__(
        self,
        loop: Loop,
        app: Callable[..., Coroutine[Any, Any, None]],
        url: str,
        headers: Headers,
    ) -> None:
        """Raises RefusedError."""
        self._loop = loop
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._messages: list[bytes | str] = []
        self._accepted = self._over = False
        self._status, self._text = 0, b""
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._task = loop.begin(app(_scope(url, headers), self._inbox.get, self._send))
        loop.attend(self._task, lambda: self._accepted or self._over, _HANDSHAKE)
        if not self._accepted:
            raise RefusedError(self._status or 403, self._text.decode())

    def send(self, data: bytes | str) -> None:
        """Sends a message, a text as text. Raises EndedError."""
        if self._over:
            raise EndedError
        kind = "text" if isinstance(data, str) else "bytes"
        self._inbox.put_nowait({"type": "websocket.receive", kind: data})

    def receive(self, seconds: float) -> bytes | str | None:
        """The next message; None when none comes in time. Raises EndedError."""
        if not self._messages and not self._over:
            self._loop.attend(self._task, lambda: self._messages or self._over, seconds)
        if self._messages:
            return self._messages.pop(0)
        if self._over:
            raise EndedError
        return None

    def close(self) -> None:
        """Closes it. May be called twice."""
        self._over = True
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        self._loop.attend(self._task, self._task.done, 0.1)

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._accepted = True
            case "websocket.send":
                content = message.get("bytes")
                self._messages.append(message["text"] if content is None else content)
            case "websocket.close":
                self._over = True
            case "websocket.http.response.start":
                self._status = message["status"]
            case "websocket.http.response.body":
                self._text += message.get("body", b"")
                self._over = not message.get("more_body")
        self._loop.news.set()


def _scope(url: str, headers: Headers) -> Scope:
    parts = urlsplit(url)
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [
            (b"host", parts.netloc.encode()),
            *((name.lower().encode(), value.encode()) for name, value in headers),
        ],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
        "state": {},
    }
