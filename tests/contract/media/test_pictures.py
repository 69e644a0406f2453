"""What the decoders make of pictures and sounds that were encoded here."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
import pytest
from av.codec import CodecContext

from contract.media.packets import Packet
from contract.media.pictures import DecodeError, Frame, frames, look
from contract.media.recording import Codec, Timed, Track
from contract.media.sounds import Span, hear, span


def _encode(shades: list[int], *, size: tuple[int, int] = (160, 96)) -> list[bytes]:
    encoder: Any = CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.options = {"lag-in-frames": "0", "deadline": "realtime"}
    encoder.time_base = Fraction(1, 25)
    packets: list[bytes] = []
    for number, shade in enumerate(shades):
        picture = av.VideoFrame(*size, "yuv420p")
        for plane, value in zip(picture.planes, (shade, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        picture.pts = number
        packets += [bytes(packet) for packet in encoder.encode(picture)]
    return packets


def _track(pictures: list[bytes]) -> Track:
    timed = tuple(
        Timed(n / 25, n, Packet(n / 25, 97, True, n, n * 3600, 1, b"\x10" + data))
        for n, data in enumerate(pictures)
    )
    return Track(Codec("video", "VP8", 90000), timed)


def test_pictures_are_decoded_and_looked_at() -> None:
    sights = list(look(frames(_track(_encode([200, 200, 60]))), "VP8"))
    assert [sight.size for sight in sights] == [(160, 96)] * 3
    assert len(sights[0].luma) == 20 * 12
    assert sights[1].moved_since(sights[0]) == 0
    assert sights[2].moved_since(sights[1]) == 240
    assert [sight.stamp for sight in sights] == [None] * 3
    assert not sights[0].is_black


def test_black_is_black() -> None:
    (sight,) = look(frames(_track(_encode([16]))), "VP8")
    assert sight.is_black


def test_after_a_lost_packet_nothing_is_decoded_until_a_key_frame() -> None:
    track = _track([*_encode([200, 100, 100]), *_encode([60, 60])])
    holed = Track(track.codec, tuple(t for t in track.packets if t.number != 1))
    assert [frame.whole for frame in frames(holed)] == [True, False, True, True]
    assert [sight.time for sight in look(frames(holed), "VP8")] == [0.0, 0.12, 0.16]


def test_a_picture_that_cannot_be_decoded_is_named() -> None:
    bad = Frame(1.0, 1.0, b"\x10\x02\x00\x9d\x01\x2a\xa0\x00\x60\x00", True, True, (160, 96))
    with pytest.raises(DecodeError, match=r"the picture at 1\.00 s cannot be decoded"):
        list(look((bad,), "VP8"))


def _opus(levels: list[int], *, milliseconds: int = 20) -> Track:
    encoder: Any = CodecContext.create("libopus", "w")
    encoder.options, each = {"frame_duration": str(milliseconds)}, milliseconds * 48
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "mono", "s16"
    encoder.open()
    payloads: list[bytes] = []
    for number, level in enumerate(levels):
        frame = av.AudioFrame(format="s16", layout="mono", samples=each)
        wave = b"".join(
            (level if i // 48 % 2 else -level).to_bytes(2, "little", signed=True)
            for i in range(each)
        )
        frame.planes[0].update(wave)
        frame.sample_rate, frame.pts = 48000, number * each
        payloads += [bytes(packet) for packet in encoder.encode(frame)]
    timed = tuple(
        Timed(n * each / 48000, n, Packet(0.0, 96, False, n, n * each, 1, data))
        for n, data in enumerate(payloads)
    )
    return Track(Codec("audio", "OPUS", 48000), timed)


def test_sound_is_told_from_silence() -> None:
    sounds = hear(_opus([0] * 10 + [8000] * 10 + [0] * 10))
    heard = span(sounds)
    assert heard is not None
    assert 0.18 <= heard.begin <= 0.22
    assert 0.4 <= heard.end <= 0.48
    assert span(sounds, end=0.1) is None


def test_a_voice_does_not_ring_on_over_a_gap() -> None:
    track = _opus([8000] * 10 + [0] * 20)
    kept = (*track.packets[:8], *track.packets[20:])
    assert [s.is_loud for s in hear(replace(track, packets=kept))] == [True] * 8 + [False] * 10


def test_long_packets_are_no_gaps() -> None:
    track = _opus([8000] * 5 + [0] * 5, milliseconds=60)
    assert track.packets[1].time == 0.06
    close = tuple(timed._replace(time=timed.number / 50) for timed in track.packets)
    levels = [sound.level for sound in hear(replace(track, packets=close))]
    assert [sound.level for sound in hear(track)] == levels


def test_a_packet_that_is_no_opus_is_silent() -> None:
    track = Track(
        Codec("audio", "OPUS", 48000),
        (
            Timed(0.0, 0, Packet(0.0, 96, False, 0, 0, 1, b"")),
            Timed(0.02, 1, Packet(0.0, 96, False, 1, 960, 1, b"\xff\xff\xff")),
        ),
    )
    assert [sound.level for sound in hear(track)] == [0.0, 0.0]


def test_a_span_lasts_to_the_end_of_its_last_packet() -> None:
    assert Span(1.0, 1.5).seconds == 0.5
