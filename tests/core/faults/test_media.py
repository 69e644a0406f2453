"""When pictures and sounds go wrong, and what becomes of packets."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.faults import media
from mock_server.core.faults.misplay import Misplay, acting, span
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.weather import Fate, Weather
from tests.core.faults.drawing import plans, read


def deviation(do: str, at: int = 0, **parameters: Any) -> Deviation:
    return Deviation(at, "media", do, None, parameters)


@pytest.mark.parametrize(
    ("do", "parameters", "expected"),
    [
        ("no-video", {}, (0.0, math.inf)),
        ("late-audio", {}, (0.0, 1.0)),
        ("late-video", {"ms": 250}, (0.0, 0.25)),
        ("video-ends", {"at_ms": 300}, (0.3, math.inf)),
        ("frozen", {"at_ms": 300, "for_ms": 500}, (0.3, 0.8)),
        ("no-key-frame", {"for_ms": 700}, (0.0, 0.7)),
        ("timestamp-jump", {"ms": 9}, (0.0, math.inf)),
        ("ice-disconnect", {}, (5.0, math.inf)),
        ("ice-disconnect", {"at_ms": 0}, (0.0, math.inf)),
    ],
)
def test_a_deviation_acts_in_its_time(
    do: str, parameters: dict[str, Any], expected: tuple[float, float]
) -> None:
    begin, end = span(deviation(do, **parameters))
    assert (begin, end) == pytest.approx(expected)


def test_it_acts_from_its_beginning_until_just_before_its_end() -> None:
    misplay = Misplay((deviation("frozen", at_ms=250, for_ms=500),), used=lambda _: None)
    assert [bool(misplay.at(t)) for t in (0.0, 0.249, 0.25, 0.749, 0.75)] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_of_two_that_act_at_once_the_later_in_the_plan_counts() -> None:
    slow, slower = deviation("low-rate", fps=5), deviation("low-rate", 1, fps=2)
    misplay = Misplay((slow, slower), used=lambda _: None)
    assert acting(misplay.at(1.0), "low-rate") is slower
    assert acting(misplay.at(1.0), "black") is None


def test_packets_have_no_fate_but_to_be_sent() -> None:
    assert Weather("video").fate(()) == Fate()
    assert Weather("video").fate((deviation("black"), deviation("no-audio"))) == Fate()


def test_one_burst_loses_so_many_packets_in_a_row() -> None:
    weather, loss = Weather("video"), (deviation("burst-loss", packets=3),)
    assert [weather.fate(loss).copies for _ in range(8)] == [0, 0, 0, 1, 1, 1, 1, 1]


def test_bursts_come_again_and_the_seed_says_when() -> None:
    def losses(seed: int) -> list[int]:
        weather = Weather("video")
        loss = (deviation("burst-loss", packets=2, every=10, seed=seed),)
        return [n for n in range(300) if weather.fate(loss).copies == 0]

    assert losses(1) == losses(1) != losses(2)
    assert 30 <= len(losses(1)) <= 120


def test_duplicates_multiply_but_not_without_end() -> None:
    twice = [deviation("duplicate-packets", at) for at in range(30)]
    assert Weather("audio").fate(tuple(twice[:2])).copies == 4
    assert Weather("audio").fate(tuple(twice)).copies == 8


def test_jitter_keeps_the_order_and_reordering_breaks_it() -> None:
    jitter, reordering = Weather("video"), Weather("video")
    delays = [jitter.fate((deviation("jitter", ms=60, seed=4),)) for _ in range(100)]
    assert all(fate.waits and 0 <= fate.delay <= 0.06 for fate in delays)
    held = [reordering.fate((deviation("reordering", seed=4),)) for _ in range(100)]
    assert not any(fate.waits for fate in held)
    assert 10 < sum(fate.delay > 0 for fate in held) < 40
    assert all(bool(fate.due_to) == (fate.delay > 0) for fate in held)


def test_one_stream_can_be_spared() -> None:
    loss = (deviation("burst-loss", stream="audio"),)
    assert Weather("video").fate(loss) == Fate()
    assert Weather("audio").fate(loss).copies == 0


@given(plan=plans(media.KINDS), stream=st.sampled_from(["audio", "video"]))
def test_the_same_plan_gives_the_same_weather(plan: list[dict[str, Any]], stream: str) -> None:
    deviations = tuple(read(plan))
    one, other = Weather(stream), Weather(stream)
    assert [one.fate(deviations) for _ in range(50)] == [other.fate(deviations) for _ in range(50)]


def test_every_kind_that_makes_an_honest_client_wait_says_for_how_long() -> None:
    assert {kind.do: dict(kind.waits) for kind in media.KINDS if kind.waits} == {
        "late-audio": {"ms": 0.001},
        "late-video": {"ms": 0.001},
        "no-key-frame": {"for_ms": 0.001},
    }
