"""How loud sound is: RMS of 16-bit samples in dBFS.

Full scale is 32768, so a square wave of the largest samples has 0 dBFS and a sine -3. Written
without numpy, which serving does not need, and without audioop, which Python 3.13 lacks.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator
from operator import mul

SILENCE = -120.0
"""dBFS of samples that are all zero. The smallest sound of 16 bits has -90."""

_FULL_SCALE_DB = 20 * math.log10(32768)


def level(pcm: bytes | memoryview) -> float:
    """The dBFS of little-endian 16-bit samples, all channels together.

    Half a sample at the end is left out.
    """
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) & ~1])
    if sys.byteorder == "big":
        samples.byteswap()
    power = sum(map(mul, samples, samples))
    return 10 * math.log10(power / len(samples)) - _FULL_SCALE_DB if power else SILENCE


def levels(pcm: bytes, *, block: int) -> Iterator[tuple[float, int]]:
    """(dBFS, samples) of each ``block`` samples in turn; the last block may be shorter."""
    view = memoryview(pcm)
    for start in range(0, len(pcm) & ~1, block * 2):
        part = view[start : start + block * 2]
        yield level(part), len(part) // 2
