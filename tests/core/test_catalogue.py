from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.catalogue import (
    AVATARS,
    VOICES,
    Avatar,
    Quality,
    find_avatar,
    find_voice,
    stand_in_avatar,
    stand_in_voice,
)


def test_the_sizes_are_those_of_the_qualities() -> None:
    assert {str(q): q.size for q in Quality} == {
        "high": (1920, 1080),
        "medium": (1280, 720),
        "low": (854, 480),
    }


@pytest.mark.parametrize("avatar", AVATARS, ids=lambda avatar: avatar.name)
def test_an_avatar_is_found_by_id_and_name_in_any_case(avatar: Avatar) -> None:
    for text in (avatar.avatar_id, avatar.avatar_id.upper(), avatar.name, avatar.name.lower()):
        assert find_avatar(text) is avatar
    assert find_voice(avatar.default_voice) in VOICES


def test_the_default_avatar_is_the_first() -> None:
    assert find_avatar("default") is AVATARS[0]


def test_a_voice_is_found_by_id_and_name_in_any_case() -> None:
    for voice in VOICES:
        for text in (voice.voice_id, voice.voice_id.upper(), voice.name, voice.name.upper()):
            assert find_voice(text) is voice


def test_numbers_ids_and_pitches_are_unique() -> None:
    assert [avatar.number for avatar in AVATARS] == list(range(len(AVATARS)))
    assert [voice.number for voice in VOICES] == list(range(len(VOICES)))
    assert len({voice.pitch for voice in VOICES}) == len(VOICES)
    assert len({avatar.avatar_id for avatar in AVATARS}) == len(AVATARS)


@given(st.text(alphabet=st.characters()))
def test_any_other_id_has_the_same_stand_in_every_time(text: str) -> None:
    assert stand_in_avatar(text) is stand_in_avatar(text)
    assert stand_in_avatar(text) in AVATARS
    assert stand_in_voice(text) is stand_in_voice(text)
    assert stand_in_voice(text) in VOICES
    assert find_avatar(text) in (None, *AVATARS)
    assert find_voice(text) in (None, *VOICES)


def test_half_a_surrogate_pair_has_a_stand_in() -> None:
    assert stand_in_avatar("\ud800") in AVATARS
    assert stand_in_voice("\udfff") in VOICES
