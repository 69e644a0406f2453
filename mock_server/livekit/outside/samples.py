"""Voices as samples, for LiveKit's SDK, which takes no sound that is encoded already."""

from __future__ import annotations

import math
import threading
from array import array

import av
from av.audio.codeccontext import AudioCodecContext

from mock_server.core.catalogue import Voice
from mock_server.media.library import Library
from mock_server.media.voice import VoiceBank

RATE = 48_000
SLOT_BYTES = RATE // 50 * 2
"""20 ms, mono, 16 bits."""

_FADE = tuple(math.cos(math.pi / 2 * n / 240) ** 2 for n in range(241))
"""5 ms: what a decoder would still give after a recording is 6.5 ms at -32 dBFS at most."""


class SampleBanks:
    """Decodes each voice once. Safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._banks: dict[str, VoiceBank] = {}

    def bank(self, voice: Voice) -> VoiceBank:
        """The voice with 20 ms of samples in place of each Opus packet, 16 bits, 48 kHz, mono.

        Takes a fifth of a second and 6 MB the first time: call it in a thread.
        """
        with self._lock:
            if voice.name not in self._banks:
                encoded = self._library.voice(voice)
                sounds = {name: _decode(packets) for name, packets in encoded.sounds.items()}
                self._banks[voice.name] = VoiceBank(bytes(SLOT_BYTES), sounds)
            return self._banks[voice.name]


def _decode(packets: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The samples of one recording, packet by packet, by a decoder of its own."""
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.layout = "mono"
    decoder.sample_rate = RATE
    blocks = [
        # The plane is padded.
        bytes(frame.planes[0])[:SLOT_BYTES]
        for packet in packets
        for frame in decoder.decode(av.Packet(packet))
    ]
    blocks[-1] = _faded(blocks[-1])
    return tuple(blocks)


def _faded(block: bytes) -> bytes:
    """The block with an end in silence, so that any recording may follow without a click."""
    samples = array("h", block)
    begin = len(samples) - len(_FADE)
    for number, factor in enumerate(_FADE):
        samples[begin + number] = round(samples[begin + number] * factor)
    return samples.tobytes()
