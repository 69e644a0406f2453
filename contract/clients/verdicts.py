"""What is wrong with how a client fared: pure, from the outcome and what it did when healthy."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from contract.clients.healthy import Healthy
from contract.clients.outcome import Call, Life, Outcome

Kind = Literal[
    "killed",
    "retry-storm",
    "hang",
    "unhandled-error",
    "no-video",
    "leaked-session",
    "ignores-retry-after",
    "silent-failure",
]
KINDS: tuple[Kind, ...] = (
    "killed",
    "retry-storm",
    "hang",
    "unhandled-error",
    "no-video",
    "leaked-session",
    "ignores-retry-after",
    "silent-failure",
)
"""The worst first, and what explains most."""

MEANING: dict[Kind, str] = {
    "killed": "ended by a signal, and not by one of ours",
    "retry-storm": "called again and again, without a pause that grows",
    "hang": "did not end, long after an honest client would have",
    "unhandled-error": "ended with an error that nobody handled",
    "no-video": "showed no video that plays",
    "leaked-session": "knew of a session and did not stop it: the service bills it until it ends",
    "ignores-retry-after": "called again sooner than the server asked it to",
    "silent-failure": "said that all went well, and did not come as far as when healthy",
}

STORM_OF_ONE = 30
"""Calls of one operation, beyond those of the healthy run, that are no storm yet."""
_SOON = 0.9
"""Part of a Retry-After that must have passed; clocks and schedulers are given the rest."""

CREDITS_PER_MINUTE = 0.2
BILLED_AT_LEAST = 30.0
"""Seconds. Both as the service's pricing page was quoted in public in November 2025."""
IDLE_TIMEOUT = 120.0
"""Seconds after which the service ends a session that nobody uses."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is wrong. ``said`` is what the client did, as the end of a sentence, and
    ``cost`` what that would cost, as a sentence that is the same for all such verdicts.

    ``signature`` tells two defects of one kind apart; ``detail`` is a trace, or empty.
    """

    kind: Kind
    said: str
    signature: str = ""
    detail: str = ""
    cost: str = ""

    @property
    def key(self) -> tuple[Kind, str]:
        """What makes two verdicts the same finding."""
        return self.kind, self.signature


def judge(outcome: Outcome, healthy: Healthy) -> tuple[Verdict, ...]:
    """Everything that is wrong, the worst first; empty when the client did fine.

    A client that was stopped from outside is not also blamed for what it had no time to do.
    """
    ended = outcome.ended
    errors = tuple(_errors(outcome, healthy))
    asked = tuple(_retry_after(outcome.after.calls))
    if ended.signal is not None and ended.stopped is None:
        said = f"was ended by signal {ended.signal}"
        return (Verdict("killed", said), *errors, *asked)
    storm = _storm(outcome, healthy)
    if storm:
        return (Verdict("retry-storm", storm), *errors, *asked)
    if ended.stopped == "limit":
        said = f"had not ended after {ended.seconds:.1f} s ({healthy.seconds:.1f} s when healthy)"
        return (Verdict("hang", said), *errors, *asked)
    return (
        *errors,
        *(Verdict("no-video", one.text, one.signature) for one in ended.complaints
          if one.of == "no-video"),
        *_leak(outcome.left_open),
        *asked,
        *_silence(outcome, healthy),
    )  # fmt: skip


def advice(kinds: Collection[Kind]) -> str:
    """What helps whoever thinks that verdicts of these kinds are none; empty where nothing does."""
    return (
        "a client whose own time limits are longer: say so with --timeout"
        if "hang" in kinds
        else ""
    )


def price(sessions: int) -> float:
    """Credits that sessions cost which nobody uses, until the service ends them by itself."""
    return sessions * max(BILLED_AT_LEAST, IDLE_TIMEOUT) / 60 * CREDITS_PER_MINUTE


def _errors(outcome: Outcome, healthy: Healthy) -> Iterator[Verdict]:
    for trace in outcome.errors:
        if trace.signature not in healthy.traces:
            yield Verdict(
                "unhandled-error",
                f"did not handle {trace.signature}",
                trace.signature,
                trace.text,
            )


def _storm(outcome: Outcome, healthy: Healthy) -> str:
    after, seconds = outcome.after, outcome.ended.seconds
    beyond = (after.by_operation - healthy.calls).most_common(1)
    most, count = beyond[0] if beyond else ("", 0)
    if after.total > healthy.storm_in(seconds):
        often = f", {most} most often" if most else ""
        return (
            f"made {after.total} requests in {seconds:.1f} s{often} "
            f"({healthy.requests} when healthy)"
        )
    if count > STORM_OF_ONE + healthy.polls(most, seconds):
        made = after.by_operation[most]
        return f"called {most} {made} times in {seconds:.1f} s ({healthy.calls[most]} when healthy)"
    return ""


def leak_said(sessions: int) -> str:
    """What a client did that left so many sessions open, as the end of a sentence."""
    what = f"{sessions} sessions, which it knew," if sessions > 1 else "the session that it knew"
    return f"left {what} without a stop"


def leak_cost(sessions: int) -> str:
    """What so many sessions would cost that nobody stops."""
    return (
        f"on the real service that would cost about {price(sessions):.1f} credits until the idle "
        f"timeout of {IDLE_TIMEOUT:.0f} s (an estimate: 0.2 credits a minute and 30 s at least, as "
        "its pricing was quoted in public in November 2025)"
    )


def _leak(open_: Sequence[Life]) -> Iterator[Verdict]:
    if open_:
        sessions = len(open_)
        yield Verdict("leaked-session", leak_said(sessions), cost=leak_cost(sessions))


def _retry_after(calls: Sequence[Call]) -> Iterator[Verdict]:
    by_operation: dict[str, list[Call]] = {}
    for call in sorted(calls, key=lambda call: call.began):
        # The next candidate is no second try of the refused one: browsers find them when they do.
        if call.operation not in (None, "submitIce"):
            by_operation.setdefault(call.operation, []).append(call)
    for operation, same in by_operation.items():
        for at, call in enumerate(same):
            if call.retry_after is None or not call.delivered:
                continue
            # Calls that were already on their way could not know of it.
            after = (again.began - call.ended for again in same[at + 1 :])
            waited = next((seconds for seconds in after if seconds >= 0), math.inf)
            if waited < _SOON * call.retry_after:
                yield Verdict(
                    "ignores-retry-after",
                    f"called {operation} again after {waited:.1f} s, where the answer had asked "
                    f"for {call.retry_after:g} s",
                )
                return


def _silence(outcome: Outcome, healthy: Healthy) -> Iterator[Verdict]:
    missing = outcome.milestones.missing(healthy.milestones)
    if outcome.ended.status == 0 and missing:
        yield Verdict("silent-failure", f"ended with status 0, but {', '.join(missing)}")
