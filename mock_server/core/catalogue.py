"""What can be asked for: avatars, voices, emotions, qualities. Data only."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from enum import StrEnum


class Emotion(StrEnum):
    """The five emotions of the API's document, and the face without one."""

    NEUTRAL = "neutral"
    EXCITED = "excited"
    SERIOUS = "serious"
    FRIENDLY = "friendly"
    SOOTHING = "soothing"
    BROADCASTER = "broadcaster"


class Encoding(StrEnum):
    """``video_encoding`` of streaming.new."""

    VP8 = "VP8"
    H264 = "H264"


class Version(StrEnum):
    """``version`` of streaming.new: raw WebRTC, or a LiveKit room."""

    V1 = "v1"
    V2 = "v2"


class Quality(StrEnum):
    """``quality`` of streaming.new; sizes in pixels, width by height."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def size(self) -> tuple[int, int]:
        return _SIZES[self]


_SIZES = {
    Quality.HIGH: (1920, 1080),
    Quality.MEDIUM: (1280, 720),
    Quality.LOW: (854, 480),
}


@dataclass(frozen=True, slots=True)
class Avatar:
    """One face of the atlas. ``number`` is its place in the atlas and in the picture's stamp."""

    number: int
    avatar_id: str
    name: str
    pose_name: str
    default_voice: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of the bank. ``pitch`` is its fundamental frequency in hertz."""

    number: int
    voice_id: str
    name: str
    gender: str
    language: str
    pitch: float


VOICES: tuple[Voice, ...] = (
    Voice(0, "6e7f1c0a4d5b4b0e9a1c2f3d4e5b6a70", "Emma", "female", "English", 208.0),
    Voice(1, "0b9d8c7e6f5a4b3c2d1e0f9a8b7c6d51", "Liam", "male", "English", 116.0),
    Voice(2, "c1a2b3d4e5f60718293a4b5c6d7e8f92", "Sofia", "female", "Spanish", 184.0),
    Voice(3, "f0e1d2c3b4a5968778695a4b3c2d1e03", "Noah", "male", "German", 138.0),
)

AVATARS: tuple[Avatar, ...] = (
    Avatar(0, "Ada_studio_20240501", "Ada", "Ada in the studio", VOICES[0].voice_id),
    Avatar(1, "Bruno_office_20240501", "Bruno", "Bruno at the office", VOICES[1].voice_id),
    Avatar(2, "Chika_garden_20240501", "Chika", "Chika in the garden", VOICES[2].voice_id),
    Avatar(3, "Dario_evening_20240501", "Dario", "Dario in the evening", VOICES[3].voice_id),
)

DEFAULT_AVATAR = AVATARS[0]


def find_avatar(avatar_id: str) -> Avatar | None:
    """The avatar of that id or plain name (any case), ``default`` included; None when unknown."""
    wanted = avatar_id.casefold()
    if wanted == "default":
        return DEFAULT_AVATAR
    for avatar in AVATARS:
        if wanted in (avatar.avatar_id.casefold(), avatar.name.casefold()):
            return avatar
    return None


def stand_in_avatar(avatar_id: str) -> Avatar:
    """The avatar shown for an id that this catalogue lacks: the same one every time."""
    return AVATARS[zlib.crc32(avatar_id.encode("utf-8", "surrogatepass")) % len(AVATARS)]


def find_voice(name_or_id: str) -> Voice | None:
    """The voice of that id or name (any case); None when unknown."""
    wanted = name_or_id.casefold()
    for voice in VOICES:
        if wanted in (voice.voice_id, voice.name.casefold()):
            return voice
    return None


def stand_in_voice(name_or_id: str) -> Voice:
    """The voice heard for one that this catalogue lacks: the same one every time."""
    return VOICES[zlib.crc32(name_or_id.encode("utf-8", "surrogatepass")) % len(VOICES)]
