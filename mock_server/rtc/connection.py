"""One peer connection: from the first description to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiortc import (
    InvalidStateError,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from mock_server.core.negotiation import plain_text
from mock_server.core.sdp import IceCandidate, SdpError, SessionDescription, parse_description
from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.rtc.events import EventChannels
from mock_server.rtc.remote import RemoteCandidates
from mock_server.rtc.senders import MediaSender
from mock_server.rtc.stage import Stage
from mock_server.rtc.streamer import Performance

LOSSY = "_lossy"
"""The label, in LiveKit, of the channel that repeats nothing (protocol 15)."""

_CLOSED = "the viewer has closed the connection"  # whose news may still be on its way

StateChanged = Callable[[str], None]
"""Hears "connected", "failed", "expired" or "closed", among other states."""


class Connection:
    """Sends one performance over one peer connection, by ``media``.

    ``kinds`` are the media in the order of their sections: aiortc 1.16 stops the transport of
    a bundle when the first transceiver is not the first section.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        kinds: Sequence[str],
        codecs: tuple[str, ...],
        media: MediaSender,
        channels: EventChannels,
        labels: Sequence[str],
        changed: StateChanged,
    ) -> None:
        self._stage = stage
        self._codecs = codecs
        self._channels = channels
        self._labels = labels
        self._changed: StateChanged | None = changed
        self._media = media
        self._offer: SessionDescription | None = None
        self._peer: RTCPeerConnection = stage.connection()
        for kind in kinds:
            transceiver = self._peer.addTransceiver(self._media.track(kind), direction="sendonly")
            _prefer(transceiver, codecs if kind == "video" else ("opus",))
            self._media.attach(transceiver.sender)
        self._transport = self._peer.getTransceivers()[0].sender.transport
        stage.adopt(self._transport, expired=lambda: self._report("expired"))
        self._candidates = RemoteCandidates(self._transport.transport, stage.options)
        self._peer.on("connectionstatechange", self._state_changed)
        self._peer.on("datachannel", channels.add)

    async def offer(self, *, media: bool) -> str:
        """An offer, with data channels and all candidates inside; the first, or the next.

        Raises SdpError when the viewer has closed the connection.
        """
        for transceiver in self._peer.getTransceivers():
            transceiver.direction = "sendonly" if media else "inactive"
        if self._offer is None:
            self._open_channels()
        try:
            await self._peer.setLocalDescription()
        except InvalidStateError:
            raise SdpError(_CLOSED) from None
        text: str = self._peer.localDescription.sdp
        self._offer = parse_description("offer", text)
        return text

    @property
    def offered(self) -> SessionDescription | None:
        """What :meth:`offer` gave."""
        return self._offer

    async def accept(self, answer: SessionDescription) -> str | None:
        """Completes the offer with an answer that fits: the video codec, if there is video."""
        text = plain_text(answer, offer=self._offer)
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(text, "answer"))
        except InvalidStateError:
            raise SdpError(_CLOSED) from None
        await self._add_candidates_of(answer)
        video = answer.first("video")
        return None if video is None else _first_video_codec(text)

    async def answer(self, offer: SessionDescription) -> tuple[str, str | None]:
        """The answer to an offer that fits, and the video codec."""
        text = plain_text(offer, first=self._codecs[0])
        await self._peer.setRemoteDescription(RTCSessionDescription(text, "offer"))
        if self._peer.sctp is not None:
            self._open_channels()
        await self._peer.setLocalDescription()
        await self._add_candidates_of(offer)
        answer: str = self._peer.localDescription.sdp
        return answer, _first_video_codec(text)

    async def add_candidate(self, candidate: IceCandidate) -> None:
        """A remote candidate, if it may be sent to."""
        await self._candidates.add(candidate)

    def perform(self, performance: Performance) -> None:
        """What is shown and heard from the next frame and packet on."""
        self._media.perform(performance)

    def use(self, atlas: Atlas | H264Atlas) -> None:
        """The pictures in the codec that was negotiated."""
        self._media.use(atlas)

    async def close(self) -> None:
        """Says goodbye and frees everything; no state is reported any more."""
        self._changed = None
        self._media.close()
        await self._peer.close()

    def _open_channels(self) -> None:
        channels = [
            self._peer.createDataChannel(label, maxRetransmits=0 if label == LOSSY else None)
            for label in self._labels
        ]
        self._channels.add(channels[-1])
        assert self._peer.sctp is not None
        self._stage.adopt_channels(self._peer.sctp)

    async def _add_candidates_of(self, description: SessionDescription) -> None:
        for section in description.media:
            for candidate in section.candidates:
                await self.add_candidate(candidate)

    def _state_changed(self) -> None:
        self._report(self._peer.connectionState)

    def _report(self, state: str) -> None:
        if self._changed is not None:
            self._changed(state)


def _prefer(transceiver: RTCRtpTransceiver, names: tuple[str, ...]) -> None:
    """Offers these codecs only, in this order, and retransmission for them."""
    able = RTCRtpSender.getCapabilities(transceiver.kind).codecs
    wanted = [
        codec for name in (*names, "rtx") for codec in able if codec.name.lower() == name.lower()
    ]
    transceiver.setCodecPreferences(wanted)


def _first_video_codec(text: str) -> str | None:
    section = parse_description("offer", text).first("video")
    return section.codecs[0].name.upper() if section is not None and section.codecs else None
