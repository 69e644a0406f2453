"""Sings the voice bank: vowels from harmonics under formants, consonants from hum and noise."""

from __future__ import annotations

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from mock_server.core.catalogue import Voice
from mock_server.media.voice import recordings

Samples = NDArray[np.float64]

RATE = 48_000
SLOT = RATE // 50

# Opus in its low-delay mode answers 120 samples late; a recording must be silent by then.
_DELAY = 160
_BITS_PER_SECOND = 24_000

# Centre, width and strength of the formants, male; women's vocal tracts are about a sixth shorter.
_FORMANTS = {
    "a": ((730, 90, 1.0), (1150, 110, 0.55), (2440, 160, 0.16), (3400, 250, 0.06)),
    "e": ((520, 80, 1.0), (1800, 120, 0.40), (2480, 160, 0.20), (3500, 250, 0.07)),
    "i": ((310, 70, 1.0), (2150, 130, 0.30), (2850, 170, 0.20), (3600, 250, 0.08)),
    "o": ((500, 80, 1.0), (880, 100, 0.50), (2400, 160, 0.08), (3300, 250, 0.04)),
    "u": ((340, 70, 1.0), (800, 100, 0.30), (2250, 160, 0.05), (3300, 250, 0.03)),
    "m": ((260, 90, 1.0), (1100, 250, 0.10), (2200, 300, 0.04), (3200, 300, 0.01)),
    "l": ((340, 90, 1.0), (1250, 160, 0.22), (2500, 220, 0.08), (3300, 300, 0.02)),
}
_PITCH_STEPS = (0.87, 1.0, 1.17)

# Loudness (RMS) relative to full scale.
_LOUDNESS = {"m": 0.055, "l": 0.075, "b": 0.030, "s": 0.026, "f": 0.016}
_VOWEL, _STRESSED = 0.13, 0.185
_PEAK = 0.65


def bank_packets(voice: Voice) -> list[bytes]:
    """The silence packet, then the packets of all recordings, in the order of the file."""
    packets = encode_opus(np.zeros(4 * SLOT))[-1:]
    for kind, pitch, stressed, slots in recordings():
        packets += encode_opus(synthesise(voice, kind, pitch, stressed=stressed, slots=slots))
    return packets


def synthesise(voice: Voice, kind: str, pitch: int, *, stressed: bool, slots: int) -> Samples:
    """One sound at 48 kHz, ``slots`` times 960 samples, silent at both ends."""
    length = slots * SLOT - _DELAY
    if kind in ("b", "s", "f"):
        body = _noise(kind, length)
        loudness = _LOUDNESS[kind]
    else:
        body = _voiced(voice, kind, pitch, length) * _envelope(length, attack=0.022, release=0.045)
        loudness = _LOUDNESS.get(kind, _STRESSED if stressed else _VOWEL)
    body *= loudness / max(float(np.sqrt(np.mean(body**2))), 1e-9)
    peak = float(np.abs(body).max())
    if peak > _PEAK:
        body *= _PEAK / peak
    return np.concatenate([body, np.zeros(slots * SLOT - length)])


def encode_opus(samples: Samples) -> list[bytes]:
    """One packet of 20 ms for each 960 samples, from an encoder of their own."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate = RATE
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = _BITS_PER_SECOND
    # Low delay is CELT alone, which begins afresh with each recording; SILK would look back.
    encoder.options = {"application": "lowdelay", "frame_duration": "20", "vbr": "on"}
    packets: list[bytes] = []
    whole = np.round(samples * 32767).astype(np.int16)
    for begin in range(0, len(whole), SLOT):
        frame = AudioFrame.from_ndarray(whole[None, begin : begin + SLOT], "s16", "mono")
        frame.sample_rate = RATE
        frame.pts = begin
        packets += map(bytes, encoder.encode(frame))
    packets += map(bytes, encoder.encode(None))
    return packets[: len(whole) // SLOT]


def _voiced(voice: Voice, kind: str, pitch: int, length: int) -> Samples:
    """Harmonics of a gently moving fundamental, each as strong as the formants let it be."""
    tract = 1.16 if voice.gender == "female" else 1.0
    time = np.arange(length) / RATE
    progress = np.linspace(0.0, 1.0, length)
    glide = 1.0 + 0.035 * np.sin(np.pi * progress) - 0.03 * progress
    vibrato = 1.0 + 0.006 * np.sin(2 * np.pi * 5.1 * time)
    fundamental = voice.pitch * _PITCH_STEPS[pitch] * glide * vibrato
    phase = 2 * np.pi * np.cumsum(fundamental) / RATE
    tone = np.zeros(length)
    for harmonic in range(1, int(4600 / fundamental.max()) + 1):
        # Twelve decibels per octave from the glottis, six back from the lips.
        strength = _resonance(kind, harmonic * fundamental / tract) / harmonic**0.75
        tone += strength * np.sin(harmonic * phase + 0.7 * harmonic**2)
    return tone


def _resonance(kind: str, frequency: Samples) -> Samples:
    gain = np.full_like(frequency, 0.015)
    for centre, width, strength in _FORMANTS[kind]:
        gain += strength / (1.0 + ((frequency - centre) / width) ** 2)
    return gain


def _noise(kind: str, length: int) -> Samples:
    """Noise of one colour: a short burst after a closure, a hiss, or a breath."""
    random = np.random.default_rng(7)
    spectrum = np.fft.rfft(random.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / RATE)
    centre, width = {"b": (1700, 1100), "s": (6200, 1900), "f": (2600, 2200)}[kind]
    noise = np.fft.irfft(spectrum * np.exp(-(((frequency - centre) / width) ** 2)), length)
    if kind != "b":
        return noise * _envelope(length, attack=0.018, release=0.022)
    burst = min(length, int(0.014 * RATE))
    noise[:-burst] = 0.0
    noise[-burst:] *= np.sin(np.linspace(0, np.pi, burst)) * np.linspace(1.0, 0.3, burst)
    return noise


def _envelope(length: int, *, attack: float, release: float) -> Samples:
    """Rises and falls as a raised cosine; in short sounds both share the length."""
    up, down = int(attack * RATE), int(release * RATE)
    if up + down > length:
        up, down = length * up // (up + down), length * down // (up + down)
    shape = np.ones(length)
    shape[:up] = 0.5 - 0.5 * np.cos(np.pi * np.arange(up) / up)
    shape[length - down :] = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, down + 1) / down)
    return shape
