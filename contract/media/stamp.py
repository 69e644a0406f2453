"""The stamp in the corner of the stand-in's pictures, read as docs/stamp.md lays it out."""

from __future__ import annotations

from dataclasses import dataclass

EMOTIONS = ("neutral", "excited", "serious", "friendly", "soothing", "broadcaster")
MOUTHS = ("rest", "closed", "teeth", "narrow", "half", "round", "open", "wide")
EYES = ("open", "half", "shut")

_ACROSS, _DOWN = 128, 72
_COLUMNS, _ROWS = 20, (70, 71)
_SYNC, _VERSION = 0xA5, 1


@dataclass(frozen=True, slots=True)
class Stamp:
    """``avatar`` is the avatar's number, from 0; the others are the words of the page."""

    avatar: int
    emotion: str
    mouth: str
    eyes: str


def read_stamp(luma: bytes | memoryview, *, width: int, height: int, stride: int) -> Stamp | None:
    """The stamp of a picture, or None when there is no whole one.

    ``luma`` holds one byte per pixel, rows ``stride`` bytes apart. Never raises, for any buffer.
    """
    if width < _ACROSS or height < _DOWN or stride < width:
        return None
    if len(luma) < stride * (height - 1) + width:
        return None
    bits = [
        _is_light(luma, stride, _middle(column, _ACROSS, width), _middle(row, _DOWN, height))
        for row in _ROWS
        for column in range(_COLUMNS)
    ]
    sync, content, check = _number(bits[:8]), bits[8:24], _number(bits[24:])
    if sync != _SYNC or check != crc16(_number(content).to_bytes(2, "big")):
        return None
    version, avatar = _number(content[:4]), _number(content[4:8])
    emotion, mouth, eyes = map(_number, (content[8:11], content[11:14], content[14:]))
    if version != _VERSION or emotion >= len(EMOTIONS) or eyes >= len(EYES):
        return None
    return Stamp(avatar, EMOTIONS[emotion], MOUTHS[mouth], EYES[eyes])


def crc16(data: bytes) -> int:
    """CRC-16/IBM-3740: polynomial 0x1021, start 0xFFFF, neither reflected nor inverted."""
    remainder = 0xFFFF
    for byte in data:
        remainder ^= byte << 8
        for _ in range(8):
            remainder <<= 1
            if remainder > 0xFFFF:
                remainder ^= 0x11021
    return remainder


def _middle(cell: int, cells: int, pixels: int) -> range:
    """The pixels of the middle half of a cell, one at least: coding blurs the edges."""
    quarter = pixels / cells / 4
    first = int((4 * cell + 1) * quarter)
    return range(first, max(int((4 * cell + 3) * quarter), first + 1))


def _is_light(luma: bytes | memoryview, stride: int, columns: range, rows: range) -> bool:
    total = sum(sum(luma[y * stride + columns.start : y * stride + columns.stop]) for y in rows)
    return total >= 126 * len(columns) * len(rows)


def _number(bits: list[bool]) -> int:
    return sum(bit << place for place, bit in enumerate(reversed(bits)))
