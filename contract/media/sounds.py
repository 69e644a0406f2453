"""From packets to loudness."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
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

_GAP = 1.75
"""Of the usual step from packet to packet: from there on, one is missing."""


def hear(track: Track) -> tuple[Sound, ...]:
    """Decodes a track of Opus; a packet that cannot be decoded is silent."""
    decoder = _decoder()
    heard: list[Sound] = []
    end = float("inf")
    for timed in track.packets:
        if timed.time - end > PACKET / 2:
            # Opus goes on from what came last: silence after a gap would begin with a voice.
            decoder = _decoder()
        level, end = 0, timed.time + PACKET
        if timed.packet.payload:
            try:
                for frame in decoder.decode(av.Packet(timed.packet.payload)):
                    samples = array("h", bytes(frame.planes[0])[: frame.samples * 2])[::2]
                    level = max(level, *map(abs, samples))
                    end = timed.time + frame.samples / 48000
            except av.FFmpegError:
                level = 0
        heard.append(Sound(timed.time, timed.packet.arrived, level / 32768))
    return tuple(heard)


def _decoder() -> Any:
    decoder: Any = CodecContext.create("libopus", "r")
    decoder.sample_rate = 48000
    return decoder


def span(sounds: Iterable[Sound], begin: float = 0.0, end: float = float("inf")) -> Span | None:
    """What is heard between two times of the track; None for silence."""
    loud = [sound.time for sound in sounds if sound.is_loud and begin <= sound.time <= end]
    return Span(loud[0], loud[-1] + PACKET) if loud else None


def missing(sounds: Sequence[Sound], begin: float) -> float:
    """Seconds of which nothing came, from a time of the track on.

    Somebody may have been heard then, or not: a server that came too late has left them out, or
    they were lost. Not only next to what is heard: speech has pauses.
    """
    steps = [(one.time, later.time) for one, later in pairwise(sounds)]
    if not steps:
        return 0.0
    usual = median(later - one for one, later in steps)
    return sum(
        later - one - usual for one, later in steps if later - one > _GAP * usual and later >= begin
    )
