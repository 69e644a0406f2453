"""A recording for the microphone of Chromium: somebody speaks, then is silent, over again."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

RATE = 48_000
SPEECH = 1.5
SILENCE = 2.5
"""Seconds."""


def record(file: Path) -> tuple[str, ...]:
    """Writes the recording; the flags with which Chromium takes it for its microphone."""
    samples = array("h", (round(32767 * _voice(n / RATE)) for n in range(int(RATE * SPEECH))))
    samples.extend(bytes(int(RATE * SILENCE)))
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={file}",
    )


def _voice(second: float) -> float:
    """Three syllables of a voice of gliding pitch: a steady tone would pass for noise."""
    phase = 120 * second - 9 * math.cos(4.4 * second)
    syllable = math.sqrt(max(0.0, math.sin(4 * math.pi * second)))
    partials = (math.sin(2 * math.pi * k * phase) / k for k in range(1, 12))
    return 0.5 * syllable * max(-1.0, min(1.0, 0.4 * sum(partials)))
