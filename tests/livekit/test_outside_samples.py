"""Voices as samples."""

from __future__ import annotations

from mock_server.core.catalogue import VOICES
from mock_server.core.levels import SILENCE, level
from mock_server.core.speech import speak
from mock_server.livekit.outside.samples import SLOT_BYTES, SampleBanks
from mock_server.media.library import Library

LIBRARY = Library()
BANKS = SampleBanks(LIBRARY)


def test_every_recording_is_as_long_as_its_packets_and_ends_in_silence() -> None:
    encoded, bank = LIBRARY.voice(VOICES[0]), BANKS.bank(VOICES[0])
    assert bank.sounds.keys() == encoded.sounds.keys()
    for name, blocks in bank.sounds.items():
        assert len(blocks) == len(encoded.sounds[name])
        assert {len(block) for block in blocks} == {SLOT_BYTES}
        assert level(blocks[-1][-16:]) < -70
    assert all(level(b"".join(blocks)) > -50 for blocks in list(bank.sounds.values())[::20])


def test_pauses_are_silent() -> None:
    utterance = speak("One. Two.", rate=1.0)
    blocks = BANKS.bank(VOICES[0]).packets(utterance)
    sounding = {
        slot for sound in utterance.sounds for slot in range(sound.start, sound.start + sound.slots)
    }
    pauses = [blocks[slot] for slot in range(utterance.slots) if slot not in sounding]
    assert pauses
    assert {level(block) for block in pauses} == {SILENCE}


def test_a_voice_is_decoded_once() -> None:
    assert BANKS.bank(VOICES[0]) is BANKS.bank(VOICES[0])
