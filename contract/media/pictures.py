"""From packets to pictures: put together, decoded, and looked at from afar."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import sub
from typing import Any, NamedTuple

import av
from av.codec import CodecContext

from contract.media.packets import h264_picture, vp8_picture
from contract.media.recording import Track
from contract.media.stamp import Stamp, read_stamp

_JOIN = {"VP8": vp8_picture, "H264": h264_picture}

SPACING = 8
"""Pixels between two samples of a picture, in both directions."""

_MOVED = 16
"""By how much a sample differs, of 255, when something moved there; coding noise is below."""


class Frame(NamedTuple):
    """One picture as it came. ``time`` is that of its track; ``data`` empty when it cannot be used.

    ``whole`` says that no packet of it, and none before it, is missing.
    """

    time: float
    arrived: float
    data: bytes
    key: bool
    whole: bool
    size: tuple[int, int] | None


class Sight(NamedTuple):
    """A decoded picture. ``luma`` holds every eighth pixel of every eighth row."""

    time: float
    arrived: float
    size: tuple[int, int]
    luma: bytes
    stamp: Stamp | None

    @property
    def is_black(self) -> bool:
        """Whether nothing is to be seen: one dark colour (black is 16 in video)."""
        return max(self.luma) < 48

    def moved_since(self, other: Sight) -> int:
        """How many samples differ from another picture of the same size."""
        return sum(change > _MOVED for change in map(abs, map(sub, self.luma, other.luma)))


def frames(track: Track) -> tuple[Frame, ...]:
    """The pictures of a track, by their timestamps."""
    join = _JOIN.get(track.codec.name)
    found: list[Frame] = []
    following: int | None = None
    for time, group in groupby(track.packets, key=lambda timed: timed.time):
        packets = list(group)
        complete = packets[-1].number - packets[0].number + 1 == len(packets)
        whole = complete and following in {None, packets[0].number} and packets[-1].packet.marker
        following = packets[-1].number + 1
        encoded = join([timed.packet.payload for timed in packets]) if join and complete else None
        found.append(
            Frame(
                time,
                packets[0].packet.arrived,
                encoded.data if encoded else b"",
                encoded is not None and encoded.key,
                whole,
                encoded.size if encoded else None,
            )
        )
    return tuple(found)


def look(pictures: tuple[Frame, ...], codec: str) -> Iterator[Sight]:
    """Decodes pictures from the first key frame on; after a loss, from the next one.

    Raises DecodeError for a picture that is whole and cannot be decoded.
    """
    decoder: Any = CodecContext.create("libvpx" if codec == "VP8" else "h264", "r")
    decoder.thread_count = 1
    usable = False
    for frame in pictures:
        usable = frame.key or (usable and frame.whole)
        if not usable:
            continue
        try:
            decoded = decoder.decode(av.Packet(frame.data))
        except av.FFmpegError as problem:
            raise DecodeError(frame.time, str(problem)) from problem
        for picture in decoded:
            yield _sight(frame, picture)


class DecodeError(Exception):
    """A picture that came whole cannot be decoded."""

    def __init__(self, time: float, reason: str) -> None:
        super().__init__(f"the picture at {time:.2f} s cannot be decoded: {reason}")


def _sight(frame: Frame, picture: Any) -> Sight:
    plane = picture.planes[0]
    luma, stride = memoryview(plane), plane.line_size
    width, height = picture.width, picture.height
    samples = b"".join(
        bytes(luma[row * stride : row * stride + width : SPACING])
        for row in range(0, height, SPACING)
    )
    stamp = read_stamp(luma, width=width, height=height, stride=stride)
    return Sight(frame.time, frame.arrived, (width, height), samples, stamp)
