"""The session's events on data channels: kept until one is open, bounded, one way."""

from __future__ import annotations

import asyncio
from collections import deque

from aiortc import RTCDataChannel

MAX_CHANNELS = 16
MAX_WAITING = 256
"""Messages kept for a channel that is not open yet; the oldest go first."""

_MAX_BUFFERED = 1 << 20
# A channel of the viewer's own opens a moment after the server's: it still gets what was waiting.
_REPLAY = 1.0


class EventChannels:
    """Sends each event on every open channel. What viewers say there is not listened to."""

    def __init__(self) -> None:
        self._channels: list[RTCDataChannel] = []
        self._waiting: deque[bytes | str] = deque(maxlen=MAX_WAITING)
        self._opened_at: float | None = None

    def add(self, channel: RTCDataChannel) -> None:
        """A channel, open or about to be; past 16 they are left alone."""
        if len(self._channels) >= MAX_CHANNELS:
            return
        self._channels.append(channel)
        channel.on("close", lambda: self._discard(channel))
        if channel.readyState == "open":
            self._open(channel)
        else:
            channel.on("open", lambda: self._open(channel))

    def send(self, message: bytes | str) -> None:
        """Sends a binary message, or keeps it while no channel was open yet."""
        if self._opened_at is None:
            self._waiting.append(message)
        for channel in self._channels:
            self._send(channel, message)

    def successor(self) -> EventChannels:
        """Those of the next connection: without channels yet, with what still waits."""
        channels = EventChannels()
        if self._opened_at is None:
            channels._waiting.extend(self._waiting)
        return channels

    def forget(self) -> None:
        """Lets go of the channels when their connection is closed."""
        self._channels.clear()

    def _open(self, channel: RTCDataChannel) -> None:
        now = asyncio.get_running_loop().time()
        if self._opened_at is None:
            self._opened_at = now
        elif now - self._opened_at > _REPLAY:
            self._waiting.clear()
        for message in self._waiting:
            self._send(channel, message)

    def _send(self, channel: RTCDataChannel, message: bytes | str) -> None:
        # A viewer that stalls loses events rather than making the server keep them all.
        if channel.readyState == "open" and channel.bufferedAmount < _MAX_BUFFERED:
            channel.send(message)

    def _discard(self, channel: RTCDataChannel) -> None:
        if channel in self._channels:
            self._channels.remove(channel)
