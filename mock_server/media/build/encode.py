"""Pictures to a VP8 star: one key frame, and frames that refer to it alone and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.codeccontext import VideoCodecContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]

# vp8_encoder flags of libvpx (vpx/vp8cx.h): no reference to and no update of the last and the
# alternative frame, golden for reading only, no update of the entropy tables.
_GOLDEN_ONLY = 1 << 16 | 1 << 18 | 1 << 20 | 1 << 21 | 1 << 22 | 1 << 23

_BLOCK = 16
_SAME = 2
"""Differences up to this are left over from scaling and cannot be seen."""


def encode_star(pictures: Sequence[Planes], *, quantizer: int) -> list[bytes]:
    """The key frame, which shows the first picture, then one frame for each picture.

    ``quantizer`` is VP8's, 0 (best) to 63. Pictures are Y, U and V planes (4:2:0).
    """
    height, width = pictures[0][0].shape
    encoder = _encoder(width, height, quantizer)
    _graph, source, sink = _marker(width, height)
    (key,) = encoder.encode(_frame(pictures[0], 0))
    shown = _decoded(bytes(key))
    encoded = [bytes(key)]
    for number, picture in enumerate(pictures, 1):
        # PyAV's metadata of a frame is read-only; FFmpeg's filter can write it.
        source.push(_frame(_changes(pictures[0], picture, shown), number))
        frame = sink.pull()
        assert isinstance(frame, VideoFrame)
        frame.pts = number
        (packet,) = encoder.encode(frame)
        encoded.append(bytes(packet))
    return encoded


def _changes(first: Planes, picture: Planes, shown: Planes) -> Planes:
    """``picture`` where it differs from the first one, elsewhere what the decoder shows anyway.

    Else the encoder would spend half of its bytes on polishing what stands still.
    """
    height, width = first[0].shape
    rows, columns = -(-height // _BLOCK), -(-width // _BLOCK)
    changed = np.zeros((rows, columns), bool)
    for one, other in zip(first, picture, strict=True):
        size = _BLOCK if one.shape[0] == height else _BLOCK // 2
        apart = np.zeros((rows * size, columns * size), bool)
        apart[: one.shape[0], : one.shape[1]] = np.abs(one.astype(int) - other) > _SAME
        changed |= apart.reshape(rows, size, columns, size).any((1, 3))
    merged = []
    for new, old in zip(picture, shown, strict=True):
        size = _BLOCK if new.shape[0] == height else _BLOCK // 2
        mask = changed.repeat(size, 0).repeat(size, 1)[: new.shape[0], : new.shape[1]]
        merged.append(np.where(mask, new, old))
    return merged[0], merged[1], merged[2]


def _decoded(key: bytes) -> Planes:
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, VideoCodecContext)
    (frame,) = decoder.decode(av.Packet(key))
    y, u, v = (
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[
            :, : plane.width
        ]
        for plane in frame.planes
    )
    return y, u, v


def _encoder(width: int, height: int, quantizer: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = Fraction(25)
    encoder.gop_size = 100_000
    encoder.bit_rate = 50_000_000
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = quantizer
    encoder.options = {
        # Each frame then carries its own probabilities: without this the result would depend on
        # which states were sent before.
        "error-resilient": "default",
        # The same as gop_size: no key frame of its own accord.
        "keyint_min": "100000",
        "auto-alt-ref": "0",
        "lag-in-frames": "0",
        "partitions": "0",
        "deadline": "good",
        "cpu-used": "2",
    }
    return encoder


def _marker(width: int, height: int) -> tuple[Graph, FilterContext, FilterContext]:
    graph = Graph()
    source = graph.add_buffer(
        width=width, height=height, format=VideoFormat("yuv420p"), time_base=Fraction(1, 25)
    )
    mark = graph.add("metadata", f"mode=add:key=vp8-flags:value={_GOLDEN_ONLY}")
    sink = graph.add("buffersink")
    source.link_to(mark)
    mark.link_to(sink)
    graph.configure()
    return graph, source, sink


def _frame(planes: Planes, number: int) -> VideoFrame:
    height, width = planes[0].shape
    frame = VideoFrame(width, height, "yuv420p")
    frame.pts = number
    for target, plane in zip(frame.planes, planes, strict=True):
        rows = np.zeros((target.height, target.line_size), np.uint8)
        rows[: plane.shape[0], : plane.shape[1]] = plane
        target.update(rows.tobytes())
    return frame
