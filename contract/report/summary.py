"""All that a check came to, as one value that every form of report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from contract.deviations import Deviation
from contract.findings import Violation
from contract.spec import Rule

MOST = 100
"""Violations of one key that a stimulus tells; a server that is wrong throughout has thousands."""

Verdict = Literal[
    "violated",
    "guess",
    "known deviation",
    "held",
    "not judged",
    "never reached",
    "allowed unreached",
    "not reachable",
    "not chosen",
]
"""Of a rule, worst first. ``guess``: a real service differs from what was only inferred."""

VERDICTS: tuple[Verdict, ...] = Verdict.__args__  # type: ignore[attr-defined]

MEANING: Mapping[Verdict, str] = {
    "violated": "an answer broke the rule",
    "guess": "the service differs from what was only a guess",
    "known deviation": "broken as a row of the known deviations says",
    "held": "checked, and never broken",
    "not judged": "could not be judged this time",
    "never reached": "nothing that was done could have broken it",
    "allowed unreached": "never reached, and allowed to be",
    "not reachable": "this target cannot be brought there",
    "not chosen": "no chosen stimulus judges it",
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """``checked`` counts the answers that could have broken it; ``stimuli`` judge it."""

    rule: Rule
    verdict: Verdict
    checked: int
    stimuli: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """All violations of one key. ``violation`` is the one with the shortest history."""

    violation: Violation
    count: int
    stimuli: tuple[str, ...]
    curl: str
    """A bash script that sends the history again; empty where no exchange shows it."""
    deviation: Deviation | None = None

    @property
    def times(self) -> str:
        """How often it was seen, in words; a stimulus tells of :data:`MOST` only."""
        if self.count == 1:
            return "once"
        return f"{self.count} times" + (" and more" if self.count >= MOST else "")

    @property
    def verdict(self) -> Verdict:
        if self.deviation is not None:
            return "known deviation"
        return "guess" if self.violation.verdict == "guess" else "violated"


@dataclass(frozen=True, slots=True)
class Timing:
    """``seconds`` of wall clock; ``complete`` is False for one that was stopped or failed."""

    stimulus: str
    seconds: float
    requests: int
    violations: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """``problems`` are why it could not be done, or not wholly; ``notes`` are good to know.

    ``status`` is the exit status; ``began`` is in Unix seconds, ``seconds`` in wall-clock time.
    ``secrets`` must not be shown: keys and tokens of this run.
    """

    target: str
    seed: int
    profile: str
    answers: str
    spec_version: str
    tool_version: str
    command: str
    began: float
    seconds: float
    status: int
    interrupted: bool
    rules: tuple[RuleLine, ...]
    findings: tuple[Finding, ...]
    timings: tuple[Timing, ...]
    stale: tuple[Deviation, ...] = ()
    expired: tuple[Deviation, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def lines(self, verdict: Verdict) -> list[RuleLine]:
        """The rules of a verdict."""
        return [line for line in self.rules if line.verdict == verdict]

    def count(self, verdict: Verdict) -> int:
        """How many rules came to it."""
        return len(self.lines(verdict))

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        if self.interrupted:
            return "Stopped before the end; what was found until then is shown"
        if self.status == 1:
            return "The contract is broken"
        if self.status == 2:
            return "The contract could not be judged as a whole"
        return "The contract holds"


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Ordered by verdict, then by rule."""
    return tuple(sorted(findings, key=lambda f: (VERDICTS.index(f.verdict), f.violation.rule.id)))
