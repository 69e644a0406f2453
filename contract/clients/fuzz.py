"""The whole of a fuzz run: the healthy client, the sweep, combinations, shrinking, confirming."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace

from contract.clients.calibrate import calibrate, limit_of, patience_of
from contract.clients.catalogue import Catalogue
from contract.clients.course import COMBINATIONS, Course, Settings, own_mistakes
from contract.clients.crew import Crew
from contract.clients.interrupts import first_done
from contract.clients.outcome import Outcome
from contract.clients.plan import Plan
from contract.clients.runner import Hire
from contract.clients.screen import Screen
from contract.clients.settle import keep, settle
from contract.clients.sightings import Finding, Sightings
from contract.clients.stage import RefusedPlanError
from contract.clients.summary import Summary
from contract.clients.sweep import NO_OCCASION, NotApplied, reached_by, sort_out
from contract.unable import UnableError

_MOST_TOGETHER = 4


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

    def work(course: Course) -> None:
        try:
            _hunt(course, chosen)
        except UnableError as problem:  # the fake is gone: what was found before is worth telling
            course.problems.append(str(problem))
            keep(course)

    return _with_crew(settings, work, catalogue=catalogue, hire=hire, screen=screen, clock=clock)


def replay(
    settings: Settings, plan: Plan, *, catalogue: Catalogue, hire: Hire, screen: Screen
) -> Summary:
    """Plays exactly that plan, after the healthy run. Raises UnableError as :func:`fuzz` does,
    and for a plan that the fake refuses.
    """

    def work(course: Course) -> None:
        outcome, verdicts = course.alone(plan, patient=True)
        course.problems += own_mistakes(outcome, course.healthy)
        course.findings = [Finding(verdict, outcome) for verdict in verdicts]
        course.not_applied = [
            NotApplied(plan.deviations[at], NO_OCCASION) for at in outcome.after.unused
        ]

    summary = _with_crew(settings, work, catalogue=catalogue, hire=hire, screen=screen)
    return replace(summary, replayed=plan)


def _with_crew(
    settings: Settings,
    work: Callable[[Course], None],
    *,
    catalogue: Catalogue,
    hire: Hire,
    screen: Screen,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    began, started = time.time(), clock()
    with Crew(hire, jobs=settings.jobs, media=settings.media) as crew:
        healthy, outcome = calibrate(crew.run, screen=screen, timeout=settings.timeout)
        limit = limit_of(healthy, timeout=settings.timeout)
        sightings = Sightings(catalogue)
        patience = patience_of(limit, timeout=settings.timeout)
        course = Course(
            settings, catalogue, screen, crew, healthy, limit, patience, sightings, clock
        )
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
            keep(course)
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
        only=settings.only,
        combine=settings.combine,
        allowed=settings.seconds,
        tool_version=settings.tool_version,
    )


def _hunt(course: Course, chosen: Catalogue) -> None:
    settings = course.settings
    deadline = None if settings.seconds is None else course.clock() + settings.seconds
    reached = reached_by(chosen, course.healthy, settings.media)
    tried, course.not_applied = sort_out(reached, course.healthy, settings.media)
    if not tried:
        left = course.not_applied
        about = f"nothing that was chosen is about {', '.join(course.healthy.calls)}"
        raise UnableError(f"nothing can be tried: {left[0].reason}" if left else about)
    course.counts = replace(course.counts, planned=len(tried))
    course.screen.began("sweep", len(tried))
    for outcome in _all(course, (Plan((one,)) for one in tried), deadline):
        course.counts = replace(course.counts, sweep=course.counts.sweep + 1)
        course.take(outcome)
        course.progress(course.counts.sweep)
    settle(course)
    if settings.combine and tried:
        until = course.clock() + COMBINATIONS if deadline is None else deadline
        _combine(course, reached, until)
        settle(course)


def _all(course: Course, plans: Iterable[Plan], deadline: float | None) -> Iterator[Outcome]:
    """The outcomes as they come; what has not begun when the time is over is left out."""
    waiting: set[Future[Outcome]] = set()
    for plan in plans:
        if deadline is not None and course.clock() >= deadline:
            break
        waiting.add(course.crew.submit(course.order(plan)))
        if len(waiting) > course.settings.jobs:
            done, waiting = first_done(waiting)
            yield from (future.result() for future in done)
    while waiting:
        done, waiting = first_done(waiting)
        yield from (future.result() for future in done)


def _combine(course: Course, catalogue: Catalogue, until: float) -> None:
    # On demand: who only sweeps needs no Hypothesis.
    from contract.clients.generate import draw_until, drawn  # noqa: PLC0415

    course.screen.began("combinations", None)
    waiting: set[Future[Outcome]] = set()

    def gather(most: int) -> None:
        nonlocal waiting
        while len(waiting) > most:
            done, waiting = first_done(waiting)
            for future in done:
                if isinstance(future.exception(), RefusedPlanError):
                    continue  # what a parameter may be can depend on another one
                counts = course.counts
                course.counts = replace(counts, combinations=counts.combinations + 1)
                course.take(future.result())
                course.progress(course.counts.combinations)

    def use(plan: Plan) -> None:
        if course.sightings.known.get(plan.text) is None:
            waiting.add(course.crew.submit(course.order(plan)))
            gather(course.settings.jobs)

    longest = max(1.0, course.healthy.seconds)
    strategy = drawn(catalogue, min_size=2, max_size=_MOST_TOGETHER, longest=longest)
    over = lambda: course.clock() >= until  # noqa: E731
    draw_until(over, strategy, use, number=course.settings.seed)
    gather(0)
