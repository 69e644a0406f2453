"""The only place that knows uvicorn: sockets, bytes and signals."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mock_server.app import create_app
from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.seams import Seams
from mock_server.settings import Settings
from mock_server.web.answers import error_body, to_json


class ListenError(Exception):
    """The address cannot be listened on. The text names it and the remedy."""


class _WholeAnswers:
    """A transport that writes once per turn of the loop.

    uvicorn writes head and body apart, each a system call here and a wake-up of the client.
    """

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

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
        self.transport = cast("asyncio.Transport", _WholeAnswers(transport, self.loop))

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


class _Server(uvicorn.Server):
    """Ends sessions before connections, so that no waiting call holds up the end."""

    def __init__(self, config: uvicorn.Config, *, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        services = self.config.app.state.services  # type: ignore[union-attr]
        services.stopping.set()
        await services.runtime.end_sessions()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again at the end; a server that was asked to end ends with 0.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(settings: Settings) -> socket.socket:
    """A listening socket for the settings' host and port.

    Raises ListenError, also when media cannot be bound where the settings want it.
    """
    host, port = settings.host, settings.port
    if settings.media == "real":
        _check_media(settings.media_addresses()[0])
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        problem = getattr(error, "strerror", None) or error
        raise ListenError(f"--host {host}: {problem}; give an address of this machine") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            text = f"port {port} is taken; choose another with --port, or --port 0 for a free one"
        else:
            text = f"cannot listen on {host} port {port}: {error.strerror}"
        raise ListenError(text) from None
    return listener


def _check_media(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as error:
            raise ListenError(
                f"media cannot be bound to {address}: {error.strerror}; give an address of this "
                "machine with --media-ip, or --media none"
            ) from None


def url_of(listener: socket.socket) -> str:
    """The server's address as a URL, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    # uvicorn 0.54 says so of every WebSocket that is answered by a denial response.
    return record.getMessage() != "ASGI callable returned without completing handshake."


def make_server(
    settings: Settings, *, seams: Seams | None = None, started: Callable[[], None]
) -> uvicorn.Server:
    """A server that is not running yet; ``started`` is called once it answers."""
    logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
    config = uvicorn.Config(
        create_app(settings, seams),
        http=ApiProtocol,
        ws="websockets-sansio",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return _Server(config, started=started)


def serve(settings: Settings, *, listener: socket.socket, started: Callable[[], None]) -> None:
    """Runs until SIGINT or SIGTERM; then ends sessions and returns."""
    make_server(settings, started=started).run(sockets=[listener])
