"""Sound that is loud, and sound that is none: little-endian 16-bit samples of one channel."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

MICROPHONE = 16_000
"""Samples per second of the SDK's microphone (npm @heygen/streaming-avatar 2.1.0)."""
SPEECH = 24_000
"""Samples per second of agent.speak (docs.heygen.com, audio-to-video API, 2025)."""
_CHUNK = 512
"""Samples that the SDK sends at one time."""
_PITCH = 200.0
_LOUDNESS = 12_000


def tone(seconds: float, *, rate: int) -> bytes:
    """As loud as somebody who talks close to the microphone: -12 dBFS."""
    turn = 2 * math.pi * _PITCH / rate
    samples = [round(_LOUDNESS * math.sin(n * turn)) for n in range(round(seconds * rate))]
    return struct.pack(f"<{len(samples)}h", *samples)


def silence(seconds: float, *, rate: int) -> bytes:
    """Nothing at all."""
    return bytes(2 * round(seconds * rate))


def chunks(pcm: bytes) -> Iterator[bytes]:
    """As a microphone's sound is sent, piece by piece."""
    for start in range(0, len(pcm), 2 * _CHUNK):
        yield pcm[start : start + 2 * _CHUNK]
