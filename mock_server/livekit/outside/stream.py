"""The avatar's pictures and sound on their way into LiveKit's SDK."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Protocol

from livekit import rtc

from mock_server.livekit.outside.samples import RATE
from mock_server.media.atlas import Atlas
from mock_server.rtc.streamer import TICK, TICKS_PER_PACKET

NAME = "avatar"
"""Of the tracks, and of the stream that keeps them in step."""

_QUEUE_MS = 200
"""Sound that the SDK may hold: it hides ticks that are late, and later ones stay late by it."""
_MAX_LEAD = 0.08
_MAX_WAITING = 5
_KEY_EVERY = 24  # ticks of the pump: a key frame per 120 ms at most


class Performance(Protocol):
    """What is shown and heard at a moment on the fake's clock."""

    def state(self, t: float, /) -> int: ...

    def packet(self, t: float, /) -> bytes: ...


class Stream:
    """Implements ``Ticked`` of the pump: one frame, encoded before, and 40 ms of samples a tick."""

    def __init__(self, atlas: Atlas, size: tuple[int, int], performance: Performance) -> None:
        self.performance = performance
        self._atlas = atlas
        self._size = size
        self._video = rtc.EncodedVideoSource(*size)
        self._audio = rtc.AudioSource(RATE, 1, queue_size_ms=_QUEUE_MS)
        self._blocks: asyncio.Queue[bytes] = asyncio.Queue(_MAX_WAITING)
        self._feeding = asyncio.create_task(self._feed(), name="sound of an avatar elsewhere")
        # The SDK's time is the monotonic clock in microseconds; a tick's is the machine's time.
        self._zero = time.monotonic() - time.time()
        self._shown_tick = -1
        self._key_tick = -_KEY_EVERY
        self._key_wanted = True

    async def publish(self, participant: rtc.LocalParticipant) -> None:
        """Announces both tracks. Raises rtc.PublishTrackError, or what the SDK raises."""
        await participant.publish_track(
            rtc.LocalAudioTrack.create_audio_track(NAME, self._audio),
            rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, stream=NAME),
        )
        await participant.publish_track(
            rtc.LocalVideoTrack.create_video_track(NAME, self._video),
            rtc.TrackPublishOptions(
                source=rtc.TrackSource.SOURCE_CAMERA,
                stream=NAME,
                simulcast=False,
                video_codec=rtc.VideoCodec.VP8,
                video_encoder=rtc.VideoEncoderBackend.ENCODER_BACKEND_PRE_ENCODED,
            ),
        )

    def play(self, tick: int, now: float, wall: float) -> None:
        """Frame and sound of this tick. ``now`` is the fake's time, ``wall`` the machine's."""
        self.show_picture(tick, now, wall)
        first = self.performance.packet(now)
        block = first + self.performance.packet(now + TICKS_PER_PACKET * TICK)
        # Silence makes up for what the sound is late.
        late = self._audio.queued_duration > _MAX_LEAD and not any(block)
        if not late and not self._blocks.full():
            self._blocks.put_nowait(block)

    def show_picture(self, tick: int, now: float, wall: float) -> None:
        """The frame of this tick alone."""
        if tick <= self._shown_tick:
            return
        self._shown_tick = tick
        # Asked for by every viewer that is new or has lost something, as far as the SFU says so.
        self._key_wanted |= self._video.take_feedback().keyframe_requested
        key = self._key_wanted and tick - self._key_tick >= _KEY_EVERY
        atlas, (width, height) = self._atlas, self._size
        accepted = self._video.capture_frame(
            rtc.EncodedVideoFrame(
                # The key frame shows a state of its own, for the 40 ms until the next.
                data=atlas.key_frame if key else atlas.frame(self.performance.state(now)),
                width=width,
                height=height,
                codec=rtc.VideoCodec.VP8,
                frame_type=(
                    rtc.EncodedFrameType.ENCODED_FRAME_KEY
                    if key
                    else rtc.EncodedFrameType.ENCODED_FRAME_DELTA
                ),
                timestamp_us=int((wall + self._zero) * 1e6),
            )
        )
        if key and accepted:
            self._key_wanted = False
            self._key_tick = tick

    def stop(self) -> None:
        """The pump lets go of it."""

    async def close(self) -> None:
        """Gives the SDK's sources back."""
        self._feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._feeding
        await self._audio.aclose()
        await self._video.aclose()

    async def _feed(self) -> None:
        while True:
            block = await self._blocks.get()
            frame = rtc.AudioFrame(block, RATE, 1, len(block) // 2)
            await self._audio.capture_frame(frame)
