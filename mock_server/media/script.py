"""Which picture and which sound at which moment: pure functions of the speech and the time.

Times are seconds on the fake's clock, the one that :class:`Speech.started_at` is on.
"""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.core.speech import Eyes, Mouth, Speech
from mock_server.media.atlas import state_of
from mock_server.media.voice import VoiceBank

# People blink about every three to four seconds, for about a fifth of a second.
_BLINK_EVERY = 3.4
_JITTER = 1.6
_CLOSING, _CLOSED, _BLINK = 0.045, 0.145, 0.205


def eyes_at(t: float, seed: int) -> int:
    """The eyes at ``t``: irregular blinks, the same for the same seed."""
    turn, into = divmod(t, _BLINK_EVERY)
    since = into - _JITTER * _fraction(int(turn), seed)
    if not 0 <= since < _BLINK:
        return Eyes.OPEN
    return Eyes.SHUT if _CLOSING <= since < _CLOSED else Eyes.HALF


def mouth_at(speech: Speech | None, t: float) -> int:
    """The mouth at ``t``; at rest when nothing is being said."""
    slot = None if speech is None else speech.slot(t)
    return Mouth.REST if speech is None or slot is None else speech.utterance.mouths[slot]


def picture(speech: Speech | None, t: float, seed: int) -> int:
    """The state of the atlas to show at ``t``."""
    return state_of(eyes_at(t, seed), mouth_at(speech, t))


def sound(speech: Speech | None, packets: tuple[bytes, ...], t: float, silence: bytes) -> bytes:
    """The Opus packet to send at ``t``. ``packets`` are those of the speech, one per slot."""
    slot = None if speech is None else speech.slot(t)
    return silence if slot is None else packets[slot]


@dataclass(frozen=True, slots=True)
class Performance:
    """A speech (or silence) made ready: each moment costs two look-ups."""

    speech: Speech | None
    packets: tuple[bytes, ...]
    silence: bytes
    seed: int

    @classmethod
    def of(cls, speech: Speech | None, *, bank: VoiceBank, seed: int) -> Performance:
        """Takes the packets from the bank; ``seed`` chooses when the eyes blink."""
        packets = () if speech is None else bank.packets(speech.utterance)
        return cls(speech, packets, bank.silence, seed)

    def state(self, t: float) -> int:
        """The state of the atlas to show at ``t``."""
        return picture(self.speech, t, self.seed)

    def packet(self, t: float) -> bytes:
        """The Opus packet to send at ``t``."""
        return sound(self.speech, self.packets, t, self.silence)


def _fraction(number: int, seed: int) -> float:
    """A value in [0, 1) that looks random: the finalizer of MurmurHash3, 64 bits."""
    mixed = (number * 0x9E3779B97F4A7C15 ^ seed) & 0xFFFFFFFFFFFFFFFF
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> 33
        mixed = mixed * factor & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ mixed >> 33) / 2**64
