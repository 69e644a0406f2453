"""From a painted picture to the planes that are encoded, stamp included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mock_server.media.build.encode import Planes
from mock_server.media.stamp import COLUMNS, DARK, GRID, LIGHT, ROWS, Stamp, stamp_bits

# From the full range of a JPEG to the limited one of video.
_LUMA = [round(16 + value * 219 / 255) for value in range(256)]
_CHROMA = [round(128 + (value - 128) * 224 / 255) for value in range(256)]


def planes(picture: Image.Image, size: tuple[int, int], stamp: Stamp) -> Planes:
    """Y, U and V of the picture at ``size``, in the limited range of BT.601, with its stamp.

    WebRTC's VP8 carries no colour description; receivers take it for BT.601 (RFC 6386, 9.2).
    """
    width, height = size
    y, u, v = picture.resize(size, Image.Resampling.BOX).convert("YCbCr").split()
    luma = np.array(y.point(_LUMA))
    half = ((width + 1) // 2, (height + 1) // 2)
    chroma = [np.array(plane.resize(half, Image.Resampling.BOX).point(_CHROMA)) for plane in (u, v)]
    across, down = GRID
    for plane in chroma:
        plane[(down - ROWS) * height // down // 2 :, : -(-COLUMNS * width // across // 2)] = 128
    write_stamp(luma, stamp)
    return luma, chroma[0], chroma[1]


def write_stamp(luma: NDArray[np.uint8], stamp: Stamp) -> None:
    """Paints the cells into the Y plane."""
    height, width = luma.shape
    across, down = GRID
    for number, light in enumerate(stamp_bits(stamp)):
        row, column = divmod(number, COLUMNS)
        top, bottom = ((down - ROWS + row + edge) * height // down for edge in (0, 1))
        left, right = ((column + edge) * width // across for edge in (0, 1))
        luma[top:bottom, left:right] = LIGHT if light else DARK
