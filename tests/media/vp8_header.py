"""Reads what a VP8 inter frame changes in its decoder (RFC 6386, 7.3 and 9.2 to 9.11)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changes:
    """What of one frame lasts beyond it."""

    references: bool
    """Whether any of the last, golden and alternative frames is another one afterwards."""
    refresh_entropy: bool
    segmentation_is_whole: bool
    """Whether map and data of the segments, if they are used, are all in this frame."""


class _Bits:
    """The boolean entropy decoder with even odds (RFC 6386, 7.3)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 2
        self._value = int.from_bytes(data[:2], "big")
        self._range = 255
        self._shift = 0

    def flag(self) -> bool:
        split = 1 + ((self._range - 1) * 128 >> 8)
        found = self._value >= split << 8
        if found:
            self._range -= split
            self._value -= split << 8
        else:
            self._range = split
        while self._range < 128:
            self._value <<= 1
            self._range <<= 1
            self._shift += 1
            if self._shift == 8:
                self._shift = 0
                self._value |= self._data[self._at] if self._at < len(self._data) else 0
                self._at += 1
        return found

    def number(self, bits: int) -> int:
        value = 0
        for _ in range(bits):
            value = value << 1 | self.flag()
        return value

    def optional(self, bits: int) -> None:
        """A flag, and if it is set a number with its sign."""
        if self.flag():
            self.number(bits + 1)


def changes_of(frame: bytes) -> Changes:
    """Raises AssertionError for a key frame."""
    assert frame[0] & 1, "a key frame"
    bits = _Bits(frame[3:])
    segmentation = bits.flag()
    new_map = segmentation and bits.flag()
    new_data = segmentation and bits.flag()
    if new_data:
        bits.flag()
        for size in (7, 7, 7, 7, 6, 6, 6, 6):
            bits.optional(size)
    for _ in range(3 if new_map else 0):
        if bits.flag():
            bits.number(8)
    bits.number(1 + 6 + 3)  # filter type, level, sharpness
    if bits.flag() and bits.flag():
        for _ in range(8):
            bits.optional(6)
    bits.number(2 + 7)  # partitions, quantizer
    for _ in range(5):
        bits.optional(4)
    golden, alternative = bits.flag(), bits.flag()
    copied = [bits.number(2) for refreshed in (golden, alternative) if not refreshed]
    bits.number(2)  # sign biases
    refresh_entropy, refresh_last = bits.flag(), bits.flag()
    return Changes(
        references=golden or alternative or any(copied) or refresh_last,
        refresh_entropy=refresh_entropy,
        segmentation_is_whole=not segmentation or (new_map and new_data),
    )
