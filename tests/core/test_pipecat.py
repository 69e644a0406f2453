from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.pipecat import Audio, Frame, FrameError, Text, Transcription, parse_frame

_FIELDS = {
    "TextFrame": ("uint64 id", "string name", "string text"),
    "AudioRawFrame": (
        "uint64 id", "string name", "bytes audio", "uint32 sampleRate", "uint32 numChannels",
    ),
    "TranscriptionFrame": (
        "uint64 id", "string name", "string text", "string userId", "string timestamp",
    ),
}  # fmt: skip
_TYPES = {"uint64": 4, "uint32": 13, "string": 9, "bytes": 12}


def _frame_class() -> Any:
    """pipecat.Frame as the protobuf package has it."""
    file = descriptor_pb2.FileDescriptorProto(
        name="pipecat.proto", package="pipecat", syntax="proto3"
    )
    frame = file.message_type.add(name="Frame")
    frame.oneof_decl.add(name="frame")
    for number, (name, message) in enumerate(
        (
            ("text", "TextFrame"),
            ("audio", "AudioRawFrame"),
            ("transcription", "TranscriptionFrame"),
        ),
        start=1,
    ):
        frame.field.add(
            name=name, number=number, type=11, label=1, type_name=f".pipecat.{message}",
            oneof_index=0,
        )  # fmt: skip
    for message, fields in _FIELDS.items():
        declared = file.message_type.add(name=message)
        for number, field in enumerate(fields, start=1):
            kind, name = field.split()
            declared.field.add(name=name, number=number, type=_TYPES[kind], label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("pipecat.Frame"))


FRAME = _frame_class()


def encoded(**fields: Any) -> bytes:
    return bytes(FRAME(**fields).SerializeToString())


def test_a_text_is_read() -> None:
    assert parse_frame(encoded(text={"id": 7, "name": "x", "text": "Grüße"})) == Text("Grüße")


def test_sound_is_read() -> None:
    data = encoded(audio={"audio": b"\x01\x02" * 512, "sampleRate": 16000, "numChannels": 1})
    assert parse_frame(data) == Audio(b"\x01\x02" * 512, 16000, 1)


def test_a_transcription_is_read() -> None:
    data = encoded(transcription={"text": "hi", "userId": "u", "timestamp": "now"})
    assert parse_frame(data) == Transcription("hi")


def test_ids_and_names_may_be_absent() -> None:
    # As @heygen/streaming-avatar 2.1.0 writes it: {text: {text: "Hello"}}.
    assert parse_frame(bytes.fromhex("0a071a0548656c6c6f")) == Text("Hello")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "neither text"),
        (b"\x20\x01", "neither text"),
        (b"\x0a\x05\x1a", "ends before"),
        (b"\xff" * 11, "has no end"),
        (b"\x0b", "wire type 3"),
        (b"\x02\x00", "cannot be"),
        (b"\x0a\x03\x1a\x01\xff", "no UTF-8"),
        (encoded(audio={"audio": b"aa", "numChannels": 1}), "sampleRate of 0"),
        (encoded(audio={"audio": b"aa", "sampleRate": 16000}), "numChannels of 0"),
        (encoded(audio={"sampleRate": 2**31, "numChannels": 1}), "sampleRate of 2147483648"),
    ],
)
def test_what_is_no_frame_is_refused_with_a_reason(data: bytes, problem: str) -> None:
    with pytest.raises(FrameError, match=problem):
        parse_frame(data)


def reference(data: bytes) -> Frame | None:
    """What the protobuf package reads; None for what it cannot, or is of no use."""
    try:
        frame = FRAME.FromString(data)
    except DecodeError:
        return None
    match frame.WhichOneof("frame"):
        case "text":
            return Text(frame.text.text)
        case "transcription":
            return Transcription(frame.transcription.text)
        case "audio":
            audio = frame.audio
            if 4000 <= audio.sampleRate <= 192_000 and 1 <= audio.numChannels <= 8:
                return Audio(audio.audio, audio.sampleRate, audio.numChannels)
    return None


FRAMES = st.one_of(
    st.builds(lambda text, number: encoded(text={"text": text, "id": number}),
              st.text(), st.integers(0, 2**64 - 1)),
    st.builds(lambda text: encoded(transcription={"text": text}), st.text()),
    st.builds(
        lambda pcm, rate, channels: encoded(
            audio={"audio": pcm, "sampleRate": rate, "numChannels": channels}
        ),
        st.binary(), st.sampled_from([0, 8000, 16000, 48000]), st.integers(0, 9),
    ),
)  # fmt: skip


@given(st.lists(FRAMES, max_size=3).map(b"".join))
def test_frames_are_read_as_the_protobuf_package_reads_them(data: bytes) -> None:
    expected = reference(data)
    if expected is None:
        with pytest.raises(FrameError):
            parse_frame(data)
    else:
        assert parse_frame(data) == expected


@given(st.data())
def test_a_broken_frame_is_another_frame_or_refused(data: st.DataObject) -> None:
    whole = bytearray(data.draw(FRAMES))
    for _ in range(data.draw(st.integers(0, 3))):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        found = parse_frame(broken)
    except FrameError:
        return
    assert isinstance(found, Text | Audio | Transcription)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        parse_frame(data)
    except FrameError as error:
        assert str(error)  # noqa: PT017
