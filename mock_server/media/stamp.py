"""The machine-readable mark in the corner of every picture: what the picture shows.

The layout is specified in docs/stamp.md; this file is the one place of the fake that knows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.core.catalogue import Emotion
from mock_server.core.speech import Eyes, Mouth

VERSION = 1

GRID = (128, 72)
"""The picture is 128 by 72 cells, whatever its size: 10 pixels each at 1280x720."""

COLUMNS, ROWS = 20, 2
"""The stamp fills these cells in the lower left corner."""

DARK, LIGHT = 16, 235
_THRESHOLD = 126
_SYNC = 0xA5
_EMOTIONS = tuple(Emotion)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one picture shows. ``avatar`` is the avatar's number in the catalogue, 0 to 15."""

    avatar: int
    emotion: Emotion
    mouth: Mouth
    eyes: Eyes
    version: int = VERSION


def stamp_bits(stamp: Stamp) -> tuple[bool, ...]:
    """The 40 cells in reading order, True for light. Raises ValueError for values out of range."""
    if not (0 <= stamp.avatar < 16 and 0 <= stamp.version < 16):
        raise ValueError(f"does not fit into a stamp: {stamp}")
    payload = (
        stamp.version << 12
        | stamp.avatar << 8
        | _EMOTIONS.index(stamp.emotion) << 5
        | stamp.mouth << 2
        | stamp.eyes
    )
    word = _SYNC << 32 | payload << 16 | _crc16(payload)
    return tuple(bool(word >> bit & 1) for bit in range(39, -1, -1))


def decode_stamp(luma: bytes, *, width: int, height: int, stride: int) -> Stamp | None:
    """The stamp of a picture, or None when there is no whole one.

    ``luma`` holds the Y plane, one byte per pixel, rows ``stride`` bytes apart; any size that
    shows the whole picture will do, from about 427x240 up. Never raises for any buffer or numbers.
    """
    across, down = GRID
    if width < across or height < down or stride < width:
        return None
    if len(luma) < stride * (height - 1) + width:
        return None
    word = 0
    for row in range(down - ROWS, down):
        # The middle half of each cell: its edges suffer from scaling and from the codec.
        top, bottom = (4 * row + 1) * height // (4 * down), (4 * row + 3) * height // (4 * down)
        for column in range(COLUMNS):
            left = (4 * column + 1) * width // (4 * across)
            right = max((4 * column + 3) * width // (4 * across), left + 1)
            total = count = 0
            for y in range(top, max(bottom, top + 1)):
                pixels = luma[y * stride + left : y * stride + right]
                total += sum(pixels)
                count += len(pixels)
            word = word << 1 | (total >= _THRESHOLD * count)
    payload = word >> 16 & 0xFFFF
    if word >> 32 != _SYNC or word & 0xFFFF != _crc16(payload):
        return None
    emotion, eyes = payload >> 5 & 7, payload & 3
    if payload >> 12 != VERSION or emotion >= len(_EMOTIONS) or eyes >= len(Eyes):
        return None
    return Stamp(payload >> 8 & 15, _EMOTIONS[emotion], Mouth(payload >> 2 & 7), Eyes(eyes))


def _crc16(payload: int) -> int:
    """CRC-16/IBM-3740 (polynomial 0x1021, start 0xFFFF) over the two bytes, high one first."""
    crc = 0xFFFF
    for byte in (payload >> 8, payload & 0xFF):
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
