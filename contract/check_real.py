"""The check of the real API: what it would cost, or the probe played through the guard."""

from __future__ import annotations

import time
from collections import Counter

from contract.exchange import Exchange
from contract.guard.config import REAL_URL, GuardConfig
from contract.guard.plan import choose, default_probe, read_probe, render
from contract.guard.real import MAX_AGE, RealRun, run_real
from contract.lane import Began, Ended, Found, Moved
from contract.report.summary import Summary
from contract.run import Run, Screen
from contract.settings import Settings
from contract.spec import Spec
from contract.tally import Doorman
from contract.unable import UnableError
from contract.verdict import summarize
from contract.viewers.connector import Connector

PROBE = "probe"
"""The name of the one stimulus that is for the real API."""


def write_plan(*, real_url: str | None, minutes: float | None) -> str:
    """What each budget would do, and what it costs at worst. Nothing is sent.

    Raises UnableError without a probe.
    """
    target = real_url or REAL_URL
    return render(read_probe(default_probe()), target=target, max_age=MAX_AGE, minutes=minutes)


def check_real(
    settings: Settings,
    spec: Spec,
    screen: Screen,
    *,
    budget: int,
    minutes: float | None,
    real_url: str | None,
) -> Summary:
    """Plays as much of the probe as the budget allows. The key is ``settings.keys[0]``.

    Ctrl-C ends it early, with what was found so far. Raises UnableError where it cannot begin.
    """
    began, started = time.time(), time.monotonic()
    plan = choose(read_probe(default_probe()), sessions=budget, minutes=minutes)
    if not plan.histories:
        raise UnableError(
            f"--budget {budget} allows no history of the probe; without it the plan is shown"
        )
    config = GuardConfig(
        target=real_url or REAL_URL, sessions=budget, minutes=minutes, max_age=MAX_AGE
    )
    run = Run(screen)
    run.take(Began(PROBE))
    viewer = Doorman(Connector(settings.max_connects)) if settings.media else None
    try:
        outcome = run_real(
            spec,
            plan,
            config,
            key=settings.keys[0],
            answers=settings.answers,
            viewer=viewer,
            seed=settings.seed,
            progress=lambda done, total=None, note="": run.take(Moved(PROBE, done, total, note)),
        )
    finally:
        if viewer is not None:
            viewer.close()
    seconds = time.monotonic() - started
    connections = viewer.connections if viewer is not None and viewer.tried else None
    _take(outcome, run, spec, settings, seconds=seconds, connections=connections)
    return summarize(settings, spec, run, began=began, seconds=seconds)


def _take(
    outcome: RealRun,
    run: Run,
    spec: Spec,
    settings: Settings,
    *,
    seconds: float,
    connections: int | None,
) -> None:
    for violation in outcome.findings.violations:
        run.take(Found(PROBE, violation))
    run.take(
        Ended(
            PROBE,
            complete=outcome.judged and not outcome.interrupted,
            seconds=seconds,
            requests=len(outcome.exchanges),
            checked=outcome.findings.checked,
            unjudged=outcome.findings.unjudged,
            calls=_calls(spec, outcome.exchanges),
            moves=[],
            keys=settings.keys,
            connections=connections,
        )
    )
    run.interrupted = outcome.interrupted
    run.note(
        f"{outcome.whole} of {outcome.histories} histories of the probe were played to the end"
    )
    if outcome.outcome == "budget spent":
        run.note(f"the budget is spent: {outcome.words}")
    elif not outcome.judged:
        run.problems.append(f"{outcome.outcome}: {outcome.words}")
    for session_id in outcome.reaped.stopped:
        run.note(f"stopped {session_id}, which an earlier run had left open")
    if outcome.report is None:
        run.problems.append("the guard was killed; heygen-contract reap stops what it left open")
    elif outcome.report.left_open:
        left = ", ".join(outcome.report.left_open)
        run.problems.append(f"may still be open: {left}; heygen-contract reap stops them")


def _calls(spec: Spec, exchanges: tuple[Exchange, ...]) -> Counter[str]:
    operations = (spec.at(each.request.method, each.request.path) for each in exchanges)
    return Counter(operation.id for operation in operations if operation is not None)
