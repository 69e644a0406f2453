"""From a plan that breaks a client to the fewest and mildest deviations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from contract.clients.plan import Deviation, Plan
from contract.clients.shrink import MOST_RUNS, Budget, shrink
from tests.contract.clients.catalogues import catalogue, plan

SLOW = {"on": "sendTask", "nth": 1, "do": "slow", "ms": 500}
LIMIT = {"on": "sendTask", "nth": 1, "do": "status", "row": "rate-limit"}
LIMITS = {"on": "sendTask", "do": "status", "row": "rate-limit"}
ERRORS = {"on": "sendTask", "do": "status", "row": "internal-error"}
FROZEN = {"on": "media", "do": "frozen", "at_ms": 200}


def nothing(_: Plan) -> bool | None:
    return None


def shrunk(start: Plan, breaks: Callable[[Plan], bool], unused: tuple[int, ...] = ()) -> Plan:
    known = catalogue()
    return shrink(start, unused=unused, catalogue=known, breaks=Budget(breaks, known=nothing))


def has(*rows: Mapping[str, object]) -> Callable[[Plan], bool]:
    wanted = set(plan(*rows))
    return lambda one: wanted <= set(one)


def test_what_was_never_applied_is_left_out() -> None:
    assert shrunk(plan(SLOW, FROZEN), has(FROZEN), unused=(0,)) == plan(FROZEN)


def test_a_plan_of_which_nothing_was_applied_is_kept() -> None:
    assert shrunk(plan(FROZEN), has(FROZEN), unused=(0,)) == plan(FROZEN)


def test_the_mildest_deviation_that_suffices_alone_is_found() -> None:
    either: Callable[[Plan], bool] = lambda one: bool(set(one) & set(plan(ERRORS, SLOW)))  # noqa: E731
    assert shrunk(plan(ERRORS, FROZEN, SLOW), either) == plan(SLOW)


def test_two_that_are_needed_together_are_both_kept() -> None:
    assert shrunk(plan(SLOW, ERRORS, FROZEN), has(SLOW, FROZEN)) == plan(SLOW, FROZEN)


def test_every_time_becomes_the_first_time_where_that_suffices() -> None:
    always: Callable[[Plan], bool] = lambda one: any(  # noqa: E731
        row.do == "status" for row in one
    )
    assert shrunk(plan(ERRORS), always) == plan(LIMIT)
    drawn = {"on": "sendTask", "do": "slow", "ms": 77}
    exact: Callable[[Plan], bool] = lambda one: any(  # noqa: E731
        row.parameters.get("ms") == 77 for row in one
    )
    assert shrunk(plan(drawn), exact) == plan({**drawn, "nth": 1})


def test_a_milder_one_that_does_not_suffice_is_not_taken() -> None:
    assert shrunk(plan(ERRORS), has(ERRORS)) == plan(ERRORS)


def test_a_plan_of_the_sweep_costs_no_run_when_the_milder_are_known() -> None:
    known = catalogue()
    budget = Budget(has(LIMITS), known=lambda one: has(LIMITS)(one) if len(one) == 1 else None)
    assert shrink(plan(LIMITS), unused=(), catalogue=known, breaks=budget) == plan(LIMITS)
    assert budget.runs == 0


ROWS = st.sampled_from([*catalogue().sweep, Deviation("peer", "unheard-of", None, {"x": 1})])


@given(
    st.lists(ROWS, min_size=1, max_size=4, unique_by=str),
    st.data(),
)
def test_ten_runs_give_a_plan_of_which_nothing_can_be_left_out(
    rows: list[Deviation], data: st.DataObject
) -> None:
    needed = set(data.draw(st.lists(st.sampled_from(rows), min_size=1, unique_by=str)))
    asked: list[str] = []

    def breaks(one: Plan) -> bool:
        asked.append(one.text)
        return needed <= set(one)

    known = catalogue()
    result = shrink(
        Plan(tuple(rows)), unused=(), catalogue=known, breaks=Budget(breaks, known=nothing)
    )
    assert len(asked) <= MOST_RUNS
    assert set(result) == needed
    assert len(result) == len(needed)
