"""The proxy over HTTP: an ASGI application on a loopback socket, by uvicorn."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from typing import Any

import uvicorn

from contract.exchange import Request, Response
from contract.guard.answers import marked
from contract.guard.service import MAX_BODY, carried

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = Callable[[Request], Awaitable[Response]]

_KEEP_ALIVE = 600
"""Seconds; a client that finds its idle connection closed may send a request twice."""


class GuardServer(uvicorn.Server):
    """Leaves signals to the guard, which has sessions to stop before it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 chooses a free one. Raises OSError."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def make_server(answer: Answer) -> GuardServer:
    """A server that asks ``answer`` for every request."""

    async def app(scope: _Scope, receive: _Receive, send: _Send) -> None:
        request = await _read(scope, receive)
        if request is None:
            response = marked(413, "too-large", f"the body is larger than {MAX_BODY} bytes")
        else:
            response = await answer(request)
        await _write(response, scope["method"], send)

    return GuardServer(
        uvicorn.Config(
            app,
            # httptools knows a list of methods and refuses others; wrong ones are for the service.
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=1,
        )
    )


async def _read(scope: _Scope, receive: _Receive) -> Request | None:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        more = message.get("more_body", False)
    query = scope["query_string"]
    path = scope["raw_path"] + (b"?" + query if query else b"")
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    ]
    return Request(scope["method"], path.decode("latin-1"), tuple(carried(headers)), bytes(body))


async def _write(response: Response, method: str, send: _Send) -> None:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers
    ]
    if response.status not in {204, 304}:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if method == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body})
