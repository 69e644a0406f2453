"""A viewer made of LiveKit's own SDK for Python: what it saw, heard and was told of one room."""

from __future__ import annotations

import asyncio
import json
import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from livekit import rtc

RATE = 48_000
PATIENCE = 15.0
"""Seconds until a test gives up on what should come soon."""


@dataclass
class Client:
    """One participant. Make it inside a running event loop."""

    room: rtc.Room = field(default_factory=rtc.Room)
    tracks: dict[int, rtc.Track] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    reasons: list[int] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def join(self, url: str, token: str) -> None:
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("data_received", self._received)
        self.room.on("disconnected", self._disconnected)
        # One attempt: a refusal is not tried again.
        await self.room.connect(url, token, rtc.RoomOptions(connect_timeout=PATIENCE))

    async def leave(self) -> None:
        await self.room.disconnect()

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until something that was told makes the condition hold."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def event(self, name: str, nth: int = 1) -> dict[str, Any]:
        """The nth event of that name, awaited."""
        await self.until(lambda: len(self.named(name)) >= nth)
        return self.named(name)[nth - 1]

    async def end(self) -> int:
        """Why the room was over, awaited."""
        await self.until(lambda: self.reasons)
        return self.reasons[0]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["type"] == name]

    async def sizes(self, count: int) -> set[tuple[int, int]]:
        """Those of the next pictures."""
        stream = rtc.VideoStream(await self.track(rtc.TrackKind.KIND_VIDEO))
        found = set()
        async with asyncio.timeout(PATIENCE):
            async for one in stream:
                found.add((one.frame.width, one.frame.height))
                count -= 1
                if not count:
                    break
        await stream.aclose()
        return found

    async def loudest(self, blocks: int) -> float:
        """The highest root mean square of the next blocks of 10 ms; full scale is 1."""
        stream = rtc.AudioStream(await self.track(rtc.TrackKind.KIND_AUDIO), frame_size_ms=10)
        loudest = 0.0
        async with asyncio.timeout(PATIENCE):
            async for one in stream:
                samples = array("h", bytes(one.frame.data))
                power = sum(sample * sample for sample in samples) / len(samples)
                loudest = max(loudest, math.sqrt(power) / 32768)
                blocks -= 1
                if not blocks:
                    break
        await stream.aclose()
        return loudest

    async def speak(self) -> None:
        """Publishes a microphone that hums until it is heard, and then is silent for a second."""
        source = rtc.AudioSource(RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)
        async with asyncio.timeout(PATIENCE):
            while not self.named("user_start"):
                await source.capture_frame(_hum(height=8000))
            for _ in range(50):
                await source.capture_frame(_hum(height=0))
            await source.wait_for_playout()
        await source.aclose()

    async def track(self, kind: int) -> rtc.Track:
        await self.until(lambda: kind in self.tracks)
        return self.tracks[kind]

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        self.tracks[track.kind] = track
        self._news.set()

    def _received(self, packet: rtc.DataPacket) -> None:
        self.events.append(json.loads(packet.data))
        self.senders.append(packet.participant.identity if packet.participant else None)
        self._news.set()

    def _disconnected(self, reason: int) -> None:
        self.reasons.append(reason)
        self._news.set()


def _hum(*, height: int) -> rtc.AudioFrame:
    """20 ms."""
    samples = array("h", (round(height * math.sin(n / 30)) for n in range(RATE // 50)))
    return rtc.AudioFrame(samples.tobytes(), RATE, 1, len(samples))
