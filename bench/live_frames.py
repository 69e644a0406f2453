"""What the live server encodes: the fake's own pictures and sounds, decoded once."""

from __future__ import annotations

from dataclasses import dataclass

from av import AudioFrame, Packet, VideoFrame
from av.audio.codeccontext import AudioCodecContext
from av.codec import CodecContext
from av.video.codeccontext import VideoCodecContext

from bench.speech import TEXT
from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Quality
from mock_server.core.speech import Speech, speak
from mock_server.media.library import Library
from mock_server.media.script import Performance

FRAME, SOUND = 0.04, 0.02


@dataclass(frozen=True, slots=True)
class Show:
    """A minute of speech as raw media: a state for each frame, a raw sound for each packet."""

    states: tuple[int, ...]
    sounds: tuple[AudioFrame, ...]


def record() -> Show:
    """The first avatar saying the text."""
    utterance = speak(TEXT, rate=1.0)
    avatar = AVATARS[0]
    voice = next(v for v in VOICES if v.voice_id == avatar.default_voice)
    bank = Library().voice(voice)
    speech = Speech("task", utterance, started_at=0.0)
    performance = Performance.of(speech, bank=bank, seed=1)
    sounds = utterance.slots
    decoder = CodecContext.create("libopus", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.sample_rate = 48000
    decoder.layout = "mono"
    decoded: list[AudioFrame] = []
    for slot in range(sounds):
        decoded += decoder.decode(Packet(performance.packet(slot * SOUND + 1e-6)))
    states = [performance.state(n * FRAME + 1e-6) for n in range(sounds // 2)]
    return Show(tuple(states), tuple(decoded))


def pictures() -> tuple[VideoFrame, ...]:
    """Every state of the first avatar at 720p, decoded: frames of its caller's own."""
    atlas = Library().vp8(AVATARS[0], Emotion.NEUTRAL, Quality.MEDIUM)
    decoder = CodecContext.create("vp8", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.decode(Packet(atlas.key_frame))
    return tuple(frame for data in atlas.frames for frame in decoder.decode(Packet(data)))
