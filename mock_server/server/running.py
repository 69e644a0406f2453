"""How the server begins and ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn

from mock_server.app import create_app
from mock_server.seams import Seams
from mock_server.server.protocol import ApiProtocol
from mock_server.server.secure import Secure
from mock_server.settings import Settings

MAX_MESSAGE = 2 * 1024 * 1024
"""Bytes of one message of a WebSocket; each kind of socket allows less."""


class _Server(uvicorn.Server):
    """Serves over TLS too, and ends sessions before connections: no waiting call holds it up."""

    def __init__(
        self, config: uvicorn.Config, *, secure: Secure | None, started: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._secure = secure
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        if self._secure is not None:
            # uvicorn's own TLS is of all its ports or of none. Like its own, this one is closed
            # by shutdown().
            secure = await asyncio.get_running_loop().create_server(
                self._make_protocol, sock=self._secure.listener, ssl=self._secure.context
            )
            self.servers.append(secure)
        self._on_started()

    def _make_protocol(self) -> asyncio.Protocol:
        return ApiProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        services = self.config.app.state.services  # type: ignore[union-attr]
        services.stop_waiting()
        await services.runtime.end_sessions()
        unheard = asyncio.create_task(self._end_unheard())
        try:
            await super().shutdown(sockets)
        finally:
            unheard.cancel()

    async def _end_unheard(self) -> None:
        """Ends connections over TLS that wait for their client to close too.

        A client that keeps a connection for later does not read, so it never hears of the end;
        asyncio would wait 30 seconds for its close_notify, which nobody needs (RFC 8446, 6.1).
        """
        told: set[asyncio.Transport] = set()
        while True:
            await asyncio.sleep(0.1)
            for transport in told:
                transport.abort()
            told = {
                connection.transport
                for connection in self.server_state.connections
                if connection.transport.get_extra_info("sslcontext") is not None
                and connection.transport.is_closing()
            }

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


_FALSE_ALARMS = frozenset(
    {
        # Of every WebSocket that is answered by a denial response.
        "ASGI callable returned without completing handshake.",
        # With a traceback, of a text frame that a client got wrong; it is closed with 1007.
        "Invalid UTF-8 sequence received from client.",
    }
)
"""What uvicorn 0.54 logs as errors and is none of this program."""


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple) and 'WebSocket %s"' in str(record.msg):
        # The query of a WebSocket holds its token.
        record.args = tuple(
            value.partition("?")[0] if isinstance(value, str) else value for value in record.args
        )
    return record.msg not in _FALSE_ALARMS


def make_server(
    settings: Settings,
    *,
    seams: Seams | None = None,
    secure: Secure | None = None,
    started: Callable[[], None],
) -> uvicorn.Server:
    """A server that is not running yet; ``started`` is called once it answers.

    It serves on the sockets that its ``run`` is given, and over TLS on ``secure``.
    """
    logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
    config = uvicorn.Config(
        create_app(settings, seams),
        http=ApiProtocol,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        loop="asyncio",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return _Server(config, secure=secure, started=started)


def serve(
    settings: Settings,
    *,
    listener: socket.socket,
    secure: Secure | None = None,
    started: Callable[[], None],
) -> None:
    """Runs until SIGINT or SIGTERM; then ends sessions and returns."""
    make_server(settings, secure=secure, started=started).run(sockets=[listener])
