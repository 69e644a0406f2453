"""Peers without sockets, for ``--media none``: whatever fits is connected at once."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.core.negotiation import check_answer, check_offer, check_publication
from mock_server.core.null_sdp import NullTransport, null_answer, null_offer
from mock_server.core.sdp import IceCandidate, SdpError, SessionDescription, parse_description
from mock_server.core.speech import Speech
from mock_server.peers import Hearing, PeerConnected, PeerNews, PeerSpec


class NullPeer:
    """One session's transport that carries nothing."""

    def __init__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> None:
        self._spec = spec
        self._notify = notify
        self._transport = NullTransport.for_session(spec.session_id)
        self._offer: SessionDescription | None = None
        self._connected = False
        self._closed = False

    async def offer(self, *, media: bool = True) -> str:
        text = null_offer(self._transport, encoding=self._spec.encoding)
        self._offer = parse_description("offer", text)
        return text

    async def accept(self, answer: SessionDescription) -> None:
        if self._offer is None or self._closed:
            raise SdpError("there is no offer to answer")
        check_answer(self._offer, answer)
        self._connect()

    async def answer(self, offer: SessionDescription) -> str:
        if self._closed:
            raise SdpError("the peer is closed")
        check_offer(offer)
        text = null_answer(self._transport, offer)
        self._connect()
        return text

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """There is nothing to connect to."""

    def show(self, speech: Speech | None) -> None:
        """There is nobody to see it."""

    def send(self, message: bytes | str) -> None:
        """There is no channel; the session's time line has the event."""

    async def close(self) -> None:
        self._closed = True

    def _connect(self) -> None:
        if not self._connected:
            self._connected = True
            self._notify(PeerConnected())


class NullPublisher:
    """Takes a participant's offers, and nothing else ever comes."""

    async def answer(self, offer: SessionDescription) -> str:
        check_publication(offer)
        transport = NullTransport.for_session(offer.media[0].ice_ufrag or "")
        return null_answer(transport, offer, direction="recvonly")

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """There is nothing to connect to."""

    async def close(self) -> None:
        """Nothing is held."""


class NullPeerFactory:
    """Makes :class:`NullPeer`; implements ``peers.PeerFactory``."""

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> NullPeer:
        return NullPeer(spec, notify)

    def publisher(self, hearing: Hearing) -> NullPublisher:
        return NullPublisher()

    async def close(self) -> None:
        """Nothing is shared."""
