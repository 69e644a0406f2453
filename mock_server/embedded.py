"""The fake inside another program: a server in a thread of its own, steered by methods."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from mock_server.seams import Seams
from mock_server.server import ListenError, listen, listen_securely, make_server, url_of
from mock_server.settings import Settings, from_values

DEFAULT_KEY = "test-key"


class MockServer:
    """The fake on a free port, in a thread of its own, as a context manager, sync or async.

    ``settings`` are those of ``heygen-mock serve``, the environment is not read; host and port
    default to 127.0.0.1 and 0::

        with MockServer(max_sessions=1) as fake:
            client = MyClient(base_url=fake.url, api_key=fake.key)

    With ``tls_port=0`` it is served over TLS too, at ``fake.tls_url``, for clients that trust the
    file ``fake.certificate``.

    Raises SettingError for a setting that does not exist or cannot have its value. A stopped
    server can be started again, as new; with port 0 it then has another port.
    """

    def __init__(self, *, seams: Seams | None = None, **settings: object) -> None:
        self._settings = from_values({"port": 0, **settings})
        self._seams = seams
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self.url = ""
        self.tls_url = ""
        """Its address over TLS; empty without ``tls_port``."""
        self.certificate = ""
        """The file of the certificate (PEM), for whoever is to trust it."""
        self.key = self._settings.api_key[0] if self._settings.api_key else DEFAULT_KEY

    def start(self) -> None:
        """Returns when the server answers, at once when it runs. Raises ListenError."""
        with self._lock:
            if self._running is None:
                running = _Running(self._settings, self._seams)
                running.start()
                self._running = running
                self.url, secure = running.url, running.secure
                if secure is not None:
                    self.tls_url = secure.url
                    self.certificate = str(secure.kept.certificate)

    def stop(self) -> None:
        """Ends sessions and server, and returns when both have ended; may be called twice."""
        with self._lock:
            if self._running is not None:
                self._running.stop()
                self._running = None

    def now(self) -> float:
        """The fake's time in Unix seconds, which :meth:`advance` moves on."""
        return float(self._control("GET", "clock")["now"])

    def sessions(self) -> list[dict[str, Any]]:
        """Every session since the start or the last reset, open and closed, with its timeline."""
        return list(self._control("GET", "sessions"))

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the start or the last reset, oldest first."""
        return list(self._control("GET", "requests"))

    def advance(self, seconds: float) -> None:
        """Moves the fake's clock on; everything due on the way happens, in order."""
        self._control("POST", "clock", {"advance": seconds})

    def change(self, **settings: object) -> None:
        """Changes live settings until the next reset. Raises ValueError, naming the setting."""
        self._control("PATCH", "settings", settings)

    def replies(self, *, chat: Sequence[str] = (), heard: Sequence[str] = ()) -> None:
        """What the avatar answers to the next chat tasks, and what it hears in voice chat."""
        self._control("PUT", "replies", {"chat": list(chat), "heard": list(heard)})

    def play(self, plan: Sequence[Mapping[str, object]]) -> None:
        """Misbehaves from now on as the plan says, until the next reset; ``[]`` is healthy.

        Raises ValueError that names the place of a mistake.
        """
        self._control("PUT", "faults/plan", list(plan))

    def report(self) -> dict[str, Any]:
        """How often each deviation of the plan was applied, and which never were."""
        return dict(self._control("GET", "faults/report"))

    def reset(self) -> None:
        """Sessions, tokens, journal, replies, plan, settings and clock as at the start."""
        self._control("POST", "reset")

    def _control(self, method: str, name: str, body: object = None) -> Any:
        if self._running is None:
            raise RuntimeError("the fake is not running; start it by `with MockServer() as fake:`")
        # Importing it takes 20 ms, which no start should wait for.
        from http.client import HTTPConnection  # noqa: PLC0415

        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(
                method,
                f"/__mock__/{name}",
                body=None if body is None else json.dumps(body),
                headers={"content-type": "application/json"},
            )
            answer = connection.getresponse()
            content = json.load(answer)
        if answer.status != 200:
            raise ValueError(f"{name}: {content['message']}")
        return content

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


class _Running:
    """One run of a server in a thread of its own."""

    def __init__(self, settings: Settings, seams: Seams | None) -> None:
        self._ready = threading.Event()
        self._listener = listen(settings)
        self.secure = None
        try:
            self.secure = listen_securely(settings)
            self._server = make_server(
                settings, seams=seams, secure=self.secure, started=self._ready.set
            )
        except BaseException:
            self._close()
            raise
        self.url = url_of(self._listener)
        self._failure: BaseException | None = None
        # A daemon, so that a test run that is killed in the middle can end.
        self._thread = threading.Thread(target=self._run, name="heygen-mock", daemon=True)

    def start(self) -> None:
        self._thread.start()
        try:
            self._wait_until_ready()
        except BaseException:  # Ctrl-C among them
            self.stop()
            raise

    def _wait_until_ready(self) -> None:
        while not self._ready.wait(0.05):
            if not self._thread.is_alive() and not self._ready.is_set():
                raise ListenError("the server ended while it started") from self._failure

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as failure:  # noqa: BLE001 - start() raises it in the caller's thread
            self._failure = failure
        finally:
            self._close()

    def _close(self) -> None:
        self._listener.close()
        if self.secure is not None:
            self.secure.listener.close()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
