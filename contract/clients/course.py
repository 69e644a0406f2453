"""What a fuzz run is to do, and what it knows so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from contract.clients.catalogue import Catalogue
from contract.clients.crew import Crew, Order
from contract.clients.healthy import Healthy
from contract.clients.outcome import Outcome
from contract.clients.plan import Plan
from contract.clients.screen import Screen
from contract.clients.sightings import Finding, Key, Sighting, Sightings
from contract.clients.stage import Media
from contract.clients.summary import Counts
from contract.clients.sweep import NO_OCCASION, NotApplied
from contract.clients.verdicts import Verdict, judge

COMBINATIONS = 60.0
"""Seconds of combinations after the sweep, where no time is given."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is to be done. ``seconds`` is for sweep and combinations together, None for no end of
    the sweep and :data:`COMBINATIONS`; ``timeout`` takes the place of the measured limit.
    ``client`` and ``options`` are for the command line that plays a plan again.
    """

    client: tuple[str, ...]
    seed: int
    jobs: int
    options: tuple[str, ...] = ()
    media: Media = "real"
    only: tuple[str, ...] | None = None
    seconds: float | None = None
    combine: bool = True
    timeout: float | None = None
    tool_version: str = ""


@dataclass(slots=True)
class Course:
    """What is known so far."""

    settings: Settings
    catalogue: Catalogue
    screen: Screen
    crew: Crew
    healthy: Healthy
    limit: float
    patience: float
    sightings: Sightings
    clock: Callable[[], float]
    not_applied: list[NotApplied] = field(default_factory=list)
    flaky: list[Sighting] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    doubted: set[Key] = field(default_factory=set)
    counts: Counts = field(default_factory=Counts)

    def order(self, plan: Plan, *, patient: bool = False) -> Order:
        limit = (self.patience if patient else self.limit) + self.catalogue.wait(plan)
        return Order(plan, limit, self.healthy.storm_in(limit))

    def progress(self, runs: int) -> None:
        """Shows how many runs there were, and what was seen."""
        kinds = len(self.sightings.by_key)
        self.screen.moved(runs, f"{kinds} kind{'' if kinds == 1 else 's'} of trouble seen")

    def alone(self, plan: Plan, *, patient: bool = False) -> tuple[Outcome, tuple[Verdict, ...]]:
        """One run with nothing else running; ``patient``, to be sure of a hang."""
        self.counts = replace(self.counts, shrinking=self.counts.shrinking + 1)
        outcome = self.crew.run(self.order(plan, patient=patient))
        return outcome, judge(outcome, self.healthy)

    def take(self, outcome: Outcome) -> None:
        """Judges a run of sweep or combinations."""
        ours = own_mistakes(outcome, self.healthy)
        if ours:
            self.problems += ours
            return
        verdicts = judge(outcome, self.healthy)
        single = len(outcome.plan) == 1
        if single and not outcome.consumed:
            if verdicts:
                self.flaky += [Sighting(verdict, outcome) for verdict in verdicts]
            else:
                self.not_applied.append(NotApplied(outcome.plan.deviations[0], NO_OCCASION))
            return
        for kind, signature in self.sightings.add(outcome, verdicts):
            self.screen.note(f"{kind}{f' ({signature})' if signature else ''}: {outcome.plan}")


def own_mistakes(outcome: Outcome, healthy: Healthy) -> list[str]:
    """Answers 5xx that neither the plan nor the client asked for: the fake's own mistakes."""
    return [
        f"the fake answered {call.operation} with {call.status}, which the plan does not ask for: "
        f"{outcome.plan}"
        for call in outcome.after.calls
        if (call.status or 0) >= 500 and not call.faults and call.operation not in healthy.refused
    ][:1]
