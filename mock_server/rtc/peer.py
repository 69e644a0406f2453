"""One session's viewer over WebRTC."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from mock_server.core.negotiation import check_answer, check_offer
from mock_server.core.sdp import IceCandidate, SdpError, SessionDescription
from mock_server.core.speech import Speech
from mock_server.media.atlas import H264Atlas
from mock_server.peers import PeerConnected, PeerLost, PeerNews, PeerSpec, PeerUnavailableError
from mock_server.rtc.connection import Connection
from mock_server.rtc.events import EventChannels
from mock_server.rtc.stage import Stage

_REASONS = {
    "failed": "the connection to the viewer failed",
    "expired": "the viewer answers no connectivity checks any more",
    "closed": "the viewer closed the connection",
}

log = logging.getLogger("heygen_mock")


class RtcPeer:
    """Implements ``peers.Peer``: a connection, or the next one when the viewer offers."""

    def __init__(self, spec: PeerSpec, notify: Callable[[PeerNews], None], *, stage: Stage) -> None:
        self._spec = spec
        self._notify = notify
        self._stage = stage
        self._performance = stage.performance(spec, None)
        self._channels = EventChannels()
        self._connection: Connection | None = None
        self._h264: asyncio.Task[H264Atlas] | None = None
        self._pictures: asyncio.Task[None] | None = None
        self._connected = False
        self._lost = False
        self._closed = False

    async def offer(self, *, media: bool = True) -> str:
        if self._connection is not None:
            return await self._connection.offer(media=media)
        connection = self._connect(("video", "audio"), self._channels)
        if self._stage.video_codecs(self._spec)[0] == "H264":
            self._convert()
        try:
            text = await connection.offer(media=media)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return text

    async def accept(self, answer: SessionDescription) -> None:
        connection = self._connection
        if connection is None or connection.offered is None or self._closed:
            raise SdpError("there is no offer to answer")
        check_answer(connection.offered, answer)
        self._show_pictures(connection, await connection.accept(answer))

    async def answer(self, offer: SessionDescription) -> str:
        if self._closed:
            raise SdpError("the peer is closed")
        check_offer(offer)
        channels = self._channels.successor()
        try:
            connection, text, codec = await self._answer(offer, channels)
        except PeerUnavailableError:
            if self._connection is None:
                raise
            # The last port of the range may be the one that the former connection holds.
            await self._connection.close()
            self._connection = None
            connection, text, codec = await self._answer(offer, channels)
        former, self._connection, self._channels = self._connection, connection, channels
        if former is not None:
            await former.close()
        self._show_pictures(connection, codec)
        return text

    async def _answer(
        self, offer: SessionDescription, channels: EventChannels
    ) -> tuple[Connection, str, str | None]:
        kinds = [section.kind for section in offer.media if section.is_rtp]
        connection = self._connect(kinds, channels)
        try:
            text, codec = await connection.answer(offer)
        except BaseException:
            await connection.close()
            raise
        return connection, text, codec

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        if candidate is not None and self._connection is not None and not self._closed:
            await self._connection.add_candidate(candidate)

    def show(self, speech: Speech | None) -> None:
        self._performance = self._stage.performance(self._spec, speech)
        if self._connection is not None:
            self._connection.perform(self._performance)

    def send(self, message: bytes | str) -> None:
        self._channels.send(message)

    async def close(self) -> None:
        self._closed = True
        self._channels.forget()
        for task in (self._pictures, self._h264):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])
        if self._connection is not None:
            await self._connection.close()

    def _connect(self, kinds: Sequence[str], channels: EventChannels) -> Connection:
        return Connection(
            self._stage,
            kinds=kinds,
            codecs=self._stage.video_codecs(self._spec),
            media=self._stage.sender(self._spec, self._performance),
            channels=channels,
            labels=self._spec.channels,
            changed=self._changed,
        )

    def _changed(self, state: str) -> None:
        if self._closed or self._lost:
            return
        if state == "connected" and not self._connected:
            self._connected = True
            self._notify(PeerConnected())
        elif state in _REASONS:
            self._lost = True
            self._notify(PeerLost(_REASONS[state]))

    def _convert(self) -> asyncio.Task[H264Atlas]:
        """Begins to make the H264 pictures as early as it is known that they may be wanted."""
        if self._h264 is None:
            self._h264 = asyncio.create_task(self._stage.h264(self._spec))
        return self._h264

    def _show_pictures(self, connection: Connection, codec: str | None) -> None:
        if codec == "VP8":
            connection.use(self._stage.vp8(self._spec))
        elif codec == "H264":
            self._pictures = asyncio.create_task(self._show_h264(connection, self._convert()))

    async def _show_h264(self, connection: Connection, conversion: asyncio.Task[H264Atlas]) -> None:
        try:
            connection.use(await conversion)
        except Exception:
            log.exception("session %s has no H264 pictures", self._spec.session_id)
