"""What the body of streaming.new asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.catalogue import AVATARS, VOICES, Avatar, Encoding, Version
from mock_server.core.errors import ApiError
from mock_server.core.new_session import (
    avatar_for,
    session_config,
    voice_for,
    wanted_avatar_id,
    wanted_version,
)
from mock_server.core.session import SessionConfig
from tests.core.sessions import config

NULLS = {
    "avatar_id": None,
    "avatar_name": None,
    "voice": None,
    "quality": None,
    "video_encoding": None,
    "knowledge_base": None,
    "activity_idle_timeout": None,
    "disable_idle_timeout": None,
    "version": None,
}


def made(body: Mapping[str, Any], *, avatar: Avatar = AVATARS[0]) -> SessionConfig:
    return session_config(
        body,
        avatar=avatar,
        session_id="session-1",
        account="key",
        created_at=0.0,
        duration_limit=600.0,
        idle_timeout=120.0,
        seed=1,
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        NULLS,
        {"voice": {}},
        {"voice": {"voice_id": None, "voice_name": "", "rate": None, "emotion": None}},
        {"unknown": [1], "disable_idle_timeout": False},
    ],
)
def test_what_is_left_out_or_null_is_the_default(body: dict[str, Any]) -> None:
    assert made(body) == config()


def test_every_field_is_taken_over() -> None:
    asked = made(
        {
            "avatar_id": "Chika",
            "voice": {
                "voice_id": "f0e1d2c3b4a5968778695a4b3c2d1e03",
                "rate": 2,
                "emotion": "Serious",
            },
            "quality": "medium",
            "video_encoding": "H264",
            "knowledge_base": "We sell bread.",
            "activity_idle_timeout": 30,
        },
        avatar=AVATARS[2],
    )
    assert (asked.avatar_id, asked.avatar.name, asked.voice.name) == ("Chika", "Chika", "Noah")
    assert (asked.rate, asked.emotion, asked.quality) == (2.0, "serious", "medium")
    assert (asked.encoding, asked.knowledge_base) == ("H264", "We sell bread.")
    assert asked.idle_timeout == 30


def test_a_disabled_idle_timeout_stays_disabled_whatever_its_length() -> None:
    assert made({"disable_idle_timeout": True}).idle_timeout is None
    both = {"disable_idle_timeout": True, "activity_idle_timeout": 30}
    assert made(both).idle_timeout is None


@pytest.mark.parametrize(
    ("body", "avatar_id"),
    [
        ({"avatar_id": "Ada"}, "Ada"),
        ({"avatar_name": "Bruno"}, "Bruno"),
        ({"avatar_id": "Ada", "avatar_name": "Bruno"}, "Ada"),
        ({"avatar_id": "", "avatar_name": "Bruno"}, "Bruno"),
        ({"avatar_id": ""}, "default"),
        ({}, "default"),
    ],
)
def test_the_avatar_is_named_by_its_id_or_else_its_name(
    body: dict[str, Any], avatar_id: str
) -> None:
    assert wanted_avatar_id(body) == avatar_id
    assert made(body).avatar_id == avatar_id


@pytest.mark.parametrize(
    ("avatar_id", "name"),
    [("default", "Ada"), ("bruno", "Bruno"), ("DARIO_evening_20240501", "Dario")],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_known_avatar_is_shown(avatar_id: str, name: str, strict: bool) -> None:
    assert avatar_for(avatar_id, strict=strict).name == name


def test_an_unknown_avatar_is_refused_only_if_the_server_is_strict() -> None:
    assert avatar_for("Wayne_20240711", strict=False).name == "Dario"
    with pytest.raises(ApiError) as caught:
        avatar_for("Wayne_20240711", strict=True)
    assert (caught.value.row.code, caught.value.message) == (10013, "avatar not found")


def test_a_voice_is_found_by_id_and_by_name() -> None:
    assert voice_for("c1a2b3d4e5f60718293a4b5c6d7e8f92", avatar=AVATARS[0]).name == "Sofia"
    assert voice_for("LIAM", avatar=AVATARS[0]).name == "Liam"
    assert made({"voice": {"voice_name": "Noah"}}).voice.name == "Noah"
    assert made({"voice": {"voice_id": "Liam", "voice_name": "Noah"}}).voice.name == "Liam"


@pytest.mark.parametrize("wanted", [None, ""])
def test_without_a_voice_an_avatar_has_its_own(wanted: str | None) -> None:
    voices = [voice_for(wanted, avatar=avatar).name for avatar in AVATARS]
    assert voices == ["Emma", "Liam", "Sofia", "Noah"]


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_name_has_a_face_and_a_voice_the_same_ones_every_time(avatar: str, voice: str) -> None:
    shown = avatar_for(avatar, strict=False)
    heard = voice_for(voice, avatar=shown)
    assert shown in AVATARS
    assert heard in VOICES
    assert (avatar_for(avatar, strict=False), voice_for(voice, avatar=shown)) == (shown, heard)


@pytest.mark.parametrize("version", [None, "", "v1", "V1"])
def test_version_one_is_what_nobody_else_asks_for(version: str | None) -> None:
    assert wanted_version({"version": version}) is Version.V1
    assert wanted_version({}) is Version.V1


@pytest.mark.parametrize("version", ["v2", "V2"])
def test_version_two_is_served_in_any_case(version: str) -> None:
    assert wanted_version({"version": version}) is Version.V2


def test_in_version_two_the_encoding_is_a_wish() -> None:
    assert made({"version": "v2", "video_encoding": "H264"}).encoding is Encoding.VP8
    assert made({"version": "v1", "video_encoding": "H264"}).encoding is Encoding.H264


@pytest.mark.parametrize("version", ["v3", "v1 ", "1", "agora_v1"])
def test_another_version_is_refused_by_name(version: str) -> None:
    with pytest.raises(ApiError) as caught:
        wanted_version({"version": version})
    assert caught.value.row.code == 400175
    assert caught.value.message == (
        f"Invalid parameter: version: '{version}' is not served here; leave it out for v1, "
        "or write v2"
    )
