"""When a deviation is due, and what is told of those that were."""

from __future__ import annotations

from mock_server.core.faults.plan import Deviation, FaultPlan


def met(plan: FaultPlan, on: str, times: int, **more: str) -> list[list[int]]:
    return [[one.at for one in plan.meet(on, **more)] for _ in range(times)]


def test_the_empty_plan_asks_for_nothing() -> None:
    plan = FaultPlan()
    assert met(plan, "newSession", 2) == [[], []]
    assert plan.report() == {"plan": [], "deviations": [], "unused": []}


def test_nth_is_one_occurrence_and_without_it_every_one() -> None:
    plan = FaultPlan(
        [Deviation(0, "sendTask", "slow", 2), Deviation(1, "sendTask", "closed", None)]
    )
    assert met(plan, "sendTask", 3) == [[1], [0, 1], [1]]


def test_targets_are_counted_apart() -> None:
    plan = FaultPlan([Deviation(0, "sendTask", "slow", 1), Deviation(1, "stopSession", "slow", 2)])
    assert met(plan, "stopSession", 1) == [[]]
    assert met(plan, "sendTask", 1) == [[0]]
    assert met(plan, "stopSession", 1) == [[1]]


def test_a_deviation_of_one_type_of_event_counts_no_other() -> None:
    of_stop = Deviation(0, "event", "event-missing", 1, {"type": "avatar_stop_talking"})
    plan = FaultPlan([of_stop, Deviation(1, "event", "event-missing", 2)])
    assert met(plan, "event", 1, event="avatar_start_talking") == [[]]
    assert met(plan, "event", 1, event="avatar_stop_talking") == [[0, 1]]


def test_the_report_counts_what_was_applied_not_what_was_met() -> None:
    one, other = Deviation(0, "sendTask", "slow"), Deviation(1, "sendTask", "closed", 3)
    plan = FaultPlan([one, other])
    met(plan, "sendTask", 2)
    plan.use(one)
    plan.use(one)
    assert plan.report() == {
        "plan": [{"on": "sendTask", "do": "slow"}, {"on": "sendTask", "nth": 3, "do": "closed"}],
        "deviations": [
            {"at": 0, "on": "sendTask", "do": "slow", "consumed": 2},
            {"at": 1, "on": "sendTask", "do": "closed", "consumed": 0},
        ],
        "unused": [1],
    }


def test_another_plan_begins_to_count_anew() -> None:
    old = Deviation(0, "sendTask", "slow", 2)
    plan = FaultPlan([old])
    met(plan, "sendTask", 1)
    plan.set([Deviation(0, "sendTask", "closed", 2)])
    assert met(plan, "sendTask", 2) == [[], [0]]


def test_what_an_earlier_plan_asked_for_is_not_counted_for_the_next() -> None:
    old = Deviation(0, "sendTask", "slow")
    plan = FaultPlan([old])
    plan.set([Deviation(0, "sendTask", "slow")])
    plan.use(old)
    plan.set([])
    plan.use(old)
    assert plan.report()["deviations"] == []


def test_a_deviation_is_told_as_it_was_written() -> None:
    one = Deviation(3, "sendTask", "status", 2, {"row": "forbidden"})
    assert one.as_json() == {"on": "sendTask", "nth": 2, "do": "status", "row": "forbidden"}
    assert (one["row"], one.get("retry_after"), one.get("retry_after", 4)) == ("forbidden", None, 4)
