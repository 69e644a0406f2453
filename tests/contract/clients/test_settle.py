"""What was seen becomes a finding only where the plan has to do with it."""

from __future__ import annotations

import time
from typing import cast

from contract.clients.course import Course, Settings
from contract.clients.crew import Crew, Order
from contract.clients.outcome import Outcome
from contract.clients.settle import settle
from contract.clients.sightings import Sightings
from contract.clients.verdicts import judge
from tests.contract.clients.catalogues import catalogue, healthy, outcome, plan

NEVER = plan(
    {"on": "sendTask", "nth": 2, "do": "status", "row": "rate-limit"},
    {"on": "sendTask", "nth": 3, "do": "slow", "ms": 500},
)


class Moody:
    """Runs a client that hangs now and then, whatever the plan, before its time comes."""

    def run(self, order: Order) -> Outcome:
        everywhere = range(len(order.plan))
        return outcome(played=order.plan, status=None, stopped="limit", unused=tuple(everywhere))


class Lines:
    def __init__(self) -> None:
        self.said: list[str] = []

    def began(self, phase: str, total: int | None, *, of: str = "run") -> None:
        self.said.append(f"{phase}: {total} {of}")

    def moved(self, done: int, said: str) -> None:
        self.said.append(f"{done}: {said}")

    def note(self, text: str) -> None: ...


class Slow:
    """Runs a client that has a time limit of ten seconds."""

    def __init__(self) -> None:
        self.limits: list[float] = []

    def run(self, order: Order) -> Outcome:
        self.limits.append(order.limit)
        if order.limit < 10:
            return outcome(played=order.plan, status=None, stopped="limit")
        return outcome(played=order.plan, status=1)


def test_a_client_that_ends_in_time_of_its_own_does_not_hang() -> None:
    known, slow = catalogue(), Slow()
    course = Course(
        Settings(client=("--", "true"), seed=1, jobs=1),
        known,
        Lines(),
        cast("Crew", slow),
        healthy(),
        2.0,
        30.0,
        Sightings(known),
        time.monotonic,
    )
    seen = slow.run(Order(NEVER, 2.0, 60))
    course.sightings.add(seen, judge(seen, healthy()))
    settle(course)
    assert course.findings == []
    assert slow.limits[-1] >= 30


def test_what_comes_without_the_plan_s_doing_is_no_finding() -> None:
    lines, known = Lines(), catalogue()
    course = Course(
        Settings(client=("--", "true"), seed=1, jobs=1),
        known,
        lines,
        cast("Crew", Moody()),
        healthy(),
        2.0,
        30.0,
        Sightings(known),
        time.monotonic,
    )
    seen = Moody().run(Order(NEVER, 2.0, 60))
    course.sightings.add(seen, judge(seen, healthy()))
    settle(course)
    assert course.findings == []
    assert [one.verdict.kind for one in course.flaky] == ["hang"]
    assert lines.said == ["confirm: 1 finding", "1: 0 confirmed, 1 not seen again"]
