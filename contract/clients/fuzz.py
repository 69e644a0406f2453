"""The whole of a fuzz run: the healthy client, the sweep, combinations, shrinking, confirming."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from typing import Protocol

from contract.clients.calibrate import calibrate, limit_of
from contract.clients.catalogue import Catalogue
from contract.clients.crew import Crew, Order
from contract.clients.healthy import Healthy
from contract.clients.outcome import Outcome
from contract.clients.plan import Plan
from contract.clients.runner import Hire
from contract.clients.shrink import Budget, shrink
from contract.clients.sightings import Finding, Key, Sighting, Sightings, file_name
from contract.clients.stage import Media, RefusedPlanError
from contract.clients.summary import Counts, Summary
from contract.clients.sweep import NotApplied, reached_by, sort_out
from contract.clients.verdicts import Verdict, judge
from contract.unable import UnableError

COMBINATIONS = 60.0
"""Seconds of combinations after the sweep, where no time is given."""
_MOST_TOGETHER = 4
_TRIES = 3
"""Plans of one finding that are tried before it is called flaky."""


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


class Screen(Protocol):
    """Where progress is shown."""

    def began(self, phase: str, total: int | None) -> None: ...
    def moved(self, done: int, found: int) -> None: ...
    def note(self, text: str) -> None: ...


@dataclass(slots=True)
class _Course:
    """What is known so far."""

    settings: Settings
    catalogue: Catalogue
    screen: Screen
    crew: Crew
    healthy: Healthy
    limit: float
    sightings: Sightings
    clock: Callable[[], float]
    not_applied: list[NotApplied] = field(default_factory=list)
    flaky: list[Sighting] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    doubted: set[Key] = field(default_factory=set)
    counts: Counts = field(default_factory=Counts)

    def order(self, plan: Plan) -> Order:
        limit = self.limit + self.catalogue.wait(plan)
        return Order(plan, limit, self.healthy.storm)

    def alone(self, plan: Plan) -> tuple[Outcome, tuple[Verdict, ...]]:
        """One run with nothing else running."""
        self.counts = replace(self.counts, shrinking=self.counts.shrinking + 1)
        outcome = self.crew.run(self.order(plan))
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
                reason = "the client ended before there was an occasion for it"
                self.not_applied.append(NotApplied(outcome.plan.deviations[0], reason))
            return
        for kind, signature in self.sightings.add(outcome, verdicts):
            self.screen.note(f"{kind}{f' ({signature})' if signature else ''}: {outcome.plan}")


def fuzz(
    settings: Settings,
    *,
    catalogue: Catalogue,
    hire: Hire,
    screen: Screen,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Finds what breaks the client. Ctrl-C ends it early, with what was found so far.

    ``clock`` is in seconds, and says when the time is over.
    Raises UnableError for a client that fails when healthy or never calls the server, for an
    unknown name in ``only``, and where the fake does not run.
    """
    chosen = catalogue.only(settings.only)

    def work(course: _Course) -> None:
        try:
            _hunt(course, chosen)
        except UnableError as problem:  # the fake is gone: what was found before is worth telling
            course.problems.append(str(problem))
            _keep(course)

    return _with_crew(settings, work, catalogue=catalogue, hire=hire, screen=screen, clock=clock)


def replay(
    settings: Settings, plan: Plan, *, catalogue: Catalogue, hire: Hire, screen: Screen
) -> Summary:
    """Plays exactly that plan, after the healthy run. Raises UnableError as :func:`fuzz` does,
    and for a plan that the fake refuses.
    """

    def work(course: _Course) -> None:
        outcome, verdicts = course.alone(plan)
        course.problems += own_mistakes(outcome, course.healthy)
        course.findings = [Finding(verdict, outcome) for verdict in verdicts]

    summary = _with_crew(settings, work, catalogue=catalogue, hire=hire, screen=screen)
    return replace(summary, replayed=plan)


def own_mistakes(outcome: Outcome, healthy: Healthy) -> list[str]:
    """Answers 5xx that neither the plan nor the client asked for: the fake's own mistakes."""
    return [
        f"the fake answered {call.operation} with {call.status}, which the plan does not ask for: "
        f"{outcome.plan}"
        for call in outcome.after.calls
        if (call.status or 0) >= 500 and not call.faults and call.operation not in healthy.refused
    ][:1]


def _with_crew(
    settings: Settings,
    work: Callable[[_Course], None],
    *,
    catalogue: Catalogue,
    hire: Hire,
    screen: Screen,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    began, started = time.time(), clock()
    with Crew(hire, jobs=settings.jobs, media=settings.media) as crew:
        screen.began("healthy", 2)
        healthy, outcome = calibrate(crew.run)
        limit = limit_of(healthy, timeout=settings.timeout)
        sightings = Sightings(catalogue)
        course = _Course(settings, catalogue, screen, crew, healthy, limit, sightings, clock)
        screen.note(
            f"healthy: {healthy.seconds:.2f} s and {healthy.requests} requests "
            f"({', '.join(healthy.calls)}); a run may take {limit:.1f} s"
        )
        interrupted = False
        try:
            work(course)
        except KeyboardInterrupt:
            interrupted = True
            crew.abandon()
            _keep(course)
    found = {finding.verdict.key for finding in course.findings}
    return Summary(
        client=settings.client,
        options=settings.options,
        seed=settings.seed,
        jobs=settings.jobs,
        media=settings.media,
        began=began,
        seconds=clock() - started,
        catalogue=catalogue,
        healthy=healthy,
        healthy_run=outcome,
        limit=limit,
        findings=tuple(course.findings),
        flaky=tuple(one for one in course.flaky if one.verdict.key not in found),
        not_applied=tuple(course.not_applied),
        problems=tuple(dict.fromkeys((*course.problems, *crew.troubles))),
        counts=course.counts,
        interrupted=interrupted,
        tool_version=settings.tool_version,
    )


def _hunt(course: _Course, chosen: Catalogue) -> None:
    settings = course.settings
    deadline = None if settings.seconds is None else course.clock() + settings.seconds
    reached = reached_by(chosen, course.healthy, settings.media)
    tried, course.not_applied = sort_out(reached, course.healthy, settings.media)
    course.counts = replace(course.counts, planned=len(tried))
    course.screen.began("sweep", len(tried))
    for outcome in _all(course, (Plan((one,)) for one in tried), deadline):
        course.counts = replace(course.counts, sweep=course.counts.sweep + 1)
        course.take(outcome)
        course.screen.moved(course.counts.sweep, len(course.sightings.by_key))
    _settle(course)
    if settings.combine and tried:
        until = course.clock() + COMBINATIONS if deadline is None else deadline
        _combine(course, reached, until)
        _settle(course)


def _all(course: _Course, plans: Iterable[Plan], deadline: float | None) -> Iterator[Outcome]:
    """The outcomes as they come; what has not begun when the time is over is left out."""
    waiting: set[Future[Outcome]] = set()
    for plan in plans:
        if deadline is not None and course.clock() >= deadline:
            break
        waiting.add(course.crew.submit(course.order(plan)))
        if len(waiting) > course.settings.jobs:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def _combine(course: _Course, catalogue: Catalogue, until: float) -> None:
    # On demand: who only sweeps needs no Hypothesis.
    from contract.clients.generate import draw_until, drawn  # noqa: PLC0415

    course.screen.began("combinations", None)
    waiting: set[Future[Outcome]] = set()

    def gather(most: int) -> None:
        nonlocal waiting
        while len(waiting) > most:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                if isinstance(future.exception(), RefusedPlanError):
                    continue  # what a parameter may be can depend on another one
                counts = course.counts
                course.counts = replace(counts, combinations=counts.combinations + 1)
                course.take(future.result())
                course.screen.moved(course.counts.combinations, len(course.sightings.by_key))

    def use(plan: Plan) -> None:
        if course.sightings.known.get(plan.text) is None:
            waiting.add(course.crew.submit(course.order(plan)))
            gather(course.settings.jobs)

    longest = max(1.0, course.healthy.seconds)
    strategy = drawn(catalogue, min_size=2, max_size=_MOST_TOGETHER, longest=longest)
    over = lambda: course.clock() >= until  # noqa: E731
    draw_until(over, strategy, use, number=course.settings.seed)
    gather(0)


def _settle(course: _Course) -> None:
    """Makes findings of what was seen and is none yet: shrunk, and seen again alone."""
    settled = {finding.verdict.key for finding in course.findings} | course.doubted
    fresh = [key for key in course.sightings.worst_first() if key not in settled]
    if fresh:
        course.screen.began("confirm", len(fresh))
    for number, key in enumerate(fresh, 1):
        finding = _confirmed(course, key)
        if finding is None:
            course.doubted.add(key)
            course.flaky.append(course.sightings.of(key)[0])
        else:
            course.findings.append(finding)
        course.screen.moved(number, len(course.findings))


def _confirmed(course: _Course, key: Key) -> Finding | None:
    for sighting in course.sightings.of(key)[:_TRIES]:
        plan = _shrunk(course, sighting, key)
        outcome, verdicts = course.alone(plan)
        again = next((verdict for verdict in verdicts if verdict.key == key), None)
        if again is not None:
            return _finding(course, again, outcome)
    return None


def _shrunk(course: _Course, sighting: Sighting, key: Key) -> Plan:
    def run(plan: Plan) -> bool:
        outcome, verdicts = course.alone(plan)
        course.sightings.known[plan.text] = frozenset(verdict.key for verdict in verdicts)
        return outcome.consumed and key in course.sightings.known[plan.text]

    breaks = Budget(run, known=lambda plan: course.sightings.leads_to(plan, key))
    outcome = sighting.outcome
    return shrink(
        outcome.plan, unused=outcome.after.unused, catalogue=course.catalogue, breaks=breaks
    )


def _finding(
    course: _Course, verdict: Verdict, outcome: Outcome, *, confirmed: bool = True
) -> Finding:
    also = tuple(
        one for one in course.sightings.singles(verdict.key) if Plan((one,)) != outcome.plan
    )
    name = file_name(verdict, outcome.plan, course.names)
    return Finding(verdict, outcome, also, confirmed, name)


def _keep(course: _Course) -> None:
    """What was seen and not yet confirmed, when the user wants no more."""
    settled = {finding.verdict.key for finding in course.findings} | course.doubted
    for key in course.sightings.worst_first():
        if key not in settled:
            best = course.sightings.of(key)[0]
            course.findings.append(_finding(course, best.verdict, best.outcome, confirmed=False))
