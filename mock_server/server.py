"""The only place that knows uvicorn: sockets, bytes, signals, and the server as an object."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import signal
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.app import create_app
from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.seams import Seams
from mock_server.settings import Settings
from mock_server.web.answers import error_body, to_json

DEFAULT_KEY = "test-key"


class ListenError(Exception):
    """The address cannot be listened on. The text names it and the remedy."""


class ApiProtocol(HttpToolsProtocol):
    """Answers what is no HTTP in the API's error form too."""

    def send_400_response(self, msg: str) -> None:
        content = to_json(error_body(ApiError(errors.INVALID_PARAMETER, msg)))
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()


class _Server(uvicorn.Server):
    """Ends sessions before connections, so that no waiting call holds up the end."""

    def __init__(self, config: uvicorn.Config, *, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
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
    """A listening socket for the settings' host and port. Raises ListenError."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ListenError(f"--host {host}: {error.strerror or error}") from None
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


def url_of(listener: socket.socket) -> str:
    """The server's address as a URL, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_server(
    settings: Settings, *, seams: Seams | None = None, started: Callable[[], None]
) -> uvicorn.Server:
    """A server that is not running yet; ``started`` is called once it answers."""
    config = uvicorn.Config(
        create_app(settings, seams),
        http=ApiProtocol,
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return _Server(config, started=started)


def serve(settings: Settings, *, listener: socket.socket, started: Callable[[], None]) -> None:
    """Runs until SIGINT or SIGTERM; then ends sessions and returns."""
    make_server(settings, started=started).run(sockets=[listener])


class MockServer:
    """The fake on a free port, in a thread of its own, as a context manager, sync or async.

    ``settings`` are those of ``heygen-mock serve``; host and port default to 127.0.0.1 and 0::

        with MockServer(max_sessions=1) as fake:
            client = MyClient(base_url=fake.url, api_key=fake.key)
    """

    def __init__(self, *, seams: Seams | None = None, **settings: Any) -> None:
        self._settings = Settings(**{"port": 0, **settings})
        self._seams = seams
        self._started = threading.Event()
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self.url = ""
        self.key = self._settings.api_key[0] if self._settings.api_key else DEFAULT_KEY

    def start(self) -> None:
        """Returns when the server answers. Raises ListenError."""
        listener = listen(self._settings)
        self.url = url_of(listener)
        ready = self._started
        self._server = make_server(self._settings, seams=self._seams, started=ready.set)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="heygen-mock", daemon=True
        )
        self._thread.start()
        while not ready.wait(0.1):
            if not self._thread.is_alive():
                raise ListenError("the server ended while it started; its log says why")

    def stop(self) -> None:
        """Ends sessions and server; may be called twice."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = self._thread = None
            self._started.clear()

    def sessions(self) -> list[dict[str, Any]]:
        """Every session since the start or the last reset, open and closed, with its timeline."""
        return self._control("GET", "sessions")  # type: ignore[no-any-return]

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the start or the last reset, oldest first."""
        return self._control("GET", "requests")  # type: ignore[no-any-return]

    def advance(self, seconds: float) -> None:
        """Moves the fake's clock on; everything due on the way happens, in order."""
        self._control("POST", "clock", {"advance": seconds})

    def change(self, **settings: Any) -> None:
        """Changes live settings until the next reset."""
        self._control("PATCH", "settings", settings)

    def replies(self, *, chat: list[str]) -> None:
        """What the avatar answers to the next chat tasks."""
        self._control("PUT", "replies", {"chat": chat})

    def reset(self) -> None:
        """Sessions, tokens, journal, settings and clock as at the start."""
        self._control("POST", "reset")

    def _control(self, method: str, name: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own http address
            f"{self.url}/__mock__/{name}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with self._open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            raise ValueError(f"{name}: {problem['message']}") from None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)
