"""Frames are written as the fake, which is held against the protobuf package, reads them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contract.voice.frames import audio_frame, text_frame
from contract.voice.sounds import MICROPHONE, chunks, silence, tone
from mock_server.core.levels import SILENCE, level
from mock_server.core.pipecat import CHANNELS, RATES, Audio, Text, parse_frame


@given(st.text())
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert parse_frame(text_frame(text)) == Text(text)


@given(
    st.binary(max_size=300),
    st.sampled_from([*RATES[:3], 16_000, 48_000]),
    st.sampled_from(CHANNELS),
)
def test_sound_is_read_as_it_was_written(pcm: bytes, rate: int, channels: int) -> None:
    assert parse_frame(audio_frame(pcm, rate=rate, channels=channels)) == Audio(pcm, rate, channels)


def test_a_tone_is_loud_and_silence_is_not() -> None:
    loud, quiet = tone(0.5, rate=MICROPHONE), silence(0.5, rate=MICROPHONE)
    assert len(loud) == len(quiet) == 16_000
    assert -15 < level(loud) < -9
    assert level(quiet) == SILENCE


def test_a_microphone_sends_pieces_that_are_the_whole() -> None:
    loud = tone(0.1, rate=MICROPHONE)
    assert [len(piece) for piece in chunks(loud)] == [1024, 1024, 1024, 128]
    assert b"".join(chunks(loud)) == loud
