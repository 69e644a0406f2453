"""A peer whose media and events each go over a connection of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from mock_server.core.faults.unbundled import narrowed, unbundled
from mock_server.core.negotiation import check_answer
from mock_server.core.sdp import IceCandidate, SdpError, SessionDescription, parse_description
from mock_server.core.speech import Speech
from mock_server.peers import Peer, PeerConnected, PeerNews

_SECTIONS = 3


class UnbundledPeer:
    """Implements ``peers.Peer`` by one inner peer per section of the offer.

    A viewer that offers by itself gets one connection, as it asked for.
    """

    def __init__(
        self,
        make: Callable[[Callable[[PeerNews], None]], Peer],
        notify: Callable[[PeerNews], None],
        *,
        used: Callable[[], None],
    ) -> None:
        self._notify = notify
        self._used = used
        self._peers = [make(self._hearer(number)) for number in range(_SECTIONS)]
        self._offers: list[SessionDescription] = []
        self._awaited = set(range(_SECTIONS))
        self._connected: set[int] = set()
        self._told = False

    async def offer(self, *, media: bool = True) -> str:
        texts = [await peer.offer(media=media) for peer in self._peers]
        self._offers = [parse_description("offer", text) for text in texts]
        self._used()
        return unbundled(texts)

    async def accept(self, answer: SessionDescription) -> None:
        if not self._offers:
            raise SdpError("there is no offer to answer")
        parts = {
            number: narrowed(answer, number, offer=offer)
            for number, offer in enumerate(self._offers)
            if number >= len(answer.media) or not answer.media[number].rejected
        }
        if not any(part.media[number].is_rtp for number, part in parts.items()):
            raise SdpError("answer rejects all media")
        for number, part in parts.items():  # all are checked before the first is changed
            check_answer(self._offers[number], part)
        self._await(parts)
        for number, part in parts.items():
            await self._peers[number].accept(part)

    async def answer(self, offer: SessionDescription) -> str:
        text = await self._peers[0].answer(offer)
        self._await({0})
        return text

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        for peer in self._peers:  # those that it is not for get no answer to their checks
            await peer.add_candidate(candidate)

    def show(self, speech: Speech | None) -> None:
        for peer in self._peers:
            peer.show(speech)

    def send(self, message: bytes | str) -> None:
        for number in self._awaited:  # of which one has a channel
            self._peers[number].send(message)

    async def close(self) -> None:
        closing = (peer.close() for peer in self._peers)
        for error in await asyncio.gather(*closing, return_exceptions=True):
            if error is not None:  # one that fails leaves none of the others open
                raise error

    def _await(self, numbers: Iterable[int]) -> None:
        self._awaited = set(numbers)
        self._tell()  # they may have connected before

    def _hearer(self, number: int) -> Callable[[PeerNews], None]:
        def heard(news: PeerNews) -> None:
            if not isinstance(news, PeerConnected):
                if number in self._awaited:
                    self._notify(news)
                return
            self._connected.add(number)
            self._tell()

        return heard

    def _tell(self) -> None:
        if not self._told and self._awaited <= self._connected:
            self._told = True
            self._notify(PeerConnected())
