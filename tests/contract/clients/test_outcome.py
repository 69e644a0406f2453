"""What one run came to: milestones and sessions left open, from the journal alone."""

from __future__ import annotations

import pytest

from contract.clients.outcome import OVER, Milestones
from contract.spec import load_spec
from tests.contract.clients.catalogues import CALLS, TALK, call, life, outcome

OPENED = call("newSession")


def test_the_milestones_of_a_talk() -> None:
    assert outcome().milestones == Milestones(1, 1, 1, 1, 1, 1)


def test_a_speech_that_was_cut_short_was_not_heard() -> None:
    cut = {**TALK[3], "duration_ms": 98}
    assert outcome(sessions=[life(*TALK[:3], cut)]).milestones.spoken == 0
    rounded = {**TALK[3], "duration_ms": 99}
    assert outcome(sessions=[life(*TALK[:3], rounded)]).milestones.spoken == 1


def test_a_speech_of_another_task_is_none_of_the_client_s() -> None:
    other = {**TALK[3], "task_id": "b"}
    assert outcome(sessions=[life(*TALK[:3], other)]).milestones.spoken == 0


def test_what_is_missing_is_told_in_words() -> None:
    healthy = Milestones(2, 2, 1, 3, 1, 2)
    assert Milestones(2, 1, 0, 2, 1, 0).missing(healthy) == (
        "started 1 sessions of 2",
        "connected no session",
        "had 2 tasks of 3 accepted",
    )
    assert healthy.missing(healthy) == ()


def test_more_than_when_healthy_is_not_missing() -> None:
    assert Milestones(3, 3, 3, 3, 3, 3).missing(Milestones(1, 1, 1, 1, 1, 1)) == ()


@pytest.mark.parametrize("closed", ["", "peer lost: the viewer closed", "shutdown"])
def test_a_session_without_a_stop_is_left_open(closed: str) -> None:
    left = outcome(calls=[OPENED], sessions=[life(closed=closed)]).left_open
    assert [one.session_id for one in left] == ["s"]


@pytest.mark.parametrize(
    "closed",
    [
        "stopped",
        "idle timeout",
        "duration limit",
        "closed by the server",
        "crashed: KeyError",
    ],
)
def test_a_session_that_ended_otherwise_is_not_left_open(closed: str) -> None:
    assert outcome(calls=[OPENED], sessions=[life(closed=closed)]).left_open == ()


def test_a_stop_that_was_refused_counts_as_tried() -> None:
    stop = call("stopSession", 1.0, status=500, faults=(0,))
    assert outcome(calls=[OPENED, stop], sessions=[life(closed="")]).left_open == ()
    stop_of_another = call("stopSession", 1.0, session="t")
    assert len(outcome(calls=[OPENED, stop_of_another], sessions=[life(closed="")]).left_open) == 1


def test_a_client_that_was_told_that_its_session_has_ended_need_not_stop_it() -> None:
    told = call("keepAlive", 1.0, status=400, code=10005, faults=(0,))
    assert outcome(calls=[OPENED, told], sessions=[life(closed="")]).left_open == ()
    for otherwise in (
        call("keepAlive", 1.0, status=400, code=10002),
        call("keepAlive", 1.0, status=400, code=10005, delivered=False),
        call("keepAlive", 1.0, status=400, code=10005, session="t"),
    ):
        assert len(outcome(calls=[OPENED, otherwise], sessions=[life(closed="")]).left_open) == 1


def test_the_codes_that_tell_of_an_end_are_those_of_the_contract() -> None:
    rows = load_spec().errors
    names = ("session-closed", "session-not-found", "session-unknown")
    assert {rows[name].code for name in names} == OVER


@pytest.mark.parametrize(
    "unheard",
    [
        call("newSession", learned=False),
        call("newSession", delivered=False),
        call("newSession", status=500),
        call("newSession", status=None),
    ],
)
def test_a_client_that_never_learned_of_its_session_is_not_blamed(unheard: object) -> None:
    assert outcome(calls=[unheard], sessions=[life(closed="")]).left_open == ()  # type: ignore[list-item]


def test_errors_are_what_the_runner_saw_and_what_was_printed() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n'
    assert [one.signature for one in outcome(status=1, output=trace).errors] == [
        "KeyError in a.py:f"
    ]
    assert outcome(status=0, output=trace).errors == ()
    assert outcome(status=None, stopped="limit", output=trace).errors == ()


def test_a_plan_is_consumed_when_nothing_of_it_was_left() -> None:
    assert outcome(calls=CALLS).consumed
    assert not outcome(calls=CALLS, unused=[0]).consumed
