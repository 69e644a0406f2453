"""What one viewer received of one session, as frozen values."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from contract.media.loop import Late
from contract.media.packets import Packet

Kind = Literal["video", "audio"]


class Codec(NamedTuple):
    """What a payload type was negotiated to be; ``name`` in upper case."""

    kind: str
    name: str
    clock_rate: int


class Report(NamedTuple):
    """A sender report (RFC 3550 section 6.4.1): ``timestamp`` was due at ``wall``, in seconds."""

    ssrc: int
    wall: float
    timestamp: int


class Message(NamedTuple):
    """What came on a data channel."""

    arrived: float
    data: bytes | str


class Timed(NamedTuple):
    """A packet in its place: ``time`` in seconds of RTP since the track's first packet."""

    time: float
    number: int
    packet: Packet


@dataclass(frozen=True)
class Track:
    """The packets of one stream in the order in which they were sent, each once.

    ``starts`` is the sender's wall time of the track's time 0; None where no report told it.
    """

    codec: Codec
    packets: tuple[Timed, ...]
    starts: float | None = None

    @property
    def lost(self) -> int:
        """How many packets are missing between the first and the last."""
        return self.packets[-1].number - self.packets[0].number + 1 - len(self.packets)

    @property
    def ends(self) -> float:
        """The time of the last packet."""
        return self.packets[-1].time

    def reached(self, moment: float) -> float:
        """The time of the latest packet that had arrived at a moment of the loop's clock."""
        position = bisect_right(self._arrivals, moment)
        return self._latest[position - 1] if position else 0.0

    @cached_property
    def _by_arrival(self) -> list[Timed]:
        return sorted(self.packets, key=lambda timed: timed.packet.arrived)

    @cached_property
    def _arrivals(self) -> list[float]:
        return [timed.packet.arrived for timed in self._by_arrival]

    @cached_property
    def _latest(self) -> list[float]:
        latest, times = 0.0, []
        for timed in self._by_arrival:
            latest = max(latest, timed.time)
            times.append(latest)
        return times


@dataclass(frozen=True)
class Recording:
    """``late`` says when the viewer itself was late: what arrived then waited for being noted.
    ``closed_at`` is when the server closed the connection. ``crowded`` is the share of the time
    in which somebody on this machine had to wait for a processor, 0 where that is not known.
    """

    codecs: Mapping[int, Codec]
    packets: tuple[Packet, ...]
    reports: tuple[Report, ...] = ()
    messages: tuple[Message, ...] = ()
    closed_at: float | None = None
    late: tuple[Late, ...] = ()
    crowded: float = 0.0
    _tracks: dict[str, Track | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def video(self) -> Track | None:
        """None when no picture came."""
        return self._track("video")

    @property
    def audio(self) -> Track | None:
        """None when no sound came."""
        return self._track("audio")

    def _track(self, kind: Kind) -> Track | None:
        if kind not in self._tracks:
            self._tracks[kind] = self._find(kind)
        return self._tracks[kind]

    def _find(self, kind: Kind) -> Track | None:
        """The stream of that kind: that of the first packet whose codec is no repair."""
        for packet in self.packets:
            codec = self.codecs.get(packet.payload_type)
            if codec is not None and codec.kind == kind and codec.name != "RTX":
                same = [
                    p
                    for p in self.packets
                    if (p.ssrc, p.payload_type) == (packet.ssrc, packet.payload_type)
                ]
                return _track(codec, same, self.reports)
        return None


def _track(codec: Codec, packets: list[Packet], reports: tuple[Report, ...]) -> Track:
    first = packets[0]
    numbers: dict[int, Timed] = {}
    number, stamp = 0, 0
    for packet in packets:
        number += _signed(packet.sequence - first.sequence - number, 16)
        stamp += _signed(packet.timestamp - first.timestamp - stamp, 32)
        numbers.setdefault(number, Timed(stamp / codec.clock_rate, number, packet))
    starts = None
    for report in reports:
        if report.ssrc == first.ssrc:
            since = _signed(report.timestamp - first.timestamp, 32) / codec.clock_rate
            starts = report.wall - since
            break
    return Track(codec, tuple(numbers[n] for n in sorted(numbers)), starts)


def _signed(difference: int, bits: int) -> int:
    """The shortest way round a counter of so many bits."""
    half = 1 << bits - 1
    return (difference + half) % (1 << bits) - half
