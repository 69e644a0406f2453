"""One receive-only WebRTC connection, steered from any thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription

from contract.media import adapter
from contract.media.loop import MediaLoop

Result = TypeVar("Result")

FIRST_PACKET = 2.0
"""Seconds that a server is given to show by media that it is connected as well."""


class Listener(Protocol):
    """Where all goes that arrives; called in the loop's thread."""

    def codec(self, kind: str, payload_type: int, name: str, clock_rate: int, /) -> None: ...

    def rtp(self, data: bytes, /) -> None: ...

    def rtcp(self, data: bytes, /) -> None: ...

    def message(self, data: bytes | str, /) -> None: ...

    def state(self, name: str, /) -> None: ...


class Deaf:
    """A listener that throws everything away."""

    def codec(self, kind: str, payload_type: int, name: str, clock_rate: int, /) -> None:
        """Any will do."""

    def rtp(self, data: bytes, /) -> None:
        """Not even decoded."""

    rtcp = rtp

    def message(self, data: bytes | str, /) -> None:
        """Not read."""

    def state(self, name: str, /) -> None:
        """The peer knows it."""


class Peer:
    """Answers one offer, or makes one."""

    def __init__(self, loop: MediaLoop, listener: Listener) -> None:
        self._loop = loop
        self._listener = listener
        self._connection: RTCPeerConnection = loop.run(self._make())
        self._settled = asyncio.Event()
        self._heard = asyncio.Event()

    @property
    def state(self) -> str:
        """``connectionState`` of W3C WebRTC 1.0: new, connecting, connected, failed, closed."""
        return str(self._connection.connectionState)

    @property
    def ice_state(self) -> str:
        """``iceConnectionState`` of W3C WebRTC 1.0."""
        return str(self._connection.iceConnectionState)

    def answer(self, offer: str, *, bare: bool = False) -> str:
        """The answer to a server's offer, or to a further one on the same connection.

        ``bare`` is whether one of data alone will do. Raises ValueError for one that cannot be
        answered.
        """
        return self._loop.run(_parsed("offer", self._answer(offer, bare=bare)))

    def offer(self) -> str:
        """An offer to receive video, audio and a data channel."""
        return self._loop.run(self._offer())

    def take(self, answer: str) -> None:
        """Completes the own offer. Raises ValueError for an answer that cannot be used."""
        self._loop.run(_parsed("answer", self._take(answer)))

    def wait_connected(self, seconds: float) -> bool:
        """Whether ICE and DTLS are done, at the latest after ``seconds``."""
        return self._loop.run(self._wait(seconds), seconds=seconds + 15)

    def wait_heard(self, seconds: float = FIRST_PACKET) -> bool:
        """Whether a first packet came, at the latest after ``seconds``.

        Only then is the server surely connected: one that is the client of DTLS has still to
        receive the last flight of the handshake when its peer is done (RFC 5246, section 7.3).
        """
        return self._loop.run(self._wait_heard(seconds), seconds=seconds + 15)

    def ask_for_key_frame(self, media_ssrc: int) -> bool:
        """Sends a picture loss indication; False when there is no connection any more."""
        try:
            self._loop.run(adapter.ask_for_key_frame(self._connection, media_ssrc))
        except ConnectionError:
            return False
        return True

    def close(self) -> None:
        """Says goodbye, as browsers do, and frees the sockets. May be called twice."""
        self._loop.run(self._connection.close())

    async def _make(self) -> RTCPeerConnection:
        connection = adapter.new_connection()
        connection.on("connectionstatechange", self._changed)
        connection.on("datachannel", self._listen)
        return connection

    async def _answer(self, offer: str, *, bare: bool) -> str:
        await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        if not bare and not self._connection.getTransceivers():
            raise ValueError("it has neither video nor audio")
        return await self._describe()

    async def _offer(self) -> str:
        for kind in ("video", "audio"):
            self._connection.addTransceiver(kind, direction="recvonly")
        self._listen(self._connection.createDataChannel("events"))
        return await self._describe()

    async def _describe(self) -> str:
        listener = self._listener
        adapter.use_loopback_alone(self._connection)
        adapter.tap(
            self._connection,
            rtp=self._rtp,
            rtcp=listener.rtcp,
            learn=listener.codec,
        )
        await self._connection.setLocalDescription()
        return str(self._connection.localDescription.sdp)

    async def _take(self, answer: str) -> None:
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def _wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while self.state in {"new", "connecting"}:
                    self._settled.clear()
                    await self._settled.wait()
        except TimeoutError:
            return False
        return self.state == "connected"

    async def _wait_heard(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        except TimeoutError:
            return False
        return True

    def _rtp(self, data: bytes) -> None:
        self._heard.set()
        self._listener.rtp(data)

    def _changed(self) -> None:
        self._settled.set()
        self._listener.state(self.state)

    def _listen(self, channel: RTCDataChannel) -> None:
        channel.on("message", self._listener.message)


async def _parsed(what: str, work: Coroutine[Any, Any, Result]) -> Result:
    """For text that it cannot use, aiortc 1.16 raises AssertionError, StopIteration and others."""
    try:
        return await work
    except Exception as problem:
        raise ValueError(f"the {what} cannot be used: {problem!r}") from problem
