from dataclasses import replace

from contract.media.judges import shown
from contract.media.stamp import Stamp
from contract.media.verdict import NO_STAMP, Broken, Held, Unable
from contract.media.watched import Watched
from tests.contract.media.planted import right

OTHER = replace(
    right(),
    sights=tuple(s._replace(stamp=Stamp(2, "serious", "rest", "open")) for s in right().sights),
)


def test_the_avatar_is_the_one_asked_for() -> None:
    assert shown.judge_avatar(right(), 0) == Held()
    assert shown.judge_avatar(OTHER, 1) == Broken("avatar 1", "avatar 2")
    assert shown.judge_avatar(Watched(), 0) == Unable(NO_STAMP)


def test_two_sessions_show_the_same_avatar() -> None:
    assert shown.judge_same_avatar(right(), right()) == Held()
    assert shown.judge_same_avatar(right(), OTHER) == Broken("avatar 2", "avatar 0")
    assert shown.judge_same_avatar(right(), Watched()) == Unable(NO_STAMP)


def test_the_emotion_is_the_one_asked_for() -> None:
    assert shown.judge_emotion(OTHER, "serious") == Held()
    assert shown.judge_emotion(OTHER, "neutral") == Broken("neutral", "serious")
    assert shown.judge_emotion(Watched(), "neutral") == Unable(NO_STAMP)
