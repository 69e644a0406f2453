"""Rules of an interrupt in the middle of a speech."""

from __future__ import annotations

from dataclasses import dataclass

from contract.media.sounds import span
from contract.media.verdict import BUSY, Broken, Held, Unable, Verdict
from contract.media.watched import START, STOP, Watched

_AT_LAST = 1.0
_IN_TIME = 0.3
_KEPT_UP = 0.1
_TOO_BUSY = 0.5
_SPOKEN_OFF = 0.25


@dataclass(frozen=True, slots=True)
class Interruption:
    """``begin``: the time of the sound when the task was sent. ``answered_at``: the moment of the
    interrupt's answer. ``dropped`` waited behind ``task_id``.
    """

    task_id: str
    dropped: tuple[str, ...]
    begin: float
    answered_at: float


def judge_silenced(watched: Watched, interruption: Interruption) -> Verdict:
    """The speech ends, the stop event has what was heard, and nothing that waited is spoken."""
    lag = watched.lag(interruption.answered_at - 1)
    if lag > _TOO_BUSY:
        return Unable(BUSY)
    begin, cut = interruption.begin, watched.heard_by(interruption.answered_at)
    heard = span(watched.sounds, begin=begin)
    if heard is None or heard.begin > cut:
        return Unable("nothing was heard before the interrupt")
    for event in watched.events:
        if event.type == START and event.task_id in interruption.dropped:
            return Broken("waiting tasks dropped", "the next one began to be spoken")
    late = span(watched.sounds, begin=cut + _AT_LAST + lag)
    if late is not None:
        return Broken("the speech ends", f"{late.seconds:.2f} s of sound later than 1 s after it")
    stops = [e for e in watched.events if (e.type, e.task_id) == (STOP, interruption.task_id)]
    if len(stops) != 1:
        return Broken("one stop event of the interrupted task", f"{len(stops)} of them")
    if stops[0].duration_ms is None:
        return Broken("duration_ms in the stop event", "no number")
    spoken = stops[0].duration_ms / 1000
    if abs(spoken - heard.seconds) > _SPOKEN_OFF + lag:
        return Broken(
            f"duration_ms about {heard.seconds * 1000:.0f}, what was heard",
            f"{stops[0].duration_ms:g}",
        )
    return Held()


def judge_in_time(watched: Watched, interruption: Interruption) -> Verdict:
    """Sound, mouth and stop event follow the interrupt's answer within 300 ms."""
    answered_at = interruption.answered_at
    lag = watched.lag(answered_at - 0.5, answered_at + 0.5)
    if lag > _KEPT_UP:
        return Unable(BUSY)
    limit = _IN_TIME + lag
    cut = watched.heard_by(answered_at) + limit
    heard = span(watched.sounds, begin=interruption.begin)
    if heard is None:
        return Unable("nothing was heard")
    if heard.end > cut:
        return Broken("silence within 300 ms", f"sound for {heard.end - cut + limit:.2f} s")
    for event in watched.events:
        if event.type == STOP and event.arrived > answered_at + limit:
            return Broken(
                "the stop event within 300 ms", f"after {event.arrived - answered_at:.2f} s"
            )
    shut = watched.seen_by(answered_at) + limit
    moving = [s for s in watched.sights if s.time > shut and s.stamp and s.stamp.mouth != "rest"]
    if moving:
        return Broken("the mouth at rest within 300 ms", f"{moving[-1].time - shut + limit:.2f} s")
    return Held()
