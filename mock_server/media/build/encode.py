"""Pictures to a VP8 star: one key frame, and frames that refer to it alone and change nothing."""

from __future__ import annotations

from collections.abc import Sequence

import av
import numpy as np
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]

# vp8_encoder flags of libvpx (vpx/vp8cx.h): no reference to and no update of the last and the
# alternative frame, golden for reading only, no update of the entropy tables.
_GOLDEN_ONLY = 1 << 16 | 1 << 18 | 1 << 20 | 1 << 21 | 1 << 22 | 1 << 23


def encode_star(pictures: Sequence[Planes], *, quantizer: int) -> list[bytes]:
    """The key frame, which shows the first picture, then one frame for each picture.

    ``quantizer`` is VP8's, 0 (best) to 63. Pictures are Y, U and V planes (4:2:0).
    """
    height, width = pictures[0][0].shape
    encoder = _encoder(width, height, quantizer)
    graph, source, sink = _marker(width, height)
    encoded: list[bytes] = []
    for number, planes in enumerate((pictures[0], *pictures)):
        frame = _frame(planes)
        frame.pts = number
        if number:
            # PyAV's metadata of a frame is read-only; FFmpeg's filter can write it.
            source.push(frame)
            frame = sink.pull()
            frame.pts = number
        (packet,) = encoder.encode(frame)
        encoded.append(bytes(packet))
    return encoded


def _encoder(width: int, height: int, quantizer: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = 25
    encoder.gop_size = 100_000
    encoder.bit_rate = 50_000_000
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = quantizer
    encoder.options = {
        # Each frame then carries its own probabilities: without this the result would depend on
        # which states were sent before.
        "error-resilient": "default",
        "auto-alt-ref": "0",
        "lag-in-frames": "0",
        "partitions": "0",
        "deadline": "good",
        "cpu-used": "2",
    }
    return encoder


def _marker(width: int, height: int) -> tuple[Graph, object, object]:
    graph = Graph()
    source = graph.add_buffer(width=width, height=height, format="yuv420p", time_base="1/25")
    mark = graph.add("metadata", f"mode=add:key=vp8-flags:value={_GOLDEN_ONLY}")
    sink = graph.add("buffersink")
    source.link_to(mark)
    mark.link_to(sink)
    graph.configure()
    return graph, source, sink


def _frame(planes: Planes) -> VideoFrame:
    height, width = planes[0].shape
    frame = VideoFrame(width, height, "yuv420p")
    for target, plane in zip(frame.planes, planes, strict=True):
        rows = np.zeros((target.height, target.line_size), np.uint8)
        rows[: plane.shape[0], : plane.shape[1]] = plane
        target.update(rows.tobytes())
    return frame
