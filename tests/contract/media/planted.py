"""Observations written by hand: a viewer that saw and heard what a right server sends."""

from __future__ import annotations

import json
from dataclasses import replace

from contract.media.loop import Late
from contract.media.pictures import Frame, Sight
from contract.media.recording import Message
from contract.media.sounds import Sound
from contract.media.stamp import Stamp
from contract.media.watched import START, STOP, Watched

SIZE = (854, 480)
TASK = "2b1f7e4c-bd4e-11ef-8f3a-0242ac110002"
BEGIN, END = 1.0, 3.0
"""When the speech is heard, in seconds of the sound."""

CLOCK = 500.0
"""What the loop's clock said when the first packet arrived."""

_RHYTHM = (1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1)
"""Whether each fortieth of a second of the speech is loud, over and over."""


def is_voiced(time: float) -> bool:
    """Whether the speech can be heard at a time of the sound."""
    return BEGIN <= time < END and bool(_RHYTHM[int((time - BEGIN) * 25 + 1e-6) % len(_RHYTHM)])


def sight(time: float, *, mouth: str = "rest", size: tuple[int, int] = SIZE) -> Sight:
    bright = 200 if mouth == "rest" else 40
    luma = bytes([bright] * 20 + [120] * 80)
    return Sight(time, CLOCK + time, size, luma, Stamp(0, "neutral", mouth, "open"))


def frame(time: float, *, key: bool = False) -> Frame:
    return Frame(time, CLOCK + time, b"picture", key, True, SIZE if key else None)


def event(kind: str, at: float, *, task: str = TASK, duration: object = None) -> Message:
    body: dict[str, object] = {"type": kind, "task_id": task}
    if duration is not None:
        body["duration_ms"] = duration
    return Message(CLOCK + at, json.dumps(body).encode())


def right(seconds: float = 4.0) -> Watched:
    """25 pictures and 50 sounds a second, one task of two seconds, key frames at 0 and 2."""
    pictures = [number / 25 for number in range(int(seconds * 25))]
    return Watched(
        codec="VP8",
        frames=tuple(frame(time, key=time in {0.0, 2.0}) for time in pictures),
        sights=tuple(sight(t, mouth="wide" if is_voiced(t) else "rest") for t in pictures),
        sounds=tuple(
            Sound(number / 50, CLOCK + number / 50, 0.3 if is_voiced(number / 50) else 0.0)
            for number in range(int(seconds * 50))
        ),
        messages=(event(START, BEGIN), event(STOP, END, duration=2000.0)),
        apart=0.0,
        closed_at=CLOCK + seconds,
    )


def busy(watched: Watched, seconds: float) -> Watched:
    """The same by a viewer that was late by so much, all the time."""
    late = tuple(Late(CLOCK + number / 10, seconds) for number in range(100) if seconds)
    return replace(watched, late=late)


def with_sounds(watched: Watched, *, begin: float, end: float, level: float) -> Watched:
    """The same with another loudness from one time to another."""
    return replace(
        watched,
        sounds=tuple(
            s._replace(level=level) if begin <= s.time < end else s for s in watched.sounds
        ),
    )


def without_sounds(watched: Watched, begin: float, end: float) -> Watched:
    """The same without the packets of sound from one time to another."""
    kept = tuple(sound for sound in watched.sounds if not begin <= sound.time < end)
    return replace(watched, sounds=kept)
