"""From packets to loudness."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any, NamedTuple

import av
from av.codec import CodecContext

from contract.media.recording import Track

LOUD = 0.01
"""Of full scale: 40 dB below it. Opus codes silence as next to nothing."""


class Sound(NamedTuple):
    """The loudest sample of one packet, 0 to 1. ``time`` is that of its track."""

    time: float
    arrived: float
    level: float

    @property
    def is_loud(self) -> bool:
        """Whether something can be heard."""
        return self.level > LOUD


class Span(NamedTuple):
    """From the first packet that can be heard to the end of the last."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.begin


PACKET = 0.02
"""Seconds: the length of an Opus packet in WebRTC unless asked for otherwise (RFC 7587)."""


def hear(track: Track) -> tuple[Sound, ...]:
    """Decodes a track of Opus; a packet that cannot be decoded is silent."""
    decoder: Any = CodecContext.create("libopus", "r")
    decoder.sample_rate = 48000
    heard = []
    for timed in track.packets:
        level = 0
        if timed.packet.payload:
            try:
                for frame in decoder.decode(av.Packet(timed.packet.payload)):
                    samples = array("h", bytes(frame.planes[0])[: frame.samples * 2])[::2]
                    level = max(level, *map(abs, samples))
            except av.FFmpegError:
                level = 0
        heard.append(Sound(timed.time, timed.packet.arrived, level / 32768))
    return tuple(heard)


def span(sounds: Iterable[Sound], begin: float = 0.0, end: float = float("inf")) -> Span | None:
    """What is heard between two times of the track; None for silence."""
    loud = [sound.time for sound in sounds if sound.is_loud and begin <= sound.time <= end]
    return Span(loud[0], loud[-1] + PACKET) if loud else None
