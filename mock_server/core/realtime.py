"""What clients write to the realtime endpoint: JSON messages to frozen values.

Names and fields are those of the service's audio-to-video reference (``agent.speak``,
``agent.speak_end``, ``agent.interrupt``, ``agent.start_listening``, ``agent.stop_listening``,
``session.keep_alive``) and of its older realtime page (``agent.audio_buffer_append``, ``commit``,
``clear``), both of 2025. Audio is base64 of 24 kHz 16-bit mono samples.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_EVENT_ID = 200


class RealtimeError(ValueError):
    """A message that cannot be taken; ``event_id`` is the one it has, as far as it was read."""

    def __init__(self, problem: str, *, event_id: str | None = None) -> None:
        self.event_id = event_id
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class SpeakAudio:
    """A piece of what the avatar is to say; pieces of one speech have one ``event_id``."""

    event_id: str | None
    pcm: bytes


@dataclass(frozen=True, slots=True)
class SpeakEnd:
    """No more pieces come."""

    event_id: str | None


@dataclass(frozen=True, slots=True)
class Append:
    """More audio for the buffer."""

    event_id: str | None
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """The buffer is to be said, and is empty then."""

    event_id: str | None


@dataclass(frozen=True, slots=True)
class Clear:
    """The buffer is to be emptied."""

    event_id: str | None


@dataclass(frozen=True, slots=True)
class Interrupt:
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Listen:
    event_id: str | None
    on: bool


@dataclass(frozen=True, slots=True)
class KeepAlive:
    event_id: str | None


Command = SpeakAudio | SpeakEnd | Append | Commit | Clear | Interrupt | Listen | KeepAlive


def parse_command(text: str) -> Command:
    """What a message asks for. Raises RealtimeError, and nothing else, for any text."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise RealtimeError("the message is no JSON") from None
    if not isinstance(message, dict):
        raise RealtimeError("the message is no JSON object")
    event_id = message.get("event_id")
    if event_id is not None and (not isinstance(event_id, str) or len(event_id) > MAX_EVENT_ID):
        raise RealtimeError(f"event_id: must be a text of at most {MAX_EVENT_ID} characters")
    kind = str(message.get("type"))
    make = _COMMANDS.get(kind)
    if make is None:
        raise RealtimeError(f"type: {kind[:80]!r} is unknown", event_id=event_id)
    return make(event_id, message)


def _audio(message: dict[str, Any], event_id: str | None) -> bytes:
    audio = message.get("audio")
    if not isinstance(audio, str):
        raise RealtimeError("audio: must be a text of base64", event_id=event_id)
    try:
        return base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise RealtimeError("audio: is no base64", event_id=event_id) from None


_COMMANDS: Mapping[str, Callable[[str | None, dict[str, Any]], Command]] = {
    "agent.speak": lambda event_id, message: SpeakAudio(event_id, _audio(message, event_id)),
    "agent.speak_end": lambda event_id, _: SpeakEnd(event_id),
    "agent.audio_buffer_append": lambda event_id, message: Append(
        event_id, _audio(message, event_id)
    ),
    "agent.audio_buffer_commit": lambda event_id, _: Commit(event_id),
    "agent.audio_buffer_clear": lambda event_id, _: Clear(event_id),
    "agent.interrupt": lambda event_id, _: Interrupt(event_id),
    "agent.start_listening": lambda event_id, _: Listen(event_id, on=True),
    "agent.stop_listening": lambda event_id, _: Listen(event_id, on=False),
    "session.keep_alive": lambda event_id, _: KeepAlive(event_id),
}
