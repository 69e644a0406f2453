"""One viewer's media: from a moment of the performance to packets on its socket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.rtc.rtp import HISTORY, RtpStream, StreamFormat

TICK = 0.005
"""Seconds. Eight ticks are a frame, four an Opus packet."""
TICKS_PER_FRAME = 8
TICKS_PER_PACKET = 4

_REPORT_EVERY = 200
_KEY_EVERY = 20  # at most one key frame per 100 ms, however many are asked for
_SECOND_FRAME = 90  # of 90,000 per second


class Performance(Protocol):
    """What is shown and heard at a moment on the fake's clock."""

    def state(self, t: float, /) -> int: ...

    def packet(self, t: float, /) -> bytes: ...


class Pictures(Protocol):
    """The encoded frames of an avatar, cut for RTP."""

    @property
    def key(self) -> tuple[bytes, ...]:
        """What a decoder must have seen first; empty when every frame stands alone."""

    def frame(self, state: int) -> tuple[bytes, ...]: ...


class StarPictures:
    """VP8: one key frame, and states that refer to it alone."""

    def __init__(self, atlas: Atlas) -> None:
        self.key = atlas.key
        self._states = atlas.states

    def frame(self, state: int) -> tuple[bytes, ...]:
        return self._states[state]


class KeyPictures:
    """H264: every frame a key frame; the parity of two in a row differs."""

    key: tuple[bytes, ...] = ()

    def __init__(self, atlas: H264Atlas) -> None:
        self._states = atlas.states
        self._parity = 0

    def frame(self, state: int) -> tuple[bytes, ...]:
        self._parity ^= 1
        return self._states[state][self._parity]


def pictures_of(atlas: Atlas | H264Atlas) -> Pictures:
    """The pictures of an atlas, for one viewer."""
    return StarPictures(atlas) if isinstance(atlas, Atlas) else KeyPictures(atlas)


class SecurePath(Protocol):
    """The way to a viewer. A packet that cannot be sent now is lost."""

    def send_rtp(self, packets: Iterable[bytes]) -> None: ...

    def send_rtcp(self, packet: bytes) -> None: ...


class Streamer:
    """Sends one viewer's pictures and sounds when the pump says so."""

    def __init__(self, performance: Performance) -> None:
        self.performance = performance
        self.pictures: Pictures | None = None
        self._path: SecurePath | None = None
        self._video: RtpStream | None = None
        self._audio: RtpStream | None = None
        self._key_wanted = True
        self._key_tick = -_KEY_EVERY
        self._shown_tick = -1
        self._report_tick: int | None = None
        self._repeats = HISTORY

    def open(self, path: SecurePath) -> None:
        """From now on packets go along ``path``."""
        self._path = path

    def start_video(self, negotiated: StreamFormat) -> None:
        self._video = RtpStream(negotiated, history=True)
        self._shown_tick = -1
        self._report_tick = None

    def start_audio(self, negotiated: StreamFormat) -> None:
        self._audio = RtpStream(negotiated, history=False)
        self._report_tick = None

    def stop(self) -> None:
        """Says goodbye, as far as the way is still open, and sends nothing more."""
        path, self._path = self._path, None
        if path is not None:
            for stream in (self._video, self._audio):
                if stream is not None:
                    path.send_rtcp(stream.goodbye())

    def want_key(self) -> None:
        """The viewer cannot decode what it has: a key frame at the next tick."""
        self._key_wanted = True

    def repeat(self, sequences: Iterable[int]) -> None:
        """Sends lost packets again, at most a history's worth per frame."""
        path, stream = self._path, self._video
        if path is None or stream is None:
            return
        again: list[bytes] = []
        for sequence in sequences:
            if self._repeats <= 0:
                break
            packet = stream.repeat(sequence)
            if packet is not None:
                self._repeats -= 1
                again.append(packet)
        path.send_rtp(again)

    def play(self, tick: int, now: float, wall: float) -> None:
        """Sound and frame of this tick. ``now`` is the fake's time, ``wall`` the machine's.

        Both Opus packets of a frame's time go out together: waking the viewer's process for one
        packet costs more than sending three.
        """
        packets = [
            *self._sound(tick, now),
            *self._sound(tick + TICKS_PER_PACKET, now + TICKS_PER_PACKET * TICK),
            *self._picture(tick, now),
        ]
        self._send(packets, tick, wall)

    def show_picture(self, tick: int, now: float, wall: float) -> None:
        """The frame of this tick alone."""
        self._send(self._picture(tick, now), tick, wall)

    def _send(self, packets: Sequence[bytes], tick: int, wall: float) -> None:
        path = self._path
        if path is None or not packets:
            return
        path.send_rtp(packets)
        if self._report_tick is None or tick - self._report_tick >= _REPORT_EVERY:
            self._report(path, tick, wall)

    def _sound(self, tick: int, now: float) -> Sequence[bytes]:
        stream = self._audio
        if stream is None:
            return ()
        # The marker is for the first packet after silence that was not sent (RFC 3551 section
        # 4.1); here silence is sent.
        timestamp = stream.origin + tick * 240 & 0xFFFFFFFF
        return (stream.packet(self.performance.packet(now), timestamp, marker=False),)

    def _picture(self, tick: int, now: float) -> Sequence[bytes]:
        stream, pictures = self._video, self.pictures
        # A frame out of turn can be ahead of a pump that is late: RTP time never goes back.
        if stream is None or pictures is None or tick <= self._shown_tick:
            return ()
        self._shown_tick = tick
        self._repeats = HISTORY
        timestamp = stream.origin + tick * 450 & 0xFFFFFFFF
        frame = pictures.frame(self.performance.state(now))
        if not self._key_wanted or tick - self._key_tick < _KEY_EVERY:
            return _packets(stream, frame, timestamp)
        # A second frame at once: the key frame shows a state of its own, and aiortc 1.16 gives
        # a frame to its decoder only when the next one arrives (jitterbuffer.py).
        self._key_wanted = False
        self._key_tick = tick
        first = _packets(stream, pictures.key or frame, timestamp)
        if not pictures.key:
            frame = pictures.frame(self.performance.state(now))
        return [*first, *_packets(stream, frame, timestamp + _SECOND_FRAME & 0xFFFFFFFF)]

    def _report(self, path: SecurePath, tick: int, wall: float) -> None:
        self._report_tick = tick
        for stream in (self._video, self._audio):
            if stream is not None:
                ticks = stream.format.clock_rate // 200
                timestamp = stream.origin + tick * ticks & 0xFFFFFFFF
                path.send_rtcp(stream.report(wall=wall, timestamp=timestamp))


def _packets(stream: RtpStream, payloads: tuple[bytes, ...], timestamp: int) -> list[bytes]:
    last = len(payloads) - 1
    return [
        stream.packet(payload, timestamp, marker=number == last)
        for number, payload in enumerate(payloads)
    ]
