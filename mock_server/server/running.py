"""How the server begins and ends."""

from __future__ import annotations

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
from mock_server.settings import Settings


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
        services.stop_waiting()
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
