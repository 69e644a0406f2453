"""Peers and streamers that play the avatar wrongly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from mock_server.core.catalogue import VOICES
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.speech import Speech, speak
from mock_server.media.library import Library
from mock_server.media.script import sound
from mock_server.peers import Hearing, Peer, PeerFactory, PeerNews, PeerSpec, Publisher
from mock_server.rtc.rtp import StreamFormat
from mock_server.rtc.streamer import Streamer
from mock_server.seams import Seams


class Peers:
    """Peers that are each wrapped in another."""

    def __init__(self, real: PeerFactory, wrap: Callable[[Peer], Peer]) -> None:
        self._real = real
        self._wrap = wrap

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer:
        return self._wrap(self._real(spec, notify))

    def publisher(self, hearing: Hearing) -> Publisher:
        return self._real.publisher(hearing)

    async def close(self) -> None:
        await self._real.close()


class Outer:
    """A peer that does what the inner one does."""

    def __init__(self, inner: Peer) -> None:
        self._inner = inner

    async def offer(self, *, media: bool = True) -> str:
        return await self._inner.offer(media=media)

    async def accept(self, answer: SessionDescription) -> None:
        await self._inner.accept(answer)

    async def answer(self, offer: SessionDescription) -> str:
        return await self._inner.answer(offer)

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        await self._inner.add_candidate(candidate)

    def show(self, speech: Speech | None) -> None:
        self._inner.show(speech)

    def send(self, message: bytes | str) -> None:
        self._inner.send(message)

    async def close(self) -> None:
        await self._inner.close()


class LateEvents(Outer):
    def send(self, message: bytes | str) -> None:
        asyncio.get_running_loop().call_later(1.2, super().send, message)


class SwappedEvents(Outer):
    def __init__(self, inner: Peer) -> None:
        super().__init__(inner)
        self._held: bytes | str | None = None

    def send(self, message: bytes | str) -> None:
        held, self._held = self._held, None if self._held is not None else message
        if held is not None:
            super().send(message)
            super().send(held)


class LateSilence(Outer):
    def show(self, speech: Speech | None) -> None:
        delay = 0.8 if speech is None else 0.0
        asyncio.get_running_loop().call_later(delay, super().show, speech)


class LateEnd(Outer):
    async def close(self) -> None:
        await asyncio.sleep(2.5)
        await super().close()


def wrapped(outer: type[Outer]) -> Seams:
    return Seams(peers=lambda real: Peers(real, outer))


class NoKeys(Streamer):
    """The first frame is a key frame, and no other."""

    def want_key(self) -> None:
        """Nobody is heard."""


class HalfRate(Streamer):
    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        return () if tick // 8 % 2 else super()._picture(tick, now)


class Ahead(Streamer):
    """The time of the pictures jumps by half a second every second."""

    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        if self._video is not None and tick % 200 < 8:
            self._video.origin += 45_000
        return super()._picture(tick, now)


class SoundBack(Streamer):
    """The time of the sound falls back by half a second every second."""

    def _sound(self, tick: int, now: float) -> Sequence[bytes]:
        if self._audio is not None and tick % 200 < 4:
            self._audio.origin -= 24_000
        return super()._sound(tick, now)


class NoFirstKey(Streamer):
    """The viewer has to ask for its first key frame."""

    def start_video(self, negotiated: StreamFormat) -> None:
        super().start_video(negotiated)
        self._key_wanted = False


class Torn(Streamer):
    """Of each packet of a picture only the beginning is sent."""

    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        return [packet[:30] for packet in super()._picture(tick, now)]


class NoSound(Streamer):
    def start_audio(self, negotiated: StreamFormat) -> None:
        """None is sent."""


class NoPictures(Streamer):
    def start_video(self, negotiated: StreamFormat) -> None:
        """None is sent."""


def played(kind: type[Streamer]) -> Seams:
    return Seams(streamer=lambda real: kind(real.performance))


class Noise:
    """A voice in the place of silence."""

    def __init__(self) -> None:
        self._packets: tuple[bytes, ...] = ()

    def __call__(
        self, speech: Speech | None, packets: tuple[bytes, ...], t: float, silence: bytes
    ) -> bytes:
        if not self._packets:
            self._packets = Library().voice(VOICES[1]).packets(speak("Yada yada", rate=1.0))
        due = sound(speech, packets, t, silence)
        return self._packets[int(t * 50) % len(self._packets)] if due is silence else due
