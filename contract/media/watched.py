"""What one viewer saw, heard and was told: what the judges look at."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from contract.media.loop import Late, worst
from contract.media.pictures import DecodeError, Frame, Sight, frames, look
from contract.media.recording import Message, Recording
from contract.media.sounds import Sound, hear

START, STOP = "avatar_start_talking", "avatar_stop_talking"


class Event(NamedTuple):
    """A message about the avatar's speech; a field is None where it is missing or no such type."""

    arrived: float
    type: str
    task_id: str | None
    duration_ms: float | None


@dataclass(frozen=True, slots=True)
class Watched:
    """Times are seconds of each track, ``arrived`` and ``closed_at`` on the loop's clock.

    ``codec`` is that of the pictures. ``apart`` is what to add to a picture's time for the sound
    of the same moment, None where the sender did not say. ``lost`` counts packets; ``late`` and
    ``crowded`` are as in ``Recording``. ``undecodable`` says which picture could not be decoded,
    and why.
    """

    codec: str | None = None
    frames: tuple[Frame, ...] = ()
    sights: tuple[Sight, ...] = ()
    sounds: tuple[Sound, ...] = ()
    messages: tuple[Message, ...] = ()
    apart: float | None = None
    lost: int = 0
    late: tuple[Late, ...] = ()
    crowded: float = 0.0
    closed_at: float | None = None
    undecodable: str | None = None

    @property
    def has_stamp(self) -> bool:
        """Whether the pictures say what they show."""
        return any(sight.stamp is not None for sight in self.sights)

    @property
    def events(self) -> tuple[Event, ...]:
        """The messages about speech, in the order in which they came."""
        read = (_event(message) for message in self.messages)
        return tuple(event for event in read if event is not None)

    def lag(self, begin: float = -math.inf, end: float = math.inf) -> float:
        """By how many seconds the viewer was late at most between two moments."""
        return worst(self.late, begin, end)

    def heard_by(self, moment: float) -> float:
        """The time of the latest sound that had arrived; below 0 before the first."""
        return _reached(self.sounds, moment)

    def seen_by(self, moment: float) -> float:
        """The time of the latest picture that had arrived; below 0 before the first."""
        return _reached(self.frames, moment)


def _reached(arrivals: tuple[Frame, ...] | tuple[Sound, ...], moment: float) -> float:
    # What is sent in order over loopback comes in order; elsewhere some milliseconds are wrong.
    place = bisect_right(arrivals, moment, key=lambda each: each.arrived)
    return arrivals[place - 1].time if place else -1.0


def watch(recording: Recording) -> Watched:
    """Decodes what was received."""
    video, audio = recording.video, recording.audio
    pictures = frames(video) if video else ()
    sights: list[Sight] = []
    undecodable = None
    try:
        if video:
            for sight in look(pictures, video.codec.name):
                sights.append(sight)  # noqa: PERF402 - those before the error are kept
    except DecodeError as problem:
        undecodable = str(problem)
    apart = None
    if video and audio and video.starts is not None and audio.starts is not None:
        apart = video.starts - audio.starts
    return Watched(
        codec=video.codec.name if video else None,
        frames=pictures,
        sights=tuple(sights),
        sounds=hear(audio) if audio else (),
        messages=recording.messages,
        apart=apart,
        lost=sum(track.lost for track in (video, audio) if track),
        late=recording.late,
        crowded=recording.crowded,
        closed_at=recording.closed_at,
        undecodable=undecodable,
    )


def _event(message: Message) -> Event | None:
    try:
        body = json.loads(message.data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or body.get("type") not in {START, STOP}:
        return None
    task_id, duration = body.get("task_id"), body.get("duration_ms")
    numeric = isinstance(duration, int | float) and not isinstance(duration, bool)
    return Event(
        message.arrived,
        body["type"],
        task_id if isinstance(task_id, str) else None,
        duration if numeric else None,
    )
