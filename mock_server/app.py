"""The composition root: every object is made here and passed down."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from mock_server.clock import Clock
from mock_server.conversation import Conversation, Replies
from mock_server.core.access_token import Grant
from mock_server.core.catalogue import find_avatar
from mock_server.core.effects import SendEvent
from mock_server.core.faults.plan import Deviation, FaultPlan
from mock_server.core.faults.reading import PlanError, parse_plan
from mock_server.journal import Journal
from mock_server.livekit.door import Door
from mock_server.livekit.outside.lazy import LazyOutside
from mock_server.media.library import Library
from mock_server.null_peer import NullPeerFactory
from mock_server.odd_peers import OddPeers
from mock_server.peers import PeerFactory
from mock_server.runtime import Runtime
from mock_server.seams import Seams
from mock_server.settings import SettingError, Settings
from mock_server.spec import load_contract
from mock_server.web.body import BODY_TIMEOUT
from mock_server.web.guard import Guard
from mock_server.web.holds import Holds
from mock_server.web.patience import Patience
from mock_server.web.services import Services
from mock_server.web.sockets import socket_apps
from mock_server.web.stack import WebApp, build

if TYPE_CHECKING:
    from mock_server.core.faults.catalogue import Catalogue
    from mock_server.livekit.rooms import LiveRooms

log = logging.getLogger("heygen_mock")


_HEAD_START = 0.2
"""Seconds in which a server that has just started answers first and imports later."""


class LazyPeers:
    """Imports aiortc in a thread while the server already answers: it costs about 0.3 s."""

    def __init__(self, make: Callable[[], PeerFactory]) -> None:
        self._make = make
        self._soon: asyncio.TimerHandle | None = None
        self._factory: asyncio.Task[PeerFactory] | None = None

    def begin_soon(self) -> None:
        """Starts the import in a moment, as two threads of Python run no faster than one."""
        self._soon = asyncio.get_running_loop().call_later(_HEAD_START, self.begin)

    def begin(self) -> None:
        """Starts the import, once."""
        if self._soon is not None:
            self._soon.cancel()
        if self._factory is None:
            self._factory = asyncio.create_task(self._load(), name="import of the media engine")

    async def _load(self) -> PeerFactory:
        await asyncio.to_thread(importlib.import_module, "mock_server.rtc")
        return self._make()

    async def __call__(self) -> PeerFactory:
        self.begin()
        assert self._factory is not None
        return await asyncio.shield(self._factory)

    async def close(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
        if self._factory is not None:
            await asyncio.wait([self._factory])
            if self._factory.exception() is None:
                await self._factory.result().close()


def create_app(
    settings: Settings | None = None, seams: Seams | None = None, *, clock: Clock | None = None
) -> WebApp:
    """The fake as an ASGI application. ``app.state.services`` holds its parts.

    ``clock`` must run with the time of the event loop that serves the application. Raises
    SettingError for a plan file that cannot be played, and for a missing extra.
    """
    settings, seams, clock = settings or Settings(), seams or Seams(), clock or Clock()
    registry, contract, library = seams.registry(), load_contract(), Library()
    journal = Journal(now=clock.now)

    @cache
    def catalogue() -> Catalogue:
        # Importing and listing all kinds takes 10 ms, which no healthy start should wait for.
        from mock_server.core.faults.catalogue import make_catalogue  # noqa: PLC0415

        return make_catalogue(contract.answer_fields())

    initial_plan = _read_plan(settings.plan, catalogue)
    faults = FaultPlan(initial_plan)

    def played(real: PeerFactory) -> PeerFactory:
        return OddPeers(seams.peers(real), faults=faults, journal=journal)

    peers, begin, close = _peers(settings, seams, clock, library, played)
    rooms = LazyRooms(peers, seams, clock)
    outside = LazyOutside(settings, library, clock=clock.at) if settings.livekit_url else None

    def check_token(text: str) -> Grant:
        return seams.check_token(
            text, key=settings.livekit_key, secret=settings.livekit_secret, now=clock.now()
        )

    def message(event: SendEvent) -> bytes | str | None:
        return seams.event(event)

    ids, replies = seams.ids(settings), Replies(seams.reply)
    runtime = Runtime(
        clock=clock,
        registry=registry,
        journal=journal,
        peers=peers,
        rooms=outside or rooms,
        listen=lambda session: conversation.join(session, "room"),
        encode_event=message,
        shown=seams.shown,
        faults=faults,
    )
    conversation = Conversation(
        runtime=runtime,
        journal=journal,
        ids=ids,
        replies=replies,
        utter=seams.utter,
        settings=lambda: services.settings,
    )
    services = Services(
        settings=settings,
        initial=settings,
        clock=clock,
        registry=registry,
        journal=journal,
        runtime=runtime,
        conversation=conversation,
        contract=contract,
        ids=ids,
        replies=replies,
        magic={},
        natural_operations={case.row.name: case.operations[0] for case in contract.errors},
        error_grades={case.row.name: case.evidence.grade for case in contract.errors},
        utter=seams.utter,
        authenticate=seams.authenticate,
        may_open=seams.may_open,
        make_session=seams.make_session,
        request_problem=seams.request_problem,
        edit_answer=seams.answer,
        edit_claims=seams.access_token,
        read_json=seams.read_json,
        refusal=seams.refusal,
        http=seams.http,
        patience=Patience(BODY_TIMEOUT),
        catalogue=catalogue,
        faults=faults,
        initial_plan=initial_plan,
        holds=Holds(),
        stopping=asyncio.Event(),
    )

    def preview(avatar_id: str) -> tuple[bytes, str]:
        avatar = find_avatar(avatar_id)
        assert avatar is not None
        return library.preview(avatar), "image/jpeg"

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        begin()
        # Compiling the schemas takes a twentieth of a second, which no request should wait for.
        compiled = asyncio.create_task(asyncio.to_thread(contract.compile))
        try:
            yield
        finally:
            services.stop_waiting()
            await services.runtime.end_sessions()
            await compiled
            if outside is not None:
                await outside.close()
            await close()

    allowed = frozenset(name.lower() for name in settings.allow_host)
    guard = Guard(hosts=allowed | {settings.host.lower()}, origins=allowed)

    def note(path: str, status: int | None, deviations: Sequence[int]) -> None:
        more = {"faults": list(deviations)} if deviations else {}
        journal.request(operation=None, method="GET", path=path, status=status, code=None, **more)

    def deviated(session_id: str, deviation: Deviation) -> None:
        faults.use(deviation)
        journal.fault(session_id, deviation)

    door = Door(rooms, check=check_token, note=note, faults=faults, deviated=deviated)
    sockets = {path: seams.socket(path, right) for path, right in socket_apps(services).items()}
    app = build(
        services,
        guard=guard,
        preview=preview,
        lifespan=lifespan,
        handlers=seams.handlers,
        sockets={"/rtc": door, **sockets} if outside is None else sockets,
        public={"/rtc/validate": door} if outside is None else {},
    )
    app.state.services = services
    return app


class LazyRooms:
    """Imports the LiveKit protocol in a thread, when the first room is wanted: it costs 50 ms."""

    def __init__(
        self, peers: Callable[[], Awaitable[PeerFactory]], seams: Seams, clock: Clock
    ) -> None:
        self._peers = peers
        self._seams = seams
        self._clock = clock
        self._made: LiveRooms | None = None

    async def __call__(self) -> LiveRooms:
        if self._made is None:
            name = "mock_server.livekit.rooms"
            if name not in sys.modules:
                await asyncio.to_thread(importlib.import_module, name)
            # Not out of sys.modules, where another server may only have begun to import it.
            module = importlib.import_module(name)
            peers = await self._peers()
            if self._made is None:
                self._made = module.LiveRooms(peers, edit=self._seams.signal, now=self._clock.now)
        return self._made


def _read_plan(file: str, catalogue: Callable[[], Catalogue]) -> tuple[Deviation, ...]:
    """The plan of ``--plan``. Raises SettingError."""
    if not file:
        return ()
    try:
        return parse_plan(Path(file).read_bytes(), catalogue())
    except OSError as error:
        raise SettingError(f"plan: {file}: {error.strerror or error}") from None
    except PlanError as error:
        raise SettingError(f"plan: {file}: {error}") from None


def _peers(
    settings: Settings,
    seams: Seams,
    clock: Clock,
    library: Library,
    played: Callable[[PeerFactory], PeerFactory],
) -> tuple[Callable[[], Awaitable[PeerFactory]], Callable[[], None], Callable[[], Awaitable[None]]]:
    """How peers are made, begun and ended: real ones lazily, null ones at once.

    ``played`` makes them do what the plan says.
    """
    if settings.media == "none":
        null = played(NullPeerFactory())

        async def nulls() -> PeerFactory:
            return null

        return nulls, lambda: None, null.close

    def make() -> PeerFactory:
        # Imported by now, by the thread above.
        from mock_server.rtc import (  # noqa: PLC0415
            RtcOptions,
            RtcPeerFactory,
            media_problem,
        )

        bind, advertised = settings.media_addresses()
        options = RtcOptions(
            media_bind=bind,
            media_advertised=advertised,
            port_range=settings.media_port_range(),
            ice_servers=settings.ice_server,
            allow_public_candidates=settings.allow_public_candidates,
        )
        if problem := media_problem(options):
            log.warning("%s", problem)
        factory = RtcPeerFactory(
            library,
            clock=clock.at,
            options=options,
            codecs=seams.codecs,
            picture=seams.picture,
            sound=seams.sound,
            streamer=seams.streamer,
        )
        return played(factory)

    lazy = LazyPeers(make)
    return lazy, lazy.begin_soon, lazy.close
