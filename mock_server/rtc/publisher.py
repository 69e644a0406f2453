"""What a participant of a room sends: its microphone and its data, over a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from aiortc import (
    InvalidStateError,
    MediaStreamTrack,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from mock_server.core.levels import level
from mock_server.core.negotiation import check_publication, plain_text
from mock_server.core.sdp import IceCandidate, SdpError, SessionDescription
from mock_server.peers import Hearing
from mock_server.rtc.events import MAX_CHANNELS
from mock_server.rtc.remote import RemoteCandidates
from mock_server.rtc.stage import Stage

_TAKEN = frozenset({"audio"})
"""Pictures of a participant are of no use to the avatar, and cost much to decode."""

Watch = Callable[[MediaStreamTrack], None]
"""Gets each video track, for whoever wants the pictures all the same."""


class RtcPublisher:
    """Implements ``peers.Publisher``. Without ``watch`` no pictures are taken."""

    def __init__(self, hearing: Hearing, *, stage: Stage, watch: Watch | None = None) -> None:
        self._hearing = hearing
        self._watch = watch
        self._stage = stage
        self._peer: RTCPeerConnection = stage.connection()
        self._candidates: RemoteCandidates | None = None
        self._channels = 0
        self._listening: set[asyncio.Task[None]] = set()
        self._closed = False
        self._peer.on("datachannel", self._opened)
        self._peer.on("track", self._arrived)

    async def answer(self, offer: SessionDescription) -> str:
        if self._closed:
            raise SdpError("the participant is gone")
        check_publication(offer)
        text = plain_text(offer, takes=_TAKEN if self._watch is None else _TAKEN | {"video"})
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(text, "offer"))
        except InvalidStateError:
            raise SdpError("the participant has closed the connection") from None
        self._adopt(offer.media[0].kind)
        assert self._candidates is not None
        await self._peer.setLocalDescription()
        for section in offer.media:
            for candidate in section.candidates:
                await self._candidates.add(candidate)
        answer: str = self._peer.localDescription.sdp
        return answer

    def _adopt(self, first: str) -> None:
        """Gives the bundle's transport, which the first section has made, a socket of ours."""
        if self._candidates is not None:
            return
        sctp = self._peer.sctp
        if first == "application":
            assert sctp is not None
            transport = sctp.transport
        else:
            transport = self._peer.getTransceivers()[0].receiver.transport
        self._stage.adopt(transport, expired=lambda: None)
        if sctp is not None:
            self._stage.adopt_channels(sctp)
        self._candidates = RemoteCandidates(transport.transport, self._stage.options)

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        if candidate is not None and self._candidates is not None and not self._closed:
            await self._candidates.add(candidate)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._peer.close()
        for transceiver in self._peer.getTransceivers():
            # aiortc 1.16 may have begun to receive while it was closing, and would go on for ever.
            await transceiver.receiver.stop()
        for task in tuple(self._listening):
            task.cancel()
        if self._listening:
            await asyncio.wait(self._listening)

    def _opened(self, channel: RTCDataChannel) -> None:
        if self._channels < MAX_CHANNELS:
            self._channels += 1
            channel.on("message", self._said)

    def _said(self, message: bytes | str) -> None:
        if isinstance(message, bytes):
            self._hearing.data(message)

    def _arrived(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            task = asyncio.create_task(self._listen(track), name="microphone")
            self._listening.add(task)
            task.add_done_callback(self._listening.discard)
        elif self._watch is not None:
            self._watch(track)

    async def _listen(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, AudioFrame)
                # Packed 16-bit samples, as aiortc 1.16 decodes Opus; the plane is padded.
                size = frame.samples * len(frame.layout.channels) * 2
                self._hearing.sound(
                    level(bytes(frame.planes[0])[:size]), frame.samples / frame.sample_rate
                )
