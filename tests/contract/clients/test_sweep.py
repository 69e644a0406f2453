"""Which single deviations are worth a run of a client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.clients.healthy import Healthy, healthy_of
from contract.clients.plan import Deviation
from contract.clients.sweep import occasions, reached_by, sort_out
from tests.contract.clients.catalogues import call, catalogue, healthy, life, outcome

MUTE = healthy_of([outcome(calls=[call("newSession"), call("stopSession")], sessions=[life()])])

VISITOR = healthy_of(
    [
        outcome(
            sessions=[
                life(*({"t": 0.1, "event": event} for event in events), session=session)
                for session, events in (
                    ("a", ("viewer_joined", "viewer_joined", "viewer_resumed")),
                    ("b", ("chat_opened",)),
                )
            ]
        )
    ]
)


def test_only_what_the_client_calls_is_tried() -> None:
    tried, left = sort_out(reached_by(catalogue(), MUTE, "real"), MUTE, "real")
    assert tried == [Deviation("newSession", "status", 1, {"row": "rate-limit"})]
    assert left == []


def test_what_comes_too_often_or_too_late_is_left_out_with_the_reason() -> None:
    tried, left = sort_out(reached_by(catalogue(), healthy(), "real"), healthy(), "real")
    assert len(tried) == 6
    assert [(one.deviation.data, one.reason) for one in left] == [
        (
            {"on": "sendTask", "nth": 2, "do": "slow", "ms": 500},
            "there is no time 2: the client comes to sendTask 1 times",
        ),
        (
            {"on": "media", "do": "frozen", "at_ms": 9000},
            "it begins after 9 s, and the client is done after 0.6 s",
        ),
    ]


@pytest.mark.parametrize(
    ("on", "measure", "media", "times"),
    [
        ("sendTask", healthy(), "real", 1),
        ("listVoices", healthy(), "real", 0),
        ("peer", healthy(), "none", 1),
        ("session", MUTE, "real", 1),
        ("media", healthy(), "real", 1),
        ("media", healthy(), "none", 0),
        ("media", MUTE, "real", 0),
        ("event", MUTE, "real", 0),
        ("event", healthy(), "none", 0),
        ("event", healthy(), "real", 1),
        ("room", healthy(), "real", 0),
        ("chat", healthy(), "real", 0),
        ("room", VISITOR, "none", 2),
        ("chat", VISITOR, "none", 1),
    ],
)
def test_how_often_there_is_an_occasion(on: str, measure: Healthy, media: str, times: int) -> None:
    assert occasions(on, measure, "real" if media == "real" else "none") == times


def test_a_kind_that_the_client_never_comes_to_is_gone() -> None:
    assert set(reached_by(catalogue(), MUTE, "real").kinds) == {"status", "slow"}
    assert reached_by(catalogue(), MUTE, "real").kinds["slow"].on == ("newSession",)
    assert reached_by(replace(catalogue(), targets=()), healthy(), "real").kinds == {}


def test_an_event_that_the_client_never_gets_cannot_go_wrong() -> None:
    known = catalogue()
    slow = known.kinds["slow"]
    rows = tuple(
        Deviation("event", "slow", 1, {"ms": 5, "type": name})
        for name in ("avatar_start_talking", "avatar_stop_talking")
    )
    events = replace(known, kinds={"slow": replace(slow, on=("event",), sweep=rows)})
    tried, left = sort_out(events, healthy(), "real")
    assert tried == [rows[1]]
    assert left[0].reason == "there is no time 1: the client comes to avatar_start_talking 0 times"
