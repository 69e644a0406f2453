"""H264 pictures from the VP8 ones, for viewers that cannot decode VP8. Needs av (PyAV)."""

from __future__ import annotations

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from mock_server.media.atlas import Atlas, H264Atlas
from mock_server.media.payloads import nal_units

_SEI = 6
_RATE = Fraction(25)

# ITU-T H.264, table A-1: the most macroblocks of a frame that a level allows, times 10 the level.
_LEVELS = ((1620, 30), (3600, 31), (8192, 40))


def convert(atlas: Atlas) -> H264Atlas:
    """Decodes each state and encodes it as a key frame, twice, so that idr_pic_id alternates.

    Raises av.FFmpegError when the pictures do not decode.
    """
    pictures = _decode(atlas)
    encoder = _encoder(pictures[0].width, pictures[0].height)
    frames = []
    for picture in pictures:
        pair = [_without_sei(_encode(encoder, picture)) for _ in range(2)]
        frames.append((pair[0], pair[1]))
    return H264Atlas.of(tuple(frames))


def _decode(atlas: Atlas) -> list[VideoFrame]:
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    decoder.decode(av.Packet(atlas.key_frame))
    return [decoder.decode(av.Packet(frame))[0] for frame in atlas.frames]


def _encoder(width: int, height: int) -> VideoCodecContext:
    blocks = -(-width // 16) * -(-height // 16)
    level = next((level for most, level in _LEVELS if blocks <= most), 51)
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.framerate = _RATE
    encoder.gop_size = 1
    encoder.thread_count = 1
    encoder.profile = "Baseline"
    encoder.options = {
        "level": str(level),
        "preset": "veryfast",
        "tune": "zerolatency",
        "crf": "27",
        # sliced-threads would split each picture; viewers need the parameter sets with every one.
        "x264-params": "keyint=1:scenecut=0:repeat-headers=1:sliced-threads=0:threads=1",
    }
    return encoder


def _encode(encoder: VideoCodecContext, picture: VideoFrame) -> bytes:
    picture.pts = None
    (packet,) = encoder.encode(picture)
    return bytes(packet)


def _without_sei(access_unit: bytes) -> bytes:
    """x264 puts its banner of 600 bytes before the first picture."""
    kept = [unit for unit in nal_units(access_unit) if unit[0] & 0x1F != _SEI]
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in kept)
