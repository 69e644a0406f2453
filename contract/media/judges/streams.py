"""Rules of the streams as such: rate, gaps, codec, size, key frames, their end."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from contract.media.verdict import BUSY, LOST, Broken, Held, Unable, Verdict, unless_busy
from contract.media.watched import Watched

RATE = 25.0
_RATE_OFF = 1.0

_ENOUGH = 10
"""Pictures below which nothing is said of a rate."""

_GAPS, _GAPS_SECONDS = 0.1, 0.3
_BUSY_LAG = 0.1
"""Seconds: a viewer that was so late shares a machine on which the server may be as late."""
_CROWDED = 0.5
"""Of the time: a server may then be late though the viewer, which computes less, never was. A
probe and its fake, alone on two processors, stay well below.
"""

_KEY_WITHIN = 1.0
_ENDS_WITHIN = 0.5
_NOTHING = "no picture"


def judge_rate(watched: Watched) -> Verdict:
    """25 pictures a second, by the middle one of the steps of RTP time."""
    if len(watched.frames) < _ENOUGH:
        few = Broken("25 pictures per second", f"{len(watched.frames)} pictures in all")
        return unless_busy(few, watched.lag())
    step = median(later.time - one.time for one, later in pairwise(watched.frames))
    if step > 0 and abs(1 / step - RATE) <= _RATE_OFF:
        return Held()
    return Broken("25 pictures per second", f"{1 / step:.1f}" if step > 0 else "no time between")


def judge_continuity(watched: Watched) -> Verdict:
    """RTP time runs on in even steps, forwards, in both tracks."""
    if watched.lost:
        return Unable(LOST)
    for name, units in (("video", watched.frames), ("audio", watched.sounds)):
        if len(units) < _ENOUGH:
            continue
        times = [unit.time for unit in units]
        steps = [later - one for one, later in pairwise(times)]
        if min(steps) < 0:
            return Broken(f"{name} timestamps that grow", f"{-min(steps):.2f} s backwards")
        usual = median(steps)
        missing = sum(step - usual for step in steps if step > 1.75 * usual)
        if missing > _GAPS_SECONDS and missing > _GAPS * (times[-1] - times[0]):
            lag = watched.lag()
            # What a busy server does not send is missing in both times; a jump only in RTP's.
            ahead = times[-1] - times[0] - (units[-1].arrived - units[0].arrived)
            busy = lag > _BUSY_LAG or watched.crowded > _CROWDED
            if busy and ahead < _GAPS_SECONDS + 2 * lag:
                return Unable(BUSY)
            return Broken(f"{name} without gaps", f"{missing:.2f} s of {times[-1]:.2f} s missing")
    return Held()


def judge_codec(watched: Watched, name: str) -> Verdict:
    """The pictures come in the codec asked for."""
    if watched.codec == name:
        return Held()
    if watched.codec is None:
        return Unable(_NOTHING)
    return Broken(name, watched.codec)


def judge_decodes(watched: Watched) -> Verdict:
    """Every picture can be decoded, from the first on."""
    if watched.lost:
        return Unable(LOST)
    if watched.undecodable is not None:
        return Broken("pictures that can be decoded", watched.undecodable)
    if not watched.frames:
        return Unable(_NOTHING)
    if watched.sights and watched.frames[0].key:
        return Held()
    return Broken("a key frame first", f"none first among {len(watched.frames)} pictures")


def judge_size(watched: Watched, width: int, height: int) -> Verdict:
    """Every picture has that size."""
    sizes = {sight.size for sight in watched.sights}
    if not sizes:
        return Unable("no picture could be decoded")
    if sizes == {(width, height)}:
        return Held()
    return Broken(f"{width}x{height}", ", ".join(f"{w}x{h}" for w, h in sorted(sizes)))


def judge_key_frame(watched: Watched, asked_at: float) -> Verdict:
    """A picture loss indication is followed by a key frame within a second of RTP time."""
    before = watched.seen_by(asked_at)
    after = [frame for frame in watched.frames if frame.time > before]
    if not after:
        return Unable("no picture came any more")
    lag = watched.lag(asked_at - 1, asked_at + 2)
    limit = before + _KEY_WITHIN + lag
    if any(frame.key and frame.time <= limit for frame in after):
        return Held()
    if watched.crowded > _CROWDED and len(after) < RATE * _KEY_WITHIN / 2:
        return Unable(BUSY)
    none = Broken(
        "a key frame within 1 s of a picture loss indication",
        f"none among {len(after)} pictures in {after[-1].time - before:.2f} s",
    )
    return unless_busy(none, lag)


def judge_ends(watched: Watched, stopped_at: float) -> Verdict:
    """No media is made after the answer to stop."""
    lag = watched.lag(stopped_at - 1, stopped_at + 1)
    if lag > _ENDS_WITHIN:
        return Unable(BUSY)
    late = _ENDS_WITHIN + lag
    for name, times, last in (
        ("video", [frame.time for frame in watched.frames], watched.seen_by(stopped_at)),
        ("audio", [sound.time for sound in watched.sounds], watched.heard_by(stopped_at)),
    ):
        if times and times[-1] > last + late:
            return Broken("no media after stop", f"{times[-1] - last:.2f} s of {name}")
    return Held() if watched.frames or watched.sounds else Unable("no media came at all")


def judge_closes(watched: Watched, stopped_at: float, waited: float) -> Verdict:
    """The server closes the connection."""
    if watched.closed_at is not None:
        return Held()
    is_open = Broken("the peer closes", f"it is open {waited - stopped_at:.1f} s after the answer")
    return unless_busy(is_open, watched.lag(stopped_at - 1))
