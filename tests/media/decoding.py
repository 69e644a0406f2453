"""Decoders for the tests: pictures to planes, packets to samples."""

from collections.abc import Iterable

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from mock_server.core.speech import Eyes, Mouth
from mock_server.media.stamp import Stamp, decode_stamp

Samples = NDArray[np.float32]


class PictureDecoder:
    """Decodes one frame after the other, as a viewer does."""

    def __init__(self, codec: str) -> None:
        context = av.CodecContext.create(codec, "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        self._context = context

    def picture(self, frame: bytes) -> VideoFrame:
        pictures = self._context.decode(av.Packet(frame))
        if not pictures:  # H264 waits for the next frame to be sure that this one is over
            pictures = self._context.decode(None)
            self._context.flush_buffers()
        (picture,) = pictures
        return picture


def stamp_of(picture: VideoFrame) -> Stamp | None:
    luma = picture.planes[0]
    return decode_stamp(
        bytes(luma), width=picture.width, height=picture.height, stride=luma.line_size
    )


def all_states() -> list[tuple[Eyes, Mouth]]:
    """Eyes and mouth of each state, in the order of an atlas."""
    return [(eyes, mouth) for eyes in Eyes for mouth in Mouth]


def planes_of(picture: VideoFrame) -> list[NDArray[np.uint8]]:
    return [
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[
            :, : plane.width
        ]
        for plane in picture.planes
    ]


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Likeness in decibels; 99 for the same."""
    error = float(np.mean((one.astype(float) - other) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def heard(packets: Iterable[bytes]) -> Samples:
    """All packets through one decoder: mono at 48 kHz, -1 to 1, 960 samples each."""
    decoder = av.CodecContext.create("opus", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.sample_rate = 48_000
    frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)
