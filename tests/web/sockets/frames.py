"""What the official SDK writes on the chat socket."""

from __future__ import annotations

import struct


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def text(words: str) -> bytes:
    return field(1, field(3, words.encode()))


def audio(pcm: bytes, rate: int = 16_000, channels: int = 1) -> bytes:
    return field(2, field(3, pcm) + field(4, rate) + field(5, channels))


def sound(seconds: float, amplitude: int, rate: int = 16_000) -> list[bytes]:
    """Frames of 512 samples that are as loud as the amplitude: 3000 is speech, 0 silence."""
    frame = audio(struct.pack("<2h", amplitude, -amplitude) * 256, rate)
    return [frame] * round(seconds * rate / 512)


def speech(seconds: float = 1.0) -> list[bytes]:
    """Somebody talks and then is silent for long enough to have ended."""
    return [*sound(seconds, 3000), *sound(1.0, 0)]
