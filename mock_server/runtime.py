"""Performs what sessions ask for, feeds outcomes back as events, and owns every task."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from mock_server.clock import Clock
from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.errors import ApiError
from mock_server.core.faults.messages import outgoing
from mock_server.core.faults.outbox import Outbox
from mock_server.core.faults.plan import Deviation, FaultPlan
from mock_server.core.registry import Registry
from mock_server.core.sdp import SdpError
from mock_server.core.session import Session
from mock_server.core.speech import Speech
from mock_server.core.transitions import State
from mock_server.journal import Journal
from mock_server.peers import (
    Audience,
    Listener,
    Peer,
    PeerConnected,
    PeerNews,
    Peers,
    PeerSpec,
    PeerUnavailableError,
    Room,
    Rooms,
)

Watcher = Callable[[ef.SendEvent | ef.Note | None], None]
"""Hears a session's events and changes of state as they happen, and None when it is over."""

STEP_TIMEOUT = 15.0
"""Seconds after which a step of a peer counts as crashed; on loopback they take milliseconds."""

CATCH_UP_TURNS = 50
"""Turns of the event loop in which what is in a peer's socket is read and heard; a handshake's
last flight takes fewer than ten."""

log = logging.getLogger("heygen_mock")


@dataclass(slots=True)
class _Waiter:
    """One caller's wait for a Reply or a Refuse, which often comes before it begins."""

    answer: ef.Reply | ef.Refuse | None = None
    future: asyncio.Future[ef.Reply | ef.Refuse] | None = None

    def resolve(self, answer: ef.Reply | ef.Refuse) -> None:
        self.answer = answer
        if self.future is not None and not self.future.done():
            self.future.set_result(answer)

    async def wait(self) -> ef.Outcome:
        answer = self.answer
        if answer is None:
            self.future = asyncio.get_running_loop().create_future()
            answer = await self.future
        if isinstance(answer, ef.Refuse):
            raise ApiError(answer.row, answer.detail)
        return answer.outcome


@dataclass(slots=True)
class _Live:
    """What a session that is not closed holds of the world."""

    session: Session
    steps: asyncio.Queue[ef.Effect]
    peer: Peer | None = None
    room: Room | None = None
    watchers: list[Watcher] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    due: float | None = None
    outbox: Outbox = field(default_factory=Outbox)

    @property
    def audience(self) -> Audience | None:
        return self.room or self.peer


class Runtime:
    """Performs the effects of all sessions.

    Effects on a peer that take time are awaited one after the other in a task of that session;
    all others happen at once, so that a refused call never leaves the caller's own coroutine.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        journal: Journal,
        peers: Peers,
        rooms: Rooms,
        listen: Callable[[Session], Listener],
        encode_event: Callable[[ef.SendEvent], bytes | str | None],
        shown: Callable[[Speech | None], Speech | None],
        faults: FaultPlan,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._journal = journal
        self._peers = peers
        self._rooms = rooms
        self._listen = listen
        self._encode_event = encode_event
        self._shown = shown
        self._faults = faults
        self._live: dict[str, _Live] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiters: dict[int, _Waiter] = {}
        self._calls = 0

    async def open(self, session: Session) -> str | None:
        """Makes the session's peer: the server's SDP offer. Raises ApiError.

        In v2 it makes the room, and there is no offer.
        """
        live = _Live(session, asyncio.Queue())
        self._live[session.config.session_id] = live
        task = asyncio.create_task(self._serve(live), name=f"session {session.config.session_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            outcome = await self.call(session, ev.Open)
        except asyncio.CancelledError:
            self.submit(session, ev.Lost("its opener is gone"))
            raise
        assert isinstance(outcome, ef.Offered)
        return outcome.sdp

    async def call(self, session: Session, event: Callable[[int], ev.ClientCall]) -> ef.Outcome:
        """Gives a client's call to the session and waits for its answer. Raises ApiError."""
        self._calls += 1
        number, waiter = self._calls, _Waiter()
        self._waiters[number] = waiter
        try:
            self.submit(session, event(number))
            return await waiter.wait()
        finally:
            del self._waiters[number]

    async def catch_up(self, session: Session) -> None:
        """Lets the session hear of a connection that its viewer had before this call.

        Whoever answers a DTLS handshake is connected first, and may say so by HTTP while its last
        flight still waits to be read here.
        """
        for _ in range(CATCH_UP_TURNS):
            if session.state is not State.CONNECTING:
                break
            await asyncio.sleep(0)

    def watch(self, session: Session, hear: Watcher) -> Callable[[], None]:
        """Lets a socket hear what happens to a session; returns what ends that.

        A session that is over already is told at once.
        """
        live = self._live.get(session.config.session_id)
        if live is None:
            hear(None)
            return lambda: None
        watchers = live.watchers
        watchers.append(hear)

        def stop() -> None:
            if hear in watchers:
                watchers.remove(hear)

        return stop

    def submit(self, session: Session, event: ev.Event, *, now: float | None = None) -> None:
        """Lets the session handle an event and performs what it asks for."""
        live = self._live.get(session.config.session_id)
        failure: Exception | None = None
        for effect in session.handle(event, self._clock.now() if now is None else now):
            try:
                self._perform(session, live, effect)
            except Exception as error:
                # The effects that follow are due all the same: a reply, or the peer's end.
                log.exception("session %s: its peer failed", session.config.session_id)
                failure = error
        if live is not None:
            self._settle(live)
        if failure is not None:
            self.submit(session, _crash(failure))

    def _perform(self, session: Session, live: _Live | None, effect: ef.Effect) -> None:
        match effect:
            case ef.Reply(call) | ef.Refuse(call):
                waiter = self._waiters.get(call)
                if waiter is not None:  # the caller may have gone
                    waiter.resolve(effect)
            case ef.Note(event, detail):
                self._journal.event(session.config.session_id, event, dict(detail))
                if live is not None and event == "state":
                    _tell(live, effect)
            case ef.Deviated(deviation):
                self._deviated(session, deviation)
            case ef.SendEvent():
                self._send(session, live, effect)
            case ef.Show(speech):
                if live is not None and live.audience is not None:
                    live.audience.show(self._shown(speech))
            case _:
                if live is not None:
                    live.steps.put_nowait(effect)

    def _send(self, session: Session, live: _Live | None, effect: ef.SendEvent) -> None:
        detail: dict[str, str | float] = {"task_id": effect.task_id} if effect.task_id else {}
        if effect.duration_ms is not None:
            detail["duration_ms"] = effect.duration_ms
        if effect.message is not None:
            detail["message"] = effect.message
        self._journal.event(session.config.session_id, effect.type, detail)
        if live is not None:
            _tell(live, effect)
        if effect.way != "room":
            return
        deviations = self._faults.meet("event", event=effect.type)
        if live is None or live.audience is None:
            return
        messages, used = outgoing(deviations, effect, self._encode_event(effect))
        for deviation in used:
            self._deviated(session, deviation)
        for message in live.outbox.post(messages, self._clock.now()):
            live.audience.send(message)

    def _deviated(self, session: Session, deviation: Deviation) -> None:
        """Says in report and timeline that the deviation was applied to the session."""
        self._faults.use(deviation)
        self._journal.fault(session.config.session_id, deviation)

    def _settle(self, live: _Live) -> None:
        """After each event: the timer for the next deadline, or the end of a closed session."""
        due = live.session.deadline
        if due is not None and live.outbox.due is not None:
            due = min(due, live.outbox.due)
        if due is None:
            self._registry.settle(live.session)
            self._live.pop(live.session.config.session_id, None)
            _tell(live, None)
            live.watchers.clear()
        if due == live.due and (live.timer is not None or due is None):
            return
        if live.timer is not None:
            live.timer.cancel()
            live.timer = None
        live.due = due
        if due is not None:
            # A timer may fire a trifle early: it is set again, but never spins.
            delay = max(0.001, due - self._clock.now())
            live.timer = asyncio.get_running_loop().call_later(delay, self._tick, live)

    def _tick(self, live: _Live) -> None:
        live.timer = None
        self._send_late(live, self._clock.now())
        self.submit(live.session, ev.TimePassed())

    def _send_late(self, live: _Live, now: float) -> None:
        try:
            for message in live.outbox.take(now):
                assert live.audience is not None
                live.audience.send(message)
        except Exception as error:
            log.exception("session %s: its peer failed", live.session.config.session_id)
            live.outbox.clear()
            self.submit(live.session, _crash(error))

    # the session's own task

    async def _serve(self, live: _Live) -> None:
        session = live.session
        effect: ef.Effect | None = None
        while not isinstance(effect, ef.ClosePeer):
            effect = await live.steps.get()
            try:
                async with asyncio.timeout(STEP_TIMEOUT):
                    report = await self._step(live, effect)
            except PeerUnavailableError as error:
                report = ev.Unavailable(str(error))
            except Exception as error:
                if isinstance(error, SdpError) and isinstance(effect, ef.ApplyDescription):
                    report = ev.DescriptionRefused(str(error))
                else:
                    log.exception("session %s: its peer failed", session.config.session_id)
                    report = _crash(error)
            if report is not None:
                self.submit(session, report)

    async def _step(self, live: _Live, effect: ef.Effect) -> ev.PeerReport | None:
        if isinstance(effect, ef.OpenPeer):
            factory = await self._peers()
            live.peer = factory(_spec(live.session), lambda news: self._heard(live, news))
            return ev.OfferMade(await live.peer.offer())
        if isinstance(effect, ef.OpenRoom):
            await self._open_room(live)
            return ev.RoomOpened()
        if live.room is not None:
            if isinstance(effect, ef.Announce):
                await live.room.announce()
                return ev.Announced()
            if isinstance(effect, ef.ClosePeer):
                await live.room.close(shutdown=effect.shutdown)
        if live.peer is None:
            return None  # closed before it was made
        match effect:
            case ef.ApplyDescription(description) if description.type == "answer":
                await live.peer.accept(description)
                return ev.DescriptionAccepted(None)
            case ef.ApplyDescription(description):
                return ev.DescriptionAccepted(await live.peer.answer(description))
            case ef.AddCandidate(candidate):
                await live.peer.add_candidate(candidate)
            case ef.ClosePeer():
                await live.peer.close()
        return None

    async def _open_room(self, live: _Live) -> None:
        session, journal = live.session, self._journal
        factory = await self._rooms()
        live.room = factory(
            _spec(session),
            lambda news: self._heard(live, news),
            note=lambda event, detail: journal.event(session.config.session_id, event, detail),
            listen=lambda: self._listen(session),
        )
        await live.room.open()

    def _heard(self, live: _Live, news: PeerNews) -> None:
        event = ev.Connected() if isinstance(news, PeerConnected) else ev.Lost(news.reason)
        self.submit(live.session, event)

    # time and the end

    def advance(self, seconds: float) -> None:
        """Moves the clock on and fires every deadline on the way, in order."""
        target = self._clock.now() + seconds
        deaf: set[str] = set()  # sessions whose deadline came and changed nothing
        while True:
            waiting = [
                live
                for name, live in self._live.items()
                if live.due is not None and name not in deaf
            ]
            first = min(waiting, key=_due, default=None)
            if first is None or _due(first) > target:
                break
            moment = _due(first)
            self._clock.move_to(moment)
            self._send_late(first, moment)
            self.submit(first.session, ev.TimePassed(), now=moment)
            if first.due == moment:
                deaf.add(first.session.config.session_id)
        self._clock.move_to(target)
        for live in list(self._live.values()):
            if live.timer is not None:
                live.timer.cancel()
                live.timer = None
            self._settle(live)

    async def end_sessions(self) -> None:
        """Closes every session; returns when all peers are closed, those of earlier ends too."""
        loop = asyncio.get_running_loop()
        end = loop.time() + STEP_TIMEOUT
        while (left := end - loop.time()) > 0:  # more may be opened while the last ones close
            for live in list(self._live.values()):
                self.submit(live.session, ev.Shutdown())
            if not self._tasks:
                break
            await asyncio.wait(self._tasks, timeout=left)


def _crash(error: Exception) -> ev.Crashed:
    return ev.Crashed(f"{type(error).__name__}: {error}")


def _tell(live: _Live, news: ef.SendEvent | ef.Note | None) -> None:
    for hear in tuple(live.watchers):
        hear(news)


def _due(live: _Live) -> float:
    assert live.due is not None
    return live.due


def _spec(session: Session) -> PeerSpec:
    config = session.config
    return PeerSpec(
        session_id=config.session_id,
        avatar=config.avatar,
        voice=config.voice,
        emotion=config.emotion,
        quality=config.quality,
        encoding=config.encoding,
        seed=config.seed,
    )
