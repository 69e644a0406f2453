"""What a client writes on the chat socket: ``pipecat.Frame`` in protobuf.

Messages and numbers are those of src/pipecat.json of npm @heygen/streaming-avatar 2.1.0::

    Frame { oneof frame { TextFrame text = 1; AudioRawFrame audio = 2; ... } }
    TextFrame { string text = 3; }
    AudioRawFrame { bytes audio = 3; uint32 sampleRate = 4; uint32 numChannels = 5; }

Written by hand (protobuf.dev/programming-guides/encoding), as it is five fields.
"""

from __future__ import annotations

_TEXT, _AUDIO = 0x0A, 0x12
_CONTENT = 0x1A
_RATE, _CHANNELS = 0x20, 0x28


def text_frame(text: str) -> bytes:
    """A user's text."""
    return _field(_TEXT, _field(_CONTENT, text.encode()))


def audio_frame(pcm: bytes, *, rate: int, channels: int = 1) -> bytes:
    """Little-endian 16-bit samples of a microphone."""
    numbers = bytes([_RATE]) + _varint(rate) + bytes([_CHANNELS]) + _varint(channels)
    return _field(_AUDIO, _field(_CONTENT, pcm) + numbers)


def _field(key: int, content: bytes) -> bytes:
    return bytes([key]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F)
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])
