"""The check of the real API: what it would cost, or the probe played through the guard."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from contract.exchange import Exchange
from contract.guard.config import REAL_URL, GuardConfig
from contract.guard.plan import History, choose, default_probe, read_probe, render, unreachable
from contract.guard.real import MAX_AGE, RealRun, run_real
from contract.guard.words import left_by_earlier, left_by_run, on_earlier, on_run
from contract.lane import Began, Ended, Found, Moved
from contract.report.summary import Summary
from contract.run import Run, Screen
from contract.settings import PROBE, Settings
from contract.spec import Spec
from contract.tally import Doorman
from contract.unable import UnableError
from contract.verdict import summarize
from contract.viewers.connector import Connector


def write_plan(*, real_url: str | None, minutes: float | None, media: bool) -> str:
    """What each budget would do, and what it costs at worst. Nothing is sent.

    Raises UnableError without a probe.
    """
    target = real_url or REAL_URL
    return render(_probe(media=media), target=target, max_age=MAX_AGE, minutes=minutes)


def check_real(
    settings: Settings, spec: Spec, screen: Screen, *, budget: int, minutes: float | None
) -> Summary:
    """Plays as much of the probe as the budget allows. The key is ``settings.keys[0]``.

    Ctrl-C ends it early, with what was found so far. Raises UnableError where it cannot begin, or
    nothing can be judged.
    """
    began, started = time.time(), time.monotonic()
    probe = _probe(media=settings.media)
    plan = choose(probe, sessions=budget, minutes=minutes)
    if not plan.sessions:
        raise UnableError(_too_little(probe, budget=budget, minutes=minutes))
    config = GuardConfig(
        target=settings.target.url or REAL_URL,
        sessions=budget,
        minutes=minutes,
        max_open=max(history.sessions for history in plan.histories),
        max_age=MAX_AGE,
    )
    run = Run(screen, unreachable=unreachable(probe, plan, spec.rules, sessions=budget))
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
            found=lambda violation: run.take(Found(PROBE, violation)),
            reaped=lambda reaped: run.notes_of(on_earlier(reaped)),
            waits=screen.note,
        )
    finally:
        if viewer is not None:
            viewer.close()
    _conclude(outcome, run)
    seconds = time.monotonic() - started
    run.take(
        Ended(
            PROBE,
            complete=outcome.judged and not outcome.interrupted,
            seconds=seconds,
            requests=len(outcome.exchanges),
            checked=outcome.findings.checked,
            unjudged=outcome.findings.unjudged | _unjudged(outcome),
            calls=_calls(spec, outcome.exchanges),
            moves=[],
            keys=(outcome.sentinel,),
            connections=viewer.connections if viewer is not None and viewer.tried else None,
        )
    )
    return summarize(settings, spec, run, began=began, seconds=seconds)


def _probe(*, media: bool) -> Sequence[History]:
    probe = read_probe(default_probe())
    return [history for history in probe if media or not history.connects]


def _too_little(probe: Sequence[History], *, budget: int, minutes: float | None) -> str:
    """Why a budget plays nothing that opens a session, and what would."""
    least = next(
        plan for plan in (choose(probe, sessions=n) for n in range(1, 99)) if plan.sessions
    )
    if least.sessions > budget:
        return f"--budget {budget} is too little for the probe; give {least.sessions} or more"
    return f"--minutes {minutes:g} is too little for the probe; give {least.minutes:g} or more"


def _conclude(outcome: RealRun, run: Run) -> None:
    """Notes how the run went. Raises UnableError for one in which nothing was judged."""
    run.interrupted = outcome.interrupted
    left = [*left_by_earlier(outcome.reaped), *left_by_run(outcome.report)]
    if not outcome.judged:
        over = f"{outcome.outcome}: {outcome.words}"
        if not (outcome.whole or outcome.findings.violations or outcome.interrupted):
            raise UnableError("; ".join([over, *left]))
        run.problems.append(over)
    run.problems += left
    run.note(f"{outcome.whole} of {outcome.histories} histories were played to their ends")
    if outcome.outcome == "budget spent":
        run.note(f"no more sessions were opened: {outcome.words}")
    run.notes_of(on_run(outcome.report))


def _unjudged(outcome: RealRun) -> dict[str, str]:
    """Rules of histories that were not played to their ends."""
    why = "the run ended before"
    if outcome.judged:
        why = outcome.words or "the guard had to end the session before"
    return {rule: why for rule in outcome.missed if not outcome.findings.checked[rule]}


def _calls(spec: Spec, exchanges: tuple[Exchange, ...]) -> Counter[str]:
    operations = (spec.at(each.request.method, each.request.path) for each in exchanges)
    return Counter(operation.id for operation in operations if operation is not None)
