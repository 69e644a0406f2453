from dataclasses import replace

import pytest

from contract.media.judges import streams
from contract.media.verdict import BUSY, LOST, Broken, Held, Unable
from contract.media.watched import Watched
from tests.contract.media.planted import CLOCK, busy, frame, right, sight

NOTHING = Watched()


def _without(begin: float, end: float, *, lag: float = 0.0) -> Watched:
    watched = right()
    holed = replace(
        watched,
        frames=tuple(f for f in watched.frames if not begin <= f.time < end),
        sounds=tuple(s for s in watched.sounds if not begin <= s.time < end),
    )
    return busy(holed, lag)


def test_25_pictures_a_second_are_right() -> None:
    assert streams.judge_rate(right()) == Held()


def test_another_rate_is_wrong() -> None:
    slow = replace(right(), frames=right().frames[::2])
    assert streams.judge_rate(slow) == Broken("25 pictures per second", "12.5")


def test_a_second_frame_at_once_does_not_change_the_rate() -> None:
    frames = right().frames
    doubled = (frames[0], frames[0]._replace(time=0.001), *frames[1:])
    assert streams.judge_rate(replace(right(), frames=doubled)) == Held()


def test_no_pictures_are_no_rate() -> None:
    assert streams.judge_rate(NOTHING) == Broken("25 pictures per second", "0 pictures in all")
    assert streams.judge_rate(busy(NOTHING, 1.2)) == Unable(BUSY)


def test_pictures_of_one_time_have_no_rate() -> None:
    still = replace(right(), frames=(frame(0.0),) * 20)
    assert streams.judge_rate(still) == Broken("25 pictures per second", "no time between")


def test_even_time_has_no_gaps() -> None:
    assert streams.judge_continuity(right()) == Held()


def test_a_gap_is_a_gap() -> None:
    assert streams.judge_continuity(_without(1.0, 2.0)) == Broken(
        "video without gaps", "1.00 s of 3.96 s missing"
    )


def test_a_gap_in_the_sound_alone_is_one_too() -> None:
    watched = right()
    sounds = tuple(s for s in watched.sounds if not 1.0 <= s.time < 2.0)
    verdict = streams.judge_continuity(replace(watched, sounds=sounds))
    assert verdict == Broken("audio without gaps", "1.00 s of 3.98 s missing")


def test_a_gap_that_a_busy_machine_can_make_is_not_judged() -> None:
    assert streams.judge_continuity(_without(1.0, 2.0, lag=0.2)) == Unable(BUSY)


def test_a_viewer_that_is_never_late_may_share_the_machine_with_a_server_that_is() -> None:
    alone, crowded = (replace(_without(1.0, 2.0), crowded=share) for share in (0.2, 0.98))
    assert isinstance(streams.judge_continuity(alone), Broken)
    assert streams.judge_continuity(crowded) == Unable(BUSY)


def test_time_that_runs_ahead_is_no_matter_of_a_busy_machine() -> None:
    watched = replace(busy(right(), 0.2), crowded=0.98)
    ahead = tuple(f if f.time < 2 else f._replace(time=f.time + 1) for f in watched.frames)
    verdict = streams.judge_continuity(replace(watched, frames=ahead))
    assert verdict == Broken("video without gaps", "1.00 s of 4.96 s missing")


def test_a_short_stall_is_no_gap() -> None:
    assert streams.judge_continuity(_without(1.0, 1.26)) == Held()


def test_lost_packets_say_nothing_of_gaps() -> None:
    assert streams.judge_continuity(replace(_without(1.0, 2.0), lost=1)) == Unable(LOST)


def test_time_does_not_go_back() -> None:
    frames = right().frames
    back = (*frames[:20], frames[5], *frames[20:])
    verdict = streams.judge_continuity(replace(right(), frames=back))
    assert verdict == Broken("video timestamps that grow", "0.56 s backwards")


def test_the_codec_is_the_one_asked_for() -> None:
    assert streams.judge_codec(right(), "VP8") == Held()
    assert streams.judge_codec(right(), "H264") == Broken("H264", "VP8")
    assert streams.judge_codec(NOTHING, "VP8") == Unable("no picture")


def test_the_size_is_the_one_asked_for() -> None:
    assert streams.judge_size(right(), 854, 480) == Held()
    assert streams.judge_size(right(), 1280, 720) == Broken("1280x720", "854x480")
    assert streams.judge_size(NOTHING, 854, 480) == Unable("no picture could be decoded")


def test_the_size_does_not_change_on_the_way() -> None:
    changed = (*right().sights, sight(4.0, size=(427, 240)))
    verdict = streams.judge_size(replace(right(), sights=changed), 854, 480)
    assert verdict == Broken("854x480", "427x240, 854x480")


def test_pictures_can_be_decoded() -> None:
    assert streams.judge_decodes(right()) == Held()
    broken = replace(right(), undecodable="the picture at 1.00 s cannot be decoded: bad")
    assert streams.judge_decodes(broken) == Broken(
        "pictures that can be decoded", "the picture at 1.00 s cannot be decoded: bad"
    )
    assert streams.judge_decodes(replace(broken, lost=3)) == Unable(LOST)
    assert streams.judge_decodes(NOTHING) == Unable("no picture")


def test_the_first_picture_is_a_key_frame() -> None:
    late = replace(right(), frames=right().frames[1:])
    assert streams.judge_decodes(late) == Broken(
        "a key frame first", "none first among 99 pictures"
    )


def test_a_lost_picture_is_followed_by_a_key_frame() -> None:
    assert streams.judge_key_frame(right(), CLOCK + 1.5) == Held()


@pytest.mark.parametrize(("asked", "heard"), [(0.5, "3.48"), (2.1, "1.88")])
def test_a_key_frame_long_after_or_before_does_not_count(asked: float, heard: str) -> None:
    verdict = streams.judge_key_frame(right(), CLOCK + asked)
    assert isinstance(verdict, Broken)
    assert verdict.actual.endswith(f"pictures in {heard} s")


def test_without_pictures_after_it_a_key_frame_is_not_judged() -> None:
    assert streams.judge_key_frame(right(), CLOCK + 9) == Unable("no picture came any more")


def test_a_key_frame_is_not_missed_among_the_few_pictures_of_a_crowded_machine() -> None:
    asked = CLOCK + 0.1
    few = replace(right(), frames=tuple(f for f in right().frames if f.time in {0.0, 1.0, 1.4}))
    assert isinstance(streams.judge_key_frame(few, asked), Broken)
    assert streams.judge_key_frame(replace(few, crowded=0.98), asked) == Unable(BUSY)
    assert isinstance(streams.judge_key_frame(replace(right(), crowded=0.98), asked), Broken)


def test_media_ends_with_the_answer_to_stop() -> None:
    assert streams.judge_ends(right(), CLOCK + 3.8) == Held()
    assert streams.judge_ends(right(), CLOCK + 2.0) == Broken(
        "no media after stop", "1.96 s of video"
    )
    silent = replace(right(), frames=())
    assert streams.judge_ends(silent, CLOCK + 2.0) == Broken(
        "no media after stop", "1.98 s of audio"
    )


def test_the_end_of_media_needs_a_viewer_that_keeps_up_and_media() -> None:
    assert streams.judge_ends(busy(right(), 0.6), CLOCK + 2.0) == Unable(BUSY)
    assert streams.judge_ends(NOTHING, CLOCK) == Unable("no media came at all")


def test_the_peer_closes_after_stop() -> None:
    assert streams.judge_closes(right(), CLOCK + 4, CLOCK + 4.1) == Held()
    still = replace(right(), closed_at=None)
    assert streams.judge_closes(still, CLOCK + 4, CLOCK + 6) == Broken(
        "the peer closes", "it is open 2.0 s after the answer"
    )
