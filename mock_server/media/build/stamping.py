"""Writes the stamp into pictures, as docs/stamp.md has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mock_server.media.stamp import COLUMNS, DARK, GRID, LIGHT, ROWS, Stamp, stamp_bits


def write_stamp(luma: NDArray[np.uint8], stamp: Stamp) -> None:
    """Paints the cells into the Y plane. The caller makes the chroma planes grey there."""
    height, width = luma.shape
    across, down = GRID
    for number, light in enumerate(stamp_bits(stamp)):
        row, column = divmod(number, COLUMNS)
        top, bottom = ((down - ROWS + row + edge) * height // down for edge in (0, 1))
        left, right = ((column + edge) * width // across for edge in (0, 1))
        luma[top:bottom, left:right] = LIGHT if light else DARK


def stamp_box(width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the stamp in pixels."""
    across, down = GRID
    return 0, (down - ROWS) * height // down, COLUMNS * width // across, height
