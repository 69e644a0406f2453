"""WebSockets whose handshake goes wrong as a plan says, in terms of ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from mock_server.core.faults.misplay import acting
from mock_server.core.faults.plan import Deviation
from mock_server.handshake import Send, deny

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

REFUSED, CLOSED_EARLY, STALLED = "socket-refused", "socket-closed-early", "socket-stalled"

TEXTS = {
    401: "invalid token",
    403: "forbidden",
    404: "Not Found",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""What a handshake is refused with, by its status. livekit-client shows it to people."""


def bad_handshake(due: Iterable[Deviation]) -> Deviation | None:
    """The deviation by which the handshake goes wrong; None when it goes on."""
    return acting(tuple(due), REFUSED, CLOSED_EARLY, STALLED)


def status_of(deviation: Deviation) -> int | None:
    """What such a handshake is answered with; None for never."""
    if deviation.do == STALLED:
        return None
    return int(deviation["status"]) if deviation.do == REFUSED else 101


async def shake(deviation: Deviation, receive: Receive, send: Send) -> None:
    """Does a handshake wrongly, to its end; the client's wish to connect was received."""
    if deviation.do == REFUSED:
        status = deviation["status"]
        await deny(send, status=status, content=TEXTS[status].encode())
    elif deviation.do == CLOSED_EARLY:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})
    else:  # until the client gives up, or the server ends
        await receive()
