"""Rules of what is heard and seen while the avatar talks, and while it does not."""

from __future__ import annotations

from itertools import pairwise
from statistics import StatisticsError, correlation

from contract.media.pictures import Sight
from contract.media.sounds import Span, missing, span
from contract.media.verdict import MISSING, NO_STAMP, Broken, Held, Unable, Verdict
from contract.media.watched import Watched

_MARGIN = 0.3
"""Seconds after the last word in which a voice may fade away."""

_SPOKEN = 0.3
"""The least share of a speech that is loud; the pauses of speech are about a fifth."""

_DURATION_OFF, _DURATION_SHARE = 0.15, 0.1

_MOVES = 0.1
"""The least share of steps in which the picture changes while the avatar talks."""
_SAMPLES = 4

_LIP_SHIFTS = [shift / 50 for shift in range(-30, 31, 2)]
_LIPS_OFF = 0.125
"""Seconds: where people begin to notice that lips are early (ITU-R BT.1359-1, section 2)."""
_LIPS_AGREE = 0.4

_OPENNESS = {
    "rest": 0.0, "closed": 0.0, "teeth": 0.3, "narrow": 0.4,
    "half": 0.6, "round": 0.6, "open": 0.8, "wide": 1.0,
}  # fmt: skip


def judge_silence(watched: Watched, until: float, after: float | None = None) -> Verdict:
    """Nothing is heard up to a time of the sound, and nothing from another on."""
    early = span(watched.sounds, end=until)
    if not watched.sounds:
        return Unable("no sound came at all")
    if early is not None:
        return Broken("silence before the first task", f"{early.seconds:.2f} s of sound")
    late = None if after is None else span(watched.sounds, begin=after + _MARGIN + watched.lag())
    if late is not None:
        return Broken("silence after the last task", f"{late.seconds:.2f} s of sound")
    return Held()


def judge_voice(watched: Watched, begin: float) -> Verdict:
    """Something is heard of the task that was sent at a time of the sound."""
    spoken = span(watched.sounds, begin=begin)
    if spoken is None:
        what = "silence" if watched.sounds else "no sound at all"
        return Broken("a voice during the task", what)
    within = [sound for sound in watched.sounds if spoken.begin <= sound.time < spoken.end]
    share = sum(sound.is_loud for sound in within) / len(within)
    if share >= _SPOKEN:
        return Held()
    return Broken("a voice during the task", f"sound in {share:.0%} of the time")


def judge_duration(watched: Watched, begin: float, duration_ms: float) -> Verdict:
    """A speech lasts as long as its ``duration_ms`` says, by RTP time.

    What no packet tells of may have been the speech's begin or end.
    """
    spoken = span(watched.sounds, begin=begin)
    if spoken is None:
        return Unable("nothing was heard")
    off = abs(spoken.seconds - duration_ms / 1000)
    off -= _DURATION_OFF + _DURATION_SHARE * spoken.seconds
    if off <= 0:
        return Held()
    if off <= missing(watched.sounds, begin):
        return Unable(MISSING)
    return Broken(f"{duration_ms:g} ms of speech", f"{spoken.seconds * 1000:.0f} ms heard")


def judge_moves(watched: Watched, begin: float) -> Verdict:
    """The picture is not black, and changes while something is heard."""
    if not watched.sights:
        return Unable("no picture could be decoded")
    if all(sight.is_black for sight in watched.sights):
        return Broken("a picture", "all of it is black")
    spoken = span(watched.sounds, begin=begin)
    if spoken is None or watched.apart is None:
        return Unable("nothing was heard")
    changes = [
        later.moved_since(one) >= _SAMPLES
        for one, later in pairwise(_during(watched, spoken))
        if one.size == later.size
    ]
    if len(changes) < 10:
        return Unable("too few pictures while something was heard")
    share = sum(changes) / len(changes)
    if share >= _MOVES:
        return Held()
    return Broken("a picture that moves with the speech", f"changes in {share:.0%} of the steps")


def judge_lips(watched: Watched, begin: float) -> Verdict:
    """The mouth opens with the sound: it fits best when neither is shifted."""
    if not watched.has_stamp:
        return Unable(NO_STAMP)
    spoken = span(watched.sounds, begin=begin)
    if spoken is None or watched.apart is None:
        return Unable("nothing was heard, or the sender does not say which moments belong together")
    fits = [(_agreement(watched, spoken, shift), shift) for shift in _LIP_SHIFTS]
    agreement, shift = max(fits)
    if agreement < _LIPS_AGREE:
        return Broken("a mouth that follows the sound", f"a correlation of {agreement:.2f}")
    if abs(shift) > _LIPS_OFF:
        where = "before" if shift > 0 else "after"
        apart = f"the mouth {abs(shift) * 1000:.0f} ms {where} the sound"
        return Broken("lips and sound together", apart)
    return Held()


def _during(watched: Watched, spoken: Span) -> list[Sight]:
    apart = watched.apart or 0.0
    return [s for s in watched.sights if spoken.begin <= s.time + apart <= spoken.end]


def _agreement(watched: Watched, spoken: Span, shift: float) -> float:
    """How openness of the mouth and loudness go together, -1 to 1, the sound taken ``shift`` later.

    Half a second around the speech counts too: there the mouth should be shut.
    """
    loudness = {round(sound.time * 50): sound.level for sound in watched.sounds}
    mouths, levels = [], []
    for sight in watched.sights:
        time = sight.time + (watched.apart or 0.0)
        if sight.stamp is None or not spoken.begin - 0.5 <= time <= spoken.end + 0.5:
            continue
        slot = round((time + shift) * 50)
        heard = [loudness[near] for near in (slot, slot + 1) if near in loudness]
        if heard:
            mouths.append(_OPENNESS[sight.stamp.mouth])
            levels.append((sum(heard) / len(heard)) ** 0.5)
    try:
        return correlation(mouths, levels)
    except StatisticsError:  # one of them never changes
        return 0.0
