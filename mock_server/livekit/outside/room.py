"""The room of a v2 session in a LiveKit deployment, with the avatar as a participant of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable

from livekit import rtc

from mock_server.core.speech import Speech
from mock_server.livekit.outside.deployment import Deployment, DeploymentError
from mock_server.livekit.outside.samples import SampleBanks
from mock_server.livekit.outside.stream import Stream
from mock_server.livekit.outside.visitors import Visitors
from mock_server.media.library import Library
from mock_server.media.script import Performance
from mock_server.media.voice import VoiceBank
from mock_server.peers import Listener, PeerConnected, PeerLost, PeerNews, PeerSpec
from mock_server.peers import PeerUnavailableError as Unavailable
from mock_server.rtc.pump import Pump

JOIN_TIME = 12.0
"""Seconds for joining and publishing; less than a step of a session may take."""
ATTEMPT_TIME = 3.0
"""Seconds for one attempt of the SDK to open its WebSocket."""
ANSWER_TIME = 6.0
LEAVE_TIME = 3.0
LAST_WORDS = 1.0
"""Seconds for events that are still to be sent when the session ends."""
MAX_WAITING = 256
"""Events kept until the avatar is in its room; the oldest go first."""

log = logging.getLogger("heygen_mock")


class OutsideRoom:
    """Implements ``peers.Room``: all viewers are served by the deployment."""

    def __init__(
        self,
        spec: PeerSpec,
        notify: Callable[[PeerNews], None],
        *,
        note: Callable[[str, dict[str, str | float]], None],
        listen: Callable[[], Listener],
        deployment: Deployment,
        library: Library,
        voices: SampleBanks,
        pump: Pump,
    ) -> None:
        self._spec = spec
        self._notify = notify
        self._note = note
        self._listen = listen
        self._deployment = deployment
        self._library = library
        self._voices = voices
        self._pump = pump
        self._bank: VoiceBank | None = None
        self._speech: Speech | None = None
        self._room: rtc.Room | None = None
        self._visitors: Visitors | None = None
        self._stream: Stream | None = None
        self._waiting: deque[bytes | str] = deque(maxlen=MAX_WAITING)
        self._told = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._known = False
        """Whether there may be a room to delete."""
        self._over = False

    # for the runtime

    async def open(self) -> None:
        """Looks whether the deployment is there. Raises PeerUnavailableError."""
        try:
            await self._ask(self._deployment.check)
        except DeploymentError as error:
            raise Unavailable(f"{self._where}: {error}") from None
        self._known = True
        self._bank = await asyncio.to_thread(self._voices.bank, self._spec.voice)

    async def announce(self) -> None:
        """The avatar joins and publishes. Raises PeerUnavailableError."""
        room = self._room = rtc.Room()
        room.on("disconnected", self._disconnected)
        room.on("reconnecting", lambda: self._note("avatar_reconnecting", {}))
        room.on("reconnected", lambda: self._note("avatar_reconnected", {}))
        self._visitors = Visitors(
            room,
            watched=lambda: self._notify(PeerConnected()),
            note=self._note,
            listen=self._listen,
        )
        options = rtc.RoomOptions(
            auto_subscribe=False,
            connect_timeout=ATTEMPT_TIME,
            # Known to every version of the server, and the way that the tests go.
            single_peer_connection=False,
        )
        token = self._deployment.token(self._spec.session_id)
        try:
            async with asyncio.timeout(JOIN_TIME):
                await room.connect(self._deployment.url, token, options)
                self._stream = self._make_stream()
                await self._stream.publish(room.local_participant)
        except TimeoutError:
            raise Unavailable(f"{self._where}: joining took over {JOIN_TIME:g} s") from None
        except (rtc.ConnectError, rtc.participant.PublishTrackError) as error:
            raise Unavailable(f"{self._where}: joining failed: {error.message}") from None
        self._note("avatar_joined", {"url": self._deployment.url})
        self._pump.add(self._stream)
        self._telling = asyncio.create_task(self._tell(room), name="events elsewhere")
        self._visitors.open()

    def show(self, speech: Speech | None) -> None:
        self._speech = speech
        if self._stream is not None:
            self._stream.performance = self._performance()

    def send(self, message: bytes | str) -> None:
        self._waiting.append(message)
        self._told.set()

    async def close(self, *, shutdown: bool) -> None:
        """Deletes the room there, so that all are told to leave, and leaves it."""
        if self._over:
            return
        self._over = True
        if self._visitors is not None:
            await self._visitors.close()
        if self._stream is not None:
            self._pump.remove(self._stream)
        if self._telling is not None:
            self._told.set()
            await asyncio.wait([self._telling], timeout=LAST_WORDS)
            self._telling.cancel()
            await asyncio.wait([self._telling])
        if self._known:
            try:
                await self._ask(self._deployment.delete_room)
            except DeploymentError as error:
                log.warning(
                    "%s: the room of session %s stays, without its avatar: %s",
                    self._where,
                    self._spec.session_id,
                    error,
                )
        if self._room is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_TIME):
                    await self._room.disconnect()
        if self._stream is not None:
            await self._stream.close()

    @property
    def _where(self) -> str:
        return f"the LiveKit deployment at {self._deployment.url}"

    async def _ask(self, question: Callable[[str], None]) -> None:
        """Asks the deployment about the room, in a thread. Raises DeploymentError."""
        try:
            async with asyncio.timeout(ANSWER_TIME):
                await asyncio.to_thread(question, self._spec.session_id)
        except TimeoutError:
            raise DeploymentError(f"it took over {ANSWER_TIME:g} s to answer") from None

    # media and events

    def _make_stream(self) -> Stream:
        spec = self._spec
        atlas = self._library.vp8(spec.avatar, spec.emotion, spec.quality)
        return Stream(atlas, spec.quality.size, self._performance())

    def _performance(self) -> Performance:
        assert self._bank is not None
        return Performance.of(self._speech, bank=self._bank, seed=self._spec.seed)

    async def _tell(self, room: rtc.Room) -> None:
        """Sends events one after the other, in their order."""
        while not self._over or self._waiting:
            while self._waiting:
                message = self._waiting.popleft()
                try:
                    await room.local_participant.publish_data(message, reliable=True)
                except rtc.participant.PublishDataError as error:
                    log.warning("%s: an event is lost: %s", self._where, error.message)
            self._told.clear()
            if not self._over:
                await self._told.wait()

    def _disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        """The SDK has given up, or was told to leave."""
        if self._over:
            return
        self._known &= reason != rtc.DisconnectReason.ROOM_DELETED
        name = rtc.DisconnectReason.Name(reason)
        self._notify(PeerLost(f"{self._where}: the avatar's connection ended ({name})"))
