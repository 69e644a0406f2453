"""The guard's heart: every request is held against the contract's paths and the budget, sent,
recorded and judged.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from contract.exchange import Exchange, Request, Response
from contract.guard.answers import MARK, allows_origin, marked, preflight
from contract.guard.config import GuardConfig
from contract.guard.credentials import Credentials
from contract.guard.journal import Journal
from contract.guard.judging import LiveJudge
from contract.guard.ledger import Held, Ledger
from contract.guard.pace import Pace
from contract.guard.service import NoAnswerError, Service
from contract.guard.stopping import NotStoppedError, stop
from contract.monitor import Monitor
from contract.spec import Operation, Spec

_STOP_PATIENCE = 2.0
"""Seconds that a stop in the middle of a run is tried for; it is tried again later."""

Sink = Callable[[Exchange], None]


class Proxy:
    """Answers one request after the other, or side by side where the configuration says so.

    Every exchange with the service goes to ``sink`` and to ``monitor``, the guard's own among
    them, in the order in which they ended, with stand-ins in the place of credentials.
    """

    def __init__(
        self,
        config: GuardConfig,
        *,
        spec: Spec,
        service: Service,
        credentials: Credentials,
        journal: Journal,
        monitor: Monitor,
        sink: Sink,
    ) -> None:
        self.ledger = Ledger(
            sessions=config.sessions,
            minutes=config.minutes,
            max_open=config.max_open,
            max_age=config.max_age,
        )
        self.stopped: list[str] = []
        self.exchanges = 0
        self.own: set[int] = set()
        """The numbers of those exchanges that no client asked for."""
        self._config = config
        self._spec = spec
        self._service = service
        self._credentials = credentials
        self._journal = journal
        self._judge = LiveJudge(monitor)
        self._sink = sink
        self._pace = Pace(config.rate, config.max_wait, clock=time.monotonic, wall=time.time)
        self._serial = asyncio.Lock()
        self._over = asyncio.Event()
        self._accepted = False
        self._ended_here: set[str] = set()
        self._untold = False
        """Whether a session was ended here that a list has not been marked for."""

    @property
    def problem(self) -> str | None:
        """Why the judging ended early; None when it did not."""
        return self._judge.problem

    async def answer(self, request: Request) -> Response:
        """The answer to a client: the service's own, or one with an ``x-guard`` header."""
        origin = request.header("origin") if self._config.concurrent else None
        response = await self._answer(request)
        return response if origin is None else allows_origin(response)

    async def tidy(self) -> None:
        """Stops what has been open for too long. To be called again and again."""
        for held in self.ledger.overdue(time.monotonic()):
            async with self._turn():
                with contextlib.suppress(NotStoppedError):
                    await self._stop(held, patience=0)

    async def end(self, patience: float) -> None:
        """Forwards nothing more and stops all that is open, within ``patience`` seconds."""
        self._over.set()
        give_up = time.monotonic() + patience
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                # An answer under way may still hold the id of a session to stop.
                while self.ledger.open or self.ledger.pending:
                    left = give_up - time.monotonic()
                    await asyncio.gather(
                        *(self._stop_quietly(held, patience=left) for held in self.ledger.open)
                    )
                    await asyncio.sleep(0.02)
        self._judge.flush()

    async def _answer(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if path not in self._spec.paths:
            return marked(404, "not-forwarded", "this path is none of the contract's")
        if self._config.concurrent and preflight(request):
            return marked(204, "preflight", "")
        async with self._turn():
            if self._over.is_set():
                return marked(503, "ending", "the guard is about to end")
            operation = self._spec.at(request.method, path)
            try:
                if operation is not None and operation.id == "newSession":
                    return await self._open(request)
                return await self._pass_on(request, operation)
            except NoAnswerError as problem:
                return marked(502, "unreachable", self._credentials.conceal_text(str(problem)))

    async def _open(self, request: Request) -> Response:
        refusal = self.ledger.refusal(time.monotonic())
        if refusal is not None:
            self.ledger.refuse()
            return marked(429, "budget", refusal)
        number = self.ledger.reserve()
        try:
            for held in self.ledger.excess():
                await self._stop(held, patience=_STOP_PATIENCE)
        except NotStoppedError as problem:
            self.ledger.release(number)
            words = f"an open session has to be stopped first, and cannot be: {problem}"
            return marked(429, "max-open", self._credentials.conceal_text(words))
        self._journal.intend(number)
        try:
            response = await self._exchange(request)
        except NoAnswerError as problem:
            self._nothing(number, certain=not problem.sent)
            raise
        except BaseException:
            self._nothing(number, certain=False)
            raise
        session_id = _session_id(response) if response.status < 300 else None
        if session_id is not None:
            self._journal.opened(number, session_id)
            self.ledger.hold(number, session_id, time.monotonic(), request.credentials)
        else:
            self._nothing(number, certain=300 <= response.status < 500)
        return self._with_refusal(request, response)

    def _nothing(self, number: int, *, certain: bool) -> None:
        """No session is known to have been opened by the call; maybe none was."""
        if certain:
            self._journal.void(number)
            self.ledger.release(number)
        else:
            self.ledger.lose(number)

    async def _pass_on(self, request: Request, operation: Operation | None) -> Response:
        response = await self._exchange(request)
        session_id = _named_session(request)
        if operation is not None and operation.id == "stopSession" and response.status < 300:
            self._has_ended(session_id)
        listed = self._untold and operation is not None and operation.id == "listSessions"
        if listed or session_id in self._ended_here:
            self._untold = False
            return _with_mark(response, "stopped")
        return self._with_refusal(request, response)

    def _with_refusal(self, request: Request, response: Response) -> Response:
        """A key that was accepted once is not what a later 401 is about."""
        if self._credentials.only_key(request):
            if response.status == 401 and not self._accepted:
                return _with_mark(response, "key-refused")
            self._accepted = self._accepted or response.status < 300
        return response

    async def _stop_quietly(self, held: Held, *, patience: float) -> None:
        with contextlib.suppress(NotStoppedError):
            await self._stop(held, patience=patience)

    async def _stop(self, held: Held, *, patience: float) -> None:
        await stop(
            self._unless_over,
            self._spec,
            held.session_id,
            credentials=held.credentials,
            patience=patience,
        )
        if self._has_ended(held.session_id):
            self.stopped.append(held.session_id)
            self._ended_here.add(held.session_id)
            self._untold = True

    def _has_ended(self, session_id: str | None) -> bool:
        """Notes it; False when it was noted before, or is none of ours."""
        if session_id is None or not self.ledger.end(session_id, time.monotonic()):
            return False
        self._journal.stopped(session_id)
        return True

    async def _exchange(self, request: Request) -> Response:
        delay = self._pace.claim()
        if delay > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), delay)
            if self._over.is_set():
                raise NoAnswerError("the guard is about to end", sent=False)
        return await self._at_once(request)

    async def _unless_over(self, request: Request) -> Response:
        """Stops at the end do not wait for their turn."""
        response = await (self._at_once if self._over.is_set() else self._exchange)(request)
        self.own.add(self.exchanges)
        return response

    async def _at_once(self, request: Request) -> Response:
        with self._judge.call():
            return await self._recorded(request)

    async def _recorded(self, request: Request) -> Response:
        began = time.time()
        answer = await self._service.call(self._credentials.reveal(request))
        answer = replace(answer, headers=tuple(h for h in answer.headers if h[0] != MARK))
        self._pace.saw(answer)
        for token in _tokens(answer):
            self._credentials.learn_token(token)
        response = self._credentials.conceal(answer)
        self.exchanges += 1
        kept = self._credentials.conceal_request(request)
        exchange = Exchange(self.exchanges, kept, response, began, time.time())
        self._sink(exchange)
        self._judge.ended(exchange)
        return response

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._config.concurrent:
            yield
        else:
            async with self._serial:
                yield


def _with_mark(response: Response, mark: str) -> Response:
    return Response(response.status, (*response.headers, (MARK, mark)), response.body)


def _named_session(request: Request) -> str | None:
    session_id = request.members.get("session_id")
    return session_id if isinstance(session_id, str) else None


def _session_id(response: Response) -> str | None:
    """Where the recorded and the documented shape have it."""
    body = response.members
    inner = body.get("data")
    for place in (inner if isinstance(inner, dict) else {}, body):
        if isinstance(found := place.get("session_id"), str) and found:
            return found
    return None


def _tokens(response: Response) -> list[str]:
    """The session token of createToken. LiveKit's access token is for another server, which the
    client calls itself: it would not work under another name.
    """
    data = response.members.get("data")
    token = data.get("token") if isinstance(data, dict) else None
    return [token] if isinstance(token, str) and len(token) >= 8 else []
