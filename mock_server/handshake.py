"""A WebSocket that is not opened, in terms of ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def deny(
    send: Send, *, status: int, content: bytes, type_: str = "text/plain; charset=utf-8"
) -> None:
    """Answers a handshake with an HTTP answer (ASGI's denial response)."""
    headers = [
        (b"content-type", type_.encode()),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": content})
