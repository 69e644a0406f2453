"""Rules of what the stamp in the picture says."""

from __future__ import annotations

from contract.media.verdict import NO_STAMP, Broken, Held, Unable, Verdict
from contract.media.watched import Watched


def judge_avatar(watched: Watched, number: int) -> Verdict:
    """Every picture shows the avatar of that number."""
    shown = {sight.stamp.avatar for sight in watched.sights if sight.stamp}
    if not shown:
        return Unable(NO_STAMP)
    if shown == {number}:
        return Held()
    return Broken(f"avatar {number}", ", ".join(f"avatar {other}" for other in sorted(shown)))


def judge_same_avatar(watched: Watched, other: Watched) -> Verdict:
    """Both show the same avatar."""
    numbers = {sight.stamp.avatar for sight in other.sights if sight.stamp}
    if len(numbers) != 1:
        return Unable(NO_STAMP)
    return judge_avatar(watched, numbers.pop())


def judge_emotion(watched: Watched, emotion: str) -> Verdict:
    """Every picture shows that emotion."""
    shown = {sight.stamp.emotion for sight in watched.sights if sight.stamp}
    if not shown:
        return Unable(NO_STAMP)
    return Held() if shown == {emotion} else Broken(emotion, ", ".join(sorted(shown)))
