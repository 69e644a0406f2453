"""What the body of streaming.new means: defaults, the avatar, the voice, the idle timeout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core import errors
from mock_server.core.catalogue import (
    VOICES,
    Avatar,
    Emotion,
    Encoding,
    Quality,
    Version,
    Voice,
    find_avatar,
    find_voice,
    stand_in_avatar,
    stand_in_voice,
)
from mock_server.core.errors import ApiError
from mock_server.core.faults.lifecycle import EarlyEnd
from mock_server.core.session import SessionConfig


def wanted_version(body: Mapping[str, Any]) -> Version:
    """The ``version`` asked for, in any case; v1 without. Raises ApiError(INVALID_PARAMETER)."""
    try:
        return Version(str(body.get("version") or Version.V1).lower())
    except ValueError:
        problem = f"{body['version']!r} is not served here; leave it out for v1, or write v2"
        raise errors.invalid("version", problem) from None


def wanted_avatar_id(body: Mapping[str, Any]) -> str:
    """The avatar's id or name as the client wrote it, ``default`` without one."""
    return body.get("avatar_id") or body.get("avatar_name") or "default"


def avatar_for(avatar_id: str, *, strict: bool) -> Avatar:
    """The face shown for an id. Raises ApiError(AVATAR_NOT_FOUND) for an unknown one if strict."""
    avatar = find_avatar(avatar_id)
    if avatar is None and strict:
        raise ApiError(errors.AVATAR_NOT_FOUND)
    return avatar or stand_in_avatar(avatar_id)


def voice_for(wanted: str | None, *, avatar: Avatar) -> Voice:
    """The voice heard for an id or name: one of the bank always, the avatar's own without any."""
    if not wanted:
        return next(voice for voice in VOICES if voice.voice_id == avatar.default_voice)
    return find_voice(wanted) or stand_in_voice(wanted)


def session_config(
    body: Mapping[str, Any],
    *,
    avatar: Avatar,
    session_id: str,
    account: str,
    created_at: float,
    duration_limit: float,
    idle_timeout: float,
    seed: int,
    ends: tuple[EarlyEnd, ...] = (),
) -> SessionConfig:
    """What a body that fits the schema asks for; an absent, null or empty field is the default.

    Times in seconds; ``idle_timeout`` is for a body that names none, ``ends`` are the plan's.
    """
    version = wanted_version(body)
    voice = body.get("voice") or {}
    # In v2 the encoding is a wish: @heygen/streaming-avatar 2.x sends H264 always, and shows VP8.
    wish = body.get("video_encoding") if version is Version.V1 else None
    idle: float = body.get("activity_idle_timeout") or idle_timeout
    return SessionConfig(
        session_id=session_id,
        account=account,
        avatar_id=wanted_avatar_id(body),
        avatar=avatar,
        voice=voice_for(voice.get("voice_id") or voice.get("voice_name"), avatar=avatar),
        rate=float(voice.get("rate") or 1.0),
        emotion=Emotion((voice.get("emotion") or Emotion.NEUTRAL).lower()),
        quality=Quality(body.get("quality") or Quality.LOW),
        encoding=Encoding(wish or Encoding.VP8),
        knowledge_base=body.get("knowledge_base") or "",
        created_at=created_at,
        duration_limit=duration_limit,
        idle_timeout=None if body.get("disable_idle_timeout") else idle,
        seed=seed,
        ends=ends,
        version=version,
    )
