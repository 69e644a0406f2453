"""A viewer's own connection of aiortc, for data alone."""

from __future__ import annotations

import asyncio

from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription

from contract.media import adapter
from contract.media.loop import MediaLoop

_RELIABLE = "_reliable"
"""The label by which LiveKit's clients send what must not be lost (livekit-client 2.11.3)."""


class DataPublisher:
    """A ``Publisher``."""

    def __init__(self, loop: MediaLoop) -> None:
        self._loop = loop
        self._open = asyncio.Event()
        self._channel: RTCDataChannel | None = None
        self._connection: RTCPeerConnection = loop.run(self._make())

    def offer(self) -> str:
        """An offer of one data channel."""
        return self._loop.run(self._describe())

    def take(self, answer: str) -> None:
        """The answer to it. Raises ValueError for one that cannot be used."""
        try:
            self._loop.run(self._take(answer))
        except Exception as problem:  # aiortc 1.16 raises whatever there is for such text
            raise ValueError(f"the answer cannot be used: {problem!r}") from problem

    def send(self, data: bytes, seconds: float) -> bool:
        """Sends a message reliably; False where the channel is not open after so many seconds."""
        return self._loop.run(self._send(data, seconds), seconds=seconds + 15)

    def close(self) -> None:
        """Says goodbye. May be called twice."""
        self._loop.run(self._connection.close())

    async def _make(self) -> RTCPeerConnection:
        return adapter.new_connection()

    async def _describe(self) -> str:
        self._channel = self._connection.createDataChannel(_RELIABLE)
        self._channel.on("open", self._open.set)
        await self._connection.setLocalDescription()
        return str(self._connection.localDescription.sdp)

    async def _take(self, answer: str) -> None:
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def _send(self, data: bytes, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._open.wait()
        except TimeoutError:
            return False
        if self._channel is None or self._channel.readyState != "open":
            return False
        self._channel.send(data)
        return True
