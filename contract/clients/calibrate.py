"""The healthy run: does the client work at all, and what is its measure."""

from __future__ import annotations

import os
from collections.abc import Callable

from contract.clients.crew import Order
from contract.clients.healthy import STORM, Healthy, healthy_of
from contract.clients.outcome import Outcome
from contract.clients.plain import shortened
from contract.clients.plan import HEALTHY
from contract.clients.screen import Screen
from contract.clients.verdicts import judge
from contract.unable import UnableError

FIRST_LIMIT = 120.0
"""Seconds in which a healthy client must be done, where no other limit is given."""
_LIMIT_AT_LEAST = 2.0
_LIMIT_TIMES = 8.0
_RUNS = 2
_LINES = 15
_FIRST_STORM = 1000


def calibrate(
    run: Callable[[Order], Outcome],
    *,
    screen: Screen,
    name: str = "",
    timeout: float | None = None,
) -> tuple[Healthy, Outcome]:
    """Runs the client with the empty plan, twice; also the last of the outcomes. ``timeout`` takes
    the place of :data:`FIRST_LIMIT`; ``name`` is the client's, where there are several.

    Raises UnableError where it does not do well in that time, or does not call the server.
    """
    limit = timeout or FIRST_LIMIT
    screen.began(f"{f'{name}, ' if name else ''}healthy (at most {limit:g} s each)", _RUNS)
    outcomes: list[Outcome] = []
    for _ in range(_RUNS):
        outcome = run(Order(HEALTHY, limit=limit, storm=max(STORM, _FIRST_STORM)))
        outcomes.append(outcome)
        if timeout is not None and outcome.ended.stopped == "limit":
            raise UnableError(
                f"--timeout {timeout:g}: every run would be a hang, as the healthy one had not "
                f"ended by then; give more, or leave it out{said(outcome)}"
            )
        problem = _problem(outcome, healthy_of(outcomes))
        if problem:
            raise UnableError(f"the client fails when nothing is wrong: {problem}")
    return healthy_of(outcomes), outcomes[-1]


PATIENCE = 30.0
"""Seconds: a time limit that is usual for calls over HTTP."""


def limit_of(healthy: Healthy, *, timeout: float | None = None) -> float:
    """Seconds after which a client hangs that has nothing to wait for.

    Raises UnableError for a ``timeout`` in which not even the healthy client is done.
    """
    if timeout is not None and timeout <= healthy.seconds:
        raise UnableError(
            f"--timeout {timeout:g}: every run would be a hang, as the healthy one takes "
            f"{healthy.seconds:.2f} s; give more, or leave it out"
        )
    return timeout or max(_LIMIT_AT_LEAST, _LIMIT_TIMES * healthy.seconds)


def patience_of(limit: float, *, timeout: float | None = None) -> float:
    """Seconds that a run gets before its client is said to hang, where that is to be sure.

    A client may have time limits of its own that are many times as long as its healthy run.
    """
    return limit if timeout is not None else max(limit, PATIENCE)


def _problem(outcome: Outcome, healthy: Healthy) -> str:
    ended = outcome.ended
    if ended.stopped == "limit":
        return f"it had not ended after {ended.seconds:.0f} s{said(outcome)}"
    if ended.stopped == "storm":
        return f"it was stopped after {outcome.after.total} requests; a healthy run has fewer"
    if ended.signal is not None:
        return f"it was ended by signal {ended.signal}{said(outcome)}"
    if ended.status not in (0, None):
        return f"it ended with status {ended.status}{said(outcome)}"
    if not outcome.after.total:
        proxy = next(
            (n for n in ("HTTP_PROXY", "http_proxy", "ALL_PROXY") if os.environ.get(n)), ""
        )
        return (
            "it made no request; it must take the server's address from HEYGEN_BASE_URL and the "
            "key from HEYGEN_API_KEY"
            + (f" ({proxy} is set: add 127.0.0.1 to NO_PROXY)" if proxy else "")
            + said(outcome)
        )
    if not outcome.after.by_operation:
        paths = ", ".join(sorted({call.path for call in outcome.after.calls})[:3])
        return f"it calls nothing of the API: {paths}"
    verdicts = judge(outcome, healthy)
    if verdicts:
        return f"{verdicts[0].kind}: it {verdicts[0].said}{said(outcome)}"
    return ""


def said(outcome: Outcome, *, lines: int = _LINES) -> str:
    """The last of what the client printed, to be shown below a line."""
    last = [line for line in outcome.ended.output.rstrip().splitlines() if line.strip()][-lines:]
    if not last:
        return "; it printed nothing"
    return "; the last that it printed:\n" + "\n".join(f"  | {shortened(one)}" for one in last)
