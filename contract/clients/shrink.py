"""From a plan that breaks a client to the fewest and mildest deviations that still do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from contract.clients.catalogue import Catalogue
from contract.clients.plan import Deviation, Plan

MOST_RUNS = 10

Breaks = Callable[[Plan], bool | None]
"""Whether the plan leads to the same verdict; None when there is no run left to find out."""


def shrink(plan: Plan, *, unused: Iterable[int], catalogue: Catalogue, breaks: Breaks) -> Plan:
    """A smaller plan with the same verdict; ``unused`` are the places that were never applied.

    Where more deviations always break what fewer broke, and the runs suffice, no deviation of the
    result can be left out.
    """
    needed = plan.without(unused)
    if len(needed) == 0:
        needed = plan
    return _milder(_fewer(needed, catalogue, breaks), catalogue, breaks)


class Budget:
    """An oracle that asks at most :data:`MOST_RUNS` times, and never twice for one plan."""

    def __init__(
        self, run: Callable[[Plan], bool], *, known: Callable[[Plan], bool | None]
    ) -> None:
        """``known`` is what is already known of a plan, for nothing; None where nothing is."""
        self._run = run
        self._known = known
        self.runs = 0

    def __call__(self, plan: Plan) -> bool | None:
        known = self._known(plan)
        if known is not None or self.runs >= MOST_RUNS:
            return known
        self.runs += 1
        return self._run(plan)


def _fewer(plan: Plan, catalogue: Catalogue, breaks: Breaks) -> Plan:
    if len(plan) == 1:
        return plan
    alone = [Plan((one,)) for one in plan]
    for single in sorted(alone, key=catalogue.weight):
        if breaks(single):
            return single
    for one in plan:
        if len(plan) > 2:  # of two, each was tried alone
            less = plan.without([plan.deviations.index(one)])
            plan = less if breaks(less) else plan
    return plan


def _milder(plan: Plan, catalogue: Catalogue, breaks: Breaks) -> Plan:
    for place in range(len(plan)):
        for milder in _milder_ones(plan.deviations[place], catalogue):
            other = plan.replaced(place, milder)
            if breaks(other):
                plan = other
                break
    return plan


def _milder_ones(one: Deviation, catalogue: Catalogue) -> Iterator[Deviation]:
    """Milder forms of a deviation, the mildest first."""
    kind = catalogue.kinds.get(one.do)
    known: Sequence[Deviation] = () if kind is None else kind.sweep
    same = [other for other in known if other.on == one.on]
    yield from same[: same.index(one)] if one in same else same
    if one.nth != 1:
        first = Deviation(one.on, one.do, 1, one.parameters)
        if first not in same:
            yield first
