"""What clients write on the chat socket: ``pipecat.Frame``, from bytes to a frozen value.

The messages and their numbers are those of src/pipecat.json of HeyGen-Official's
StreamingAvatarSDK (npm @heygen/streaming-avatar 2.1.0 has the same inlined)::

    Frame { oneof frame { TextFrame text = 1; AudioRawFrame audio = 2;
                          TranscriptionFrame transcription = 3; } }
    TextFrame { uint64 id = 1; string name = 2; string text = 3; }
    AudioRawFrame { uint64 id = 1; string name = 2; bytes audio = 3; uint32 sampleRate = 4;
                    uint32 numChannels = 5; }
    TranscriptionFrame { uint64 id = 1; string name = 2; string text = 3; string userId = 4;
                         string timestamp = 5; }

The wire format is that of protobuf.dev/programming-guides/encoding; tests hold this reading
against the protobuf package's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _I64, _LEN, _I32 = 0, 1, 2, 5
RATES = range(4_000, 192_001)
CHANNELS = range(1, 9)


class FrameError(ValueError):
    """Bytes that are no frame, or none that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a user wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound of a microphone: little-endian 16-bit samples, channels interleaved."""

    pcm: bytes
    rate: int
    """Samples per second and channel."""
    channels: int


@dataclass(frozen=True, slots=True)
class Transcription:
    """What a user said, where the client understood it itself."""

    text: str


Frame = Text | Audio | Transcription


def parse_frame(data: bytes) -> Frame:
    """The frame in ``data``. Raises FrameError, and nothing else, for any bytes."""
    number, content = 0, b""
    for field, value in _fields(data):
        if field in (1, 2, 3) and isinstance(value, bytes):
            # Of a oneof the last one counts; one that comes in parts is their concatenation.
            content = content + value if field == number else value
            number = field
    match number:
        case 1:
            return Text(_text(content))
        case 2:
            return _audio(content)
        case 3:
            return Transcription(_text(content))
    raise FrameError("it holds neither text, audio nor a transcription")


def _text(content: bytes) -> str:
    text = b""
    for field, value in _fields(content):
        if field == 3 and isinstance(value, bytes):
            text = value
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise FrameError("its text is no UTF-8") from None


def _audio(content: bytes) -> Audio:
    pcm, rate, channels = b"", 0, 0
    for field, value in _fields(content):
        if field == 3 and isinstance(value, bytes):
            pcm = value
        elif field == 4 and isinstance(value, int):
            rate = value & 0xFFFFFFFF
        elif field == 5 and isinstance(value, int):
            channels = value & 0xFFFFFFFF
    if rate not in RATES:
        raise FrameError(f"its sampleRate of {rate} is none")
    if channels not in CHANNELS:
        raise FrameError(f"its numChannels of {channels} is none")
    return Audio(pcm, rate, channels)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field: an integer, or the bytes of all other wire types."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire_type = key >> 3, key & 7
        if not 0 < number < 1 << 29:
            raise FrameError("a field has a number that cannot be")
        if wire_type == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire_type == _LEN:
            length, at = _varint(data, at)
        elif wire_type in (_I32, _I64):
            length = 4 if wire_type == _I32 else 8
        else:
            raise FrameError(f"a field has the wire type {wire_type}")
        if length > len(data) - at:
            raise FrameError("it ends before its time")
        if wire_type == _LEN:
            yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at ``at``, and where the next thing begins."""
    value = 0
    for index, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at + index + 1
    raise FrameError("a number in it has no end")
