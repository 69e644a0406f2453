"""The fake in this process, without sockets, as a subject: thousands of requests a second.

Its time is the event loop's, which is skipped over wherever a request waits for it. What connects
sessions is a viewer that only says so, so that every state of the life cycle can be reached.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from starlette.types import Message, Scope

import mock_server.livekit.rooms  # noqa: F401 - else imported in a thread, at leisure
from contract.exchange import Headers, Request, Response, UnreachableError
from contract.spec import Spec
from contract.subject import Subject, Viewer
from contract.viewers.paper import PaperViewer, write_answer, write_offer
from contract.viewers.rooms import RoomViewers
from contract.wire import Wire
from mock_server.app import create_app
from mock_server.clock import Clock
from mock_server.peers import (
    Hearing,
    Peer,
    PeerConnected,
    PeerFactory,
    PeerLost,
    PeerNews,
    PeerSpec,
    Publisher,
)
from mock_server.seams import Seams
from mock_server.settings import Settings
from mock_server.web.services import Services
from tests.mutants.wire import AsgiWire

KEY, OTHER_KEY = "first-account", "second-account"
MAX_SESSIONS = 3
_PATIENCE = 1.0
"""Seconds that a request of a thread of its own waits for other threads to act, before time is
skipped for it."""


class _IdleSelector(selectors.DefaultSelector):
    """Says when the loop has nothing to do, instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.skips = True
        self.idle: Callable[[], None] = lambda: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if ready:
            return ready
        if self.skips and timeout is not None:
            self.skipped += timeout
        elif self.skips:
            return super().select(1.0)  # another thread of the fake is at work
        else:
            self.idle()
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = _IdleSelector()
        super().__init__(self.selector)
        self.selector.idle = self.stop

    def time(self) -> float:
        return super().time() + self.selector.skipped


class Fake:
    """One fake with its loop. ``send`` may be called from several threads."""

    def __init__(
        self, seams: Seams | None = None, *, held: bool = True, settings: Settings | None = None
    ) -> None:
        """``held`` is whether sessions wait for :attr:`viewer` to be connected."""
        seams = seams or Seams()
        self.viewer: Viewer = PaperViewer(connects=True)
        if held:
            hall = _Hall()
            self.viewer = _HeldViewer(self, hall)
            wrong = seams.peers
            seams = replace(seams, peers=lambda real: wrong(_HeldPeers(real, hall)))
        self._loop = _Loop()
        self._lock = threading.RLock()
        self._acted = threading.Condition()
        self._owner = threading.get_ident()
        self._zero = time.time() - self._loop.time()
        settings = settings or Settings(
            media="none", api_key=(KEY, OTHER_KEY), max_sessions=MAX_SESSIONS, seed=1
        )
        clock = Clock(epoch=self.now(), monotonic=self._loop.time)
        self._app = create_app(settings, seams, clock=clock)
        self.services: Services = self._app.state.services
        self.news = asyncio.Event()
        """Set when a WebSocket was sent something."""
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._lifespan = self._loop.create_task(self._live())
        self._run(self._say("startup"))

    def close(self) -> None:
        """Ends it."""
        self._run(self._say("shutdown"))
        self._run(_result(self._lifespan))
        for task in asyncio.all_tasks(self._loop):  # of sessions that a bug leaves behind
            task.cancel()
        self._run(self._loop.shutdown_default_executor())
        self._loop.close()

    def now(self) -> float:
        """Unix seconds of the judge's clock, which :meth:`advance` does not move."""
        return self._zero + self._loop.time()

    def subject(self, spec: Spec, *, seed: int = 1, concurrent: bool = True) -> Subject:
        """The fake as what a stimulus drives."""
        return Subject(
            spec=spec,
            url="http://127.0.0.1:8000",
            send=self.send,
            key=KEY,
            other_key=OTHER_KEY,
            viewer=self.viewer,
            advance=self.advance,
            max_sessions=MAX_SESSIONS,
            seed=seed,
            clock=self.now,
            concurrent=concurrent,
            rooms=RoomViewers(self.dial, clock=self.now),
        )

    def dial(self, url: str, headers: Headers) -> Wire:
        """Implements ``contract.wire.Dial``."""
        return AsgiWire(self, self._app, url, headers)

    def attend(self, task: asyncio.Task[None], until: Callable[[], object], seconds: float) -> None:
        """Until the condition is true, the task done, or so much of the loop's time is gone."""
        with self._lock:
            deadline = self._loop.time() + seconds
            while not (until() or task.done()) and self._loop.time() < deadline:
                self._run(_until_news(self.news, deadline - self._loop.time()))

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Something that goes on beside all else."""
        with self._lock:
            return self._loop.create_task(work)

    def send(self, request: Request) -> Response:
        """Implements ``contract.exchange.Send``."""
        exchange = _Exchange(request)
        with self._lock:
            task = self._loop.create_task(exchange.run(self._app))
            self._drive(task, skips=self._owner == threading.get_ident())
        while not task.done():
            with self._acted:
                acted = self._acted.wait(_PATIENCE)
            with self._lock:
                self._drive(task, skips=not acted)
        with self._acted:
            self._acted.notify_all()
        return task.result()

    def advance(self, seconds: float) -> None:
        """Moves its clock on; what is due on the way has happened."""

        async def move() -> None:
            self.services.runtime.advance(seconds)
            await asyncio.sleep(0)

        self.do(move())

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something on its loop."""
        with self._lock:
            self._run(work)
        with self._acted:
            self._acted.notify_all()

    def _drive(self, task: asyncio.Task[Any], *, skips: bool) -> None:
        """Until the task is done, or waits for what only another thread can bring."""
        if task.done():
            return
        self._loop.selector.skips = skips
        stop = self._stop
        task.add_done_callback(stop)
        try:
            self._loop.run_forever()
        finally:
            task.remove_done_callback(stop)
            self._loop.selector.skips = True

    def _stop(self, task: asyncio.Task[Any]) -> None:
        self._loop.stop()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._loop.run_until_complete(work)

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        await self._app(scope, self._inbox.get, self._outbox.put)

    async def _say(self, what: str) -> None:
        await self._inbox.put({"type": f"lifespan.{what}"})
        assert (await self._outbox.get())["type"] == f"lifespan.{what}.complete"


async def _result(task: asyncio.Task[None]) -> None:
    await task


class _Exchange:
    """The client's side of one request, as ASGI has it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._taken = False
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = b""

    async def run(self, app: Callable[..., Coroutine[Any, Any, None]]) -> Response:
        request = self._request
        path, _, query = request.path.partition("?")
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (b"host", b"127.0.0.1:8000"),
                (b"content-length", str(len(request.body)).encode()),
                *((n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in request.headers),
            ],
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 50000),
            "state": {},
        }
        await app(scope, self._receive, self._send)
        if not self._status:
            raise UnreachableError("the fake ended a request without an answer")
        headers = tuple((n.decode().lower(), v.decode("latin-1")) for n, v in self._headers)
        return Response(self._status, headers, self._body)

    async def _receive(self) -> Message:
        if self._taken:
            await asyncio.Event().wait()
        self._taken = True
        return {"type": "http.request", "body": self._request.body, "more_body": False}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], list(message["headers"])
        elif self._request.method != "HEAD":
            self._body += message.get("body", b"")


async def _until_news(news: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()
    news.clear()


class _Hall:
    """Who waits to be connected, and who can leave."""

    def __init__(self) -> None:
        self.waiting: dict[str, Callable[[PeerNews], None]] = {}
        self.seated: dict[str, Callable[[PeerNews], None]] = {}


class _HeldPeers:
    """Peers that report a connection only when their viewer says so."""

    def __init__(self, real: PeerFactory, hall: _Hall) -> None:
        self._real = real
        self._hall = hall

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer:
        if "_reliable" in spec.channels:
            return self._real(spec, notify)  # in a room it comes and goes as it likes

        def hold(news: PeerNews) -> None:
            if isinstance(news, PeerConnected):
                self._hall.waiting[spec.session_id] = notify
            else:
                notify(news)

        return self._real(spec, hold)

    def publisher(self, hearing: Hearing) -> Publisher:
        return self._real.publisher(hearing)

    async def close(self) -> None:
        await self._real.close()


class _HeldViewer:
    """Implements ``contract.subject.Viewer`` beside :class:`_HeldPeers`."""

    def __init__(self, fake: Fake, hall: _Hall) -> None:
        self._fake = fake
        self._hall = hall

    def answer(self, session_id: str, offer: str) -> str:
        return write_answer(session_id, offer)

    def offer(self, session_id: str) -> str:
        return write_offer(session_id)

    def connected(self, session_id: str, answer: str | None = None) -> bool:
        notify = self._hall.waiting.pop(session_id, None)
        if notify is None:
            return False
        self._hall.seated[session_id] = notify
        self._fake.do(_tell(notify, PeerConnected()))
        return True

    def leave(self, session_id: str) -> None:
        notify = self._hall.seated.pop(session_id, None)
        if notify is not None:
            self._fake.do(_tell(notify, PeerLost("the viewer closed the connection")))

    def close(self) -> None:
        """Nothing is open."""


async def _tell(notify: Callable[[PeerNews], None], news: PeerNews) -> None:
    notify(news)
