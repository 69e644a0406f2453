"""What is wrong with how a client fared."""

from __future__ import annotations

import pytest

from contract.clients.healthy import Healthy, healthy_of
from contract.clients.outcome import Outcome
from contract.clients.runner import Complaint
from contract.clients.verdicts import KINDS, MEANING, judge, price
from tests.contract.clients.catalogues import CALLS, TALK, call, healthy, life, outcome

TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n'


def kinds(one: Outcome, measure: Healthy | None = None) -> list[str]:
    return [verdict.kind for verdict in judge(one, measure or healthy())]


def test_a_client_that_does_as_when_healthy_is_fine() -> None:
    assert kinds(outcome()) == []


def test_a_client_that_tells_its_failure_and_cleans_up_is_fine() -> None:
    assert kinds(outcome(status=1, sessions=[life()], output="no task: 500\n")) == []


def test_every_kind_has_a_meaning() -> None:
    assert set(MEANING) == set(KINDS)


def test_a_hang_says_how_long() -> None:
    (verdict,) = judge(outcome(status=None, stopped="limit", seconds=4.8), healthy())
    assert verdict.kind == "hang"
    assert verdict.said == "had not ended after 4.8 s (0.6 s when healthy)"


def test_a_client_that_was_stopped_is_not_blamed_for_what_it_left() -> None:
    left = [life(closed="")]
    opened = [call("newSession")]
    assert kinds(outcome(stopped="limit", status=None, calls=opened, sessions=left)) == ["hang"]
    assert kinds(outcome(signal=9, status=None, calls=opened, sessions=left)) == ["killed"]


def test_a_signal_of_its_own_is_named() -> None:
    (verdict,) = judge(outcome(signal=11, status=None), healthy())
    assert verdict.said == "was ended by signal 11"


def test_a_storm_is_told_before_the_hang_that_it_was_stopped_for() -> None:
    many = [call("newSession"), *(call("sendTask", 0.1 * n) for n in range(64))]
    storm = outcome(calls=many, stopped="storm", status=None, seconds=2.0)
    (verdict,) = judge(storm, healthy())
    assert verdict.kind == "retry-storm"
    assert verdict.said == "made 65 requests in 2.0 s, sendTask most often (3 when healthy)"
    assert kinds(outcome(calls=many, stopped="limit", status=None)) == ["retry-storm"]


@pytest.mark.parametrize(("calls", "storm"), [(30, False), (31, False), (32, True)])
def test_one_operation_may_come_thirty_times_more_often(calls: int, storm: bool) -> None:
    many = [call("newSession"), *(call("sendTask", n) for n in range(calls)), CALLS[-1]]
    assert kinds(outcome(calls=many)) == (["retry-storm"] if storm else [])


@pytest.mark.parametrize(("total", "storm"), [(60, False), (61, True)])
def test_sixty_requests_are_no_storm(total: int, storm: bool) -> None:
    assert kinds(outcome(total=total)) == (["retry-storm"] if storm else [])


def test_a_client_that_calls_often_when_healthy_may() -> None:
    measure = healthy_of([outcome(total=50)])
    assert measure.storm_in(0.6) == 150
    assert kinds(outcome(total=150), measure) == []


def test_a_client_that_polls_may_go_on_while_it_waits() -> None:
    def polling(calls: int, seconds: float) -> Outcome:
        many = (call("listSessions", 0.05 * n) for n in range(calls))
        return outcome(calls=(CALLS[0], *many, *CALLS[1:]), seconds=seconds)

    measure = healthy_of([polling(10, 0.5)])
    assert kinds(polling(200, 10.0), measure) == []
    assert kinds(polling(200, 2.0), measure) == ["retry-storm"]


def test_an_error_that_nobody_handled_is_named_by_its_place() -> None:
    (verdict,) = judge(outcome(status=1, output=TRACE), healthy())
    assert verdict.key == ("unhandled-error", "KeyError in a.py:f")
    assert verdict.said == "did not handle KeyError in a.py:f"
    assert verdict.detail.endswith("KeyError: 1")


def test_an_error_that_the_healthy_run_has_too_does_not_count() -> None:
    thread = f"Exception in thread Thread-1 (f):\n{TRACE}"
    measure = healthy_of([outcome(output=thread)])
    assert kinds(outcome(output=thread), measure) == []
    assert kinds(outcome(output=thread)) == ["unhandled-error"]


def test_a_runner_s_complaints_are_verdicts() -> None:
    error = Complaint("error", "TypeError at app.js:open", "TypeError: x is undefined")
    video = Complaint("no-video", "", "showed no picture for 5 s")
    verdicts = judge(outcome(complaints=[error, video]), healthy())
    assert [verdict.kind for verdict in verdicts] == ["unhandled-error", "no-video"]
    assert verdicts[1].said == "showed no picture for 5 s"


def test_a_leak_has_a_price() -> None:
    (verdict,) = judge(outcome(calls=CALLS[:2], sessions=[life(*TALK, closed="")]), healthy())
    assert verdict.kind == "leaked-session"
    assert "about 0.4 credits until the idle timeout of 120 s" in verdict.cost
    assert "quoted in public in November 2025" in verdict.cost
    assert verdict.said == "left the session that it knew without a stop"
    assert price(2) == pytest.approx(0.8)


def test_a_retry_after_is_to_be_waited_for() -> None:
    asked = call("sendTask", 0.3, status=429, retry_after=2.0, faults=(0,))
    early = (CALLS[0], asked, call("sendTask", 1.5), CALLS[2])
    (verdict,) = judge(outcome(calls=early), healthy())
    assert verdict.kind == "ignores-retry-after"
    assert verdict.said == ("called sendTask again after 1.2 s, where the answer had asked for 2 s")
    patient = (CALLS[0], asked, call("sendTask", 2.2), CALLS[2])
    assert kinds(outcome(calls=patient)) == []
    elsewhere = (CALLS[0], asked, call("stopSession", 0.4))
    assert kinds(outcome(calls=elsewhere)) == []


def test_the_next_candidate_is_no_second_try_of_the_refused_one() -> None:
    asked = call("submitIce", 0.3, status=429, retry_after=2.0, faults=(0,))
    assert kinds(outcome(calls=(*CALLS, asked, call("submitIce", 0.5)))) == []


def test_a_call_that_was_on_its_way_does_not_hide_one_that_comes_too_soon() -> None:
    asked = call("sendTask", 0.3, status=429, retry_after=2.0, faults=(0,))
    beside, soon = call("sendTask", 0.305), call("sendTask", 0.5)
    assert kinds(outcome(calls=(CALLS[0], asked, beside, CALLS[2]))) == []
    assert kinds(outcome(calls=(CALLS[0], asked, beside, soon, CALLS[2]))) == [
        "ignores-retry-after"
    ]


def test_a_client_that_never_got_the_answer_cannot_know_of_its_retry_after() -> None:
    cut = call("sendTask", 0.3, status=429, retry_after=2.0, delivered=False)
    assert kinds(outcome(calls=(CALLS[0], cut, call("sendTask", 0.5), CALLS[2]))) == []


def test_success_without_the_work_is_a_silent_failure() -> None:
    (verdict,) = judge(outcome(sessions=[life(*TALK[:2])]), healthy())
    assert verdict.kind == "silent-failure"
    assert verdict.said == (
        "ended with status 0, but had no task accepted, heard no speech to its end"
    )


def test_milestones_that_come_and_go_when_healthy_are_not_asked_for() -> None:
    measure = healthy_of([outcome(), outcome(sessions=[life(*TALK[:3])])])
    assert measure.milestones.spoken == 0
    assert kinds(outcome(sessions=[life(*TALK[:3])]), measure) == []


def test_several_verdicts_may_hold_the_worst_first() -> None:
    asked = call("sendTask", 0.3, status=429, retry_after=2.0)
    calls = (CALLS[0], asked, call("sendTask", 0.5))
    both = outcome(calls=calls, sessions=[life(*TALK[:2], closed="")])
    assert kinds(both) == ["leaked-session", "ignores-retry-after", "silent-failure"]
    order = [KINDS.index(verdict.kind) for verdict in judge(both, healthy())]
    assert order == sorted(order)


def test_the_measure_is_the_slowest_and_the_most() -> None:
    measure = healthy_of([outcome(seconds=0.5, total=3), outcome(seconds=0.7, total=4)])
    assert (measure.seconds, measure.requests) == (0.7, 4)
    assert measure.calls == {"newSession": 1, "sendTask": 1, "stopSession": 1}
    assert measure.events == {"avatar_stop_talking": 1}
    assert measure.refused == frozenset()
    asked_for = healthy_of([outcome(calls=[call("listVoices", status=500)])])
    assert asked_for.refused == {"listVoices"}
