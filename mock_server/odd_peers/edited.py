"""A peer whose descriptions do not say what they should."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.sdp_answers import restored
from mock_server.core.faults.sdp_edits import edited
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.speech import Speech
from mock_server.peers import Peer


class EditedPeer:
    """Implements ``peers.Peer``: the inner one, but for what is said of it."""

    def __init__(
        self, inner: Peer, edits: tuple[Deviation, ...], used: Callable[[Deviation], None]
    ) -> None:
        self._inner = inner
        self._edits = edits
        self._used = used
        self._made = ""
        self._told = ""

    async def offer(self, *, media: bool = True) -> str:
        self._made = await self._inner.offer(media=media)
        self._told = self._edited(self._made, "offer")
        return self._told

    async def accept(self, answer: SessionDescription) -> None:
        await self._inner.accept(restored(answer, made=self._made, told=self._told))

    async def answer(self, offer: SessionDescription) -> str:
        return self._edited(await self._inner.answer(offer), "answer")

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        await self._inner.add_candidate(candidate)

    def show(self, speech: Speech | None) -> None:
        self._inner.show(speech)

    def send(self, message: bytes | str) -> None:
        self._inner.send(message)

    async def close(self) -> None:
        await self._inner.close()

    def _edited(self, text: str, type_: str) -> str:
        told, used = edited(text, self._edits, type_=type_)
        for deviation in used:
            self._used(deviation)
        return told
