"""All pictures of one avatar, emotion and size, encoded and cut for RTP.

A *state* is ``eyes * 8 + mouth``. In VP8 every state refers to the key frame alone (the golden
frame) and changes nothing in the decoder, so that any state may follow any other: a star.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.core.speech import Eyes, Mouth
from mock_server.media.payloads import h264_payloads, vp8_payloads

STATES = len(Eyes) * len(Mouth)


def state_of(eyes: int, mouth: int) -> int:
    """The index of a picture in an atlas."""
    return eyes * len(Mouth) + mouth


@dataclass(frozen=True, slots=True)
class Atlas:
    """VP8. ``key`` and each of ``states`` are RTP payloads; ``key`` shows state 0."""

    key_frame: bytes
    frames: tuple[bytes, ...]
    key: tuple[bytes, ...]
    states: tuple[tuple[bytes, ...], ...]

    @classmethod
    def of(cls, key_frame: bytes, frames: tuple[bytes, ...]) -> Atlas:
        """Cuts the key frame and the 24 frames of the states."""
        return cls(key_frame, frames, vp8_payloads(key_frame), tuple(map(vp8_payloads, frames)))

    def frame(self, state: int) -> bytes:
        """The whole frame, for senders that cut it themselves."""
        return self.frames[state]


@dataclass(frozen=True, slots=True)
class H264Atlas:
    """H264, every picture a key frame with its parameter sets.

    Each state is there twice, ``states[state][parity]``: two key frames in a row must differ in
    idr_pic_id (ITU-T H.264, 7.4.3), so a sender alternates the parity with every frame it sends.
    """

    frames: tuple[tuple[bytes, bytes], ...]
    states: tuple[tuple[tuple[bytes, ...], tuple[bytes, ...]], ...]

    @classmethod
    def of(cls, frames: tuple[tuple[bytes, bytes], ...]) -> H264Atlas:
        """Cuts the 24 pairs of Annex B access units."""
        return cls(frames, tuple((h264_payloads(a), h264_payloads(b)) for a, b in frames))

    def frame(self, state: int, parity: int = 0) -> bytes:
        """The whole access unit (Annex B), for senders that cut it themselves."""
        return self.frames[state][parity]
