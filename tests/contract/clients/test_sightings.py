"""What has been seen to go wrong, sorted into findings."""

from __future__ import annotations

from contract.clients.plan import Plan
from contract.clients.sightings import Sightings, file_name
from contract.clients.verdicts import Verdict
from tests.contract.clients.catalogues import catalogue, outcome, plan

SLOW = plan({"on": "sendTask", "nth": 1, "do": "slow", "ms": 500})
LIMIT = plan({"on": "sendTask", "nth": 1, "do": "status", "row": "rate-limit"})
BOTH = Plan((*SLOW, *LIMIT))
HANG = Verdict("hang", "had not ended")
LEAK = Verdict("leaked-session", "left it")


def seen(*rows: tuple[Plan, Verdict]) -> Sightings:
    sightings = Sightings(catalogue())
    for played, verdict in rows:
        sightings.add(outcome(played=played), (verdict,))
    return sightings


def test_a_finding_is_new_once() -> None:
    sightings = Sightings(catalogue())
    assert sightings.add(outcome(played=LIMIT), (HANG, LEAK)) == [HANG.key, LEAK.key]
    assert sightings.add(outcome(played=SLOW), (LEAK,)) == []
    other = Verdict("unhandled-error", "x", "KeyError in a.py:f")
    assert sightings.add(outcome(played=SLOW), (other,)) == [other.key]


def test_the_smallest_plan_comes_first_then_the_mildest() -> None:
    sightings = seen((BOTH, LEAK), (LIMIT, LEAK), (SLOW, LEAK))
    assert [one.plan for one in sightings.of(LEAK.key)] == [SLOW, LIMIT, BOTH]
    assert sightings.singles(LEAK.key) == [*SLOW, *LIMIT]


def test_of_equals_the_first_of_the_sweep_comes_first_whatever_ended_first() -> None:
    first, _, third, fourth = catalogue().kinds["status"].sweep
    sightings = seen(*((Plan((one,)), LEAK) for one in (fourth, third, first)))
    assert sightings.singles(LEAK.key) == [first, third, fourth]


def test_the_worst_kind_comes_first() -> None:
    assert list(seen((SLOW, LEAK), (LIMIT, HANG)).worst_first()) == [HANG.key, LEAK.key]


def test_what_was_played_need_not_be_played_again() -> None:
    sightings = seen((SLOW, LEAK))
    assert sightings.leads_to(SLOW, LEAK.key) is True
    assert sightings.leads_to(SLOW, HANG.key) is False
    assert sightings.leads_to(LIMIT, LEAK.key) is None


def test_a_plan_file_is_named_by_what_it_leads_to_and_how() -> None:
    taken: set[str] = set()
    assert file_name(LEAK, LIMIT, taken) == "leaked-session-sendTask-status.json"
    assert file_name(LEAK, LIMIT, taken) == "leaked-session-sendTask-status-2.json"
    assert file_name(HANG, BOTH, taken) == "hang-sendTask-slow-sendTask-status.json"
    odd = plan({"on": "../../etc", "do": "a b/c"})
    assert file_name(HANG, odd, taken) == "hang-------etc-a-b-c.json"
    long = plan(*({"on": "sendTask", "do": f"kind-{n}"} for n in range(60)))
    assert len(file_name(HANG, long, taken)) == 105
