"""Black pictures of the size of other ones. Needs av (PyAV)."""

from __future__ import annotations

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from mock_server.media.atlas import STATES, Atlas, H264Atlas
from mock_server.media.h264 import convert


def black_pictures(codec: str, *, like: Atlas) -> Atlas | H264Atlas:
    """Black pictures in VP8 or H264, made in a tenth of a second."""
    atlas = black(like)
    if codec != "H264":
        return atlas
    one = convert(Atlas.of(atlas.key_frame, atlas.frames[:1]))
    return H264Atlas.of(one.frames * STATES)


def black(like: Atlas) -> Atlas:
    """An atlas of the same size whose every state is one black key frame."""
    width, height = vp8_size(like.key_frame)
    picture = VideoFrame(width, height, "yuv420p")
    for number, plane in enumerate(picture.planes):
        # Black in limited range (ITU-R BT.709): luma 16, and no colour.
        plane.update(bytes([16 if number == 0 else 128]) * plane.buffer_size)
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"lag-in-frames": "0", "deadline": "realtime", "crf": "10"}
    packets = [*encoder.encode(picture), *encoder.encode(None)]
    key_frame = bytes(packets[0])
    return Atlas.of(key_frame, (key_frame,) * STATES)


def vp8_size(key_frame: bytes) -> tuple[int, int]:
    """Width and height in a VP8 key frame (RFC 6386 section 9.1)."""
    width, height = (int.from_bytes(key_frame[at : at + 2], "little") for at in (6, 8))
    return width & 0x3FFF, height & 0x3FFF
