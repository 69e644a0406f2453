"""One search by the machine: how long is looked, what was found, and by which shortest history."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, Verbosity, settings

from contract.client import Client, monitor_of
from contract.exchange import UnreachableError
from contract.findings import Findings, Key, Violation
from contract.spec import Shape
from contract.stimuli.world import World
from contract.subject import Progress, Subject


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is looked: ``examples`` histories of at most ``steps`` rules.

    A history that shows a broken rule is made shorter for ``seconds`` at most; without ``shrink``
    it is kept as it is. With ``first`` nothing is looked for after the first.
    """

    examples: int = 60
    steps: int = 30
    shrink: bool = True
    first: bool = False
    seconds: float = 10.0


class BrokenRuleError(Exception):
    """A rule was broken; what Hypothesis makes smaller."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


@dataclass(slots=True)
class Search:
    """What the histories of one search have in common."""

    subject: Subject
    findings: Findings
    progress: Progress
    effort: Effort
    best: dict[Key, tuple[int, Violation]] = field(default_factory=dict)
    """The shortest history that was seen to break each rule, with the number of its actions."""
    gone: UnreachableError | None = None
    ahead: float = 0.0
    """By how many seconds the subject's clock has been moved in earlier histories."""
    shape: Shape | None = None
    """The shape of answers that an earlier history found out."""
    played: int = 0
    _told: set[Key] = field(default_factory=set)
    _sought: Key | None = None
    _until: float = math.inf

    @property
    def over(self) -> bool:
        """Whether nothing is to be sent any more: the time is up, or the subject gone."""
        return self.gone is not None or time.monotonic() > self._until

    @property
    def left(self) -> int:
        """How many histories are left of the effort."""
        return self.effort.examples - self.played

    def settings(self) -> settings:
        phases = [Phase.generate, Phase.shrink] if self.effort.shrink else [Phase.generate]
        return settings(
            max_examples=max(1, self.left),
            stateful_step_count=self.effort.steps,
            phases=phases,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )

    def begin(self) -> tuple[World, Findings]:
        """A world for the next history, judged by a Monitor that knows nothing of the last."""
        if self._sought is None:
            self.played += 1
        self.progress(min(self.played, self.effort.examples), self.effort.examples)
        scratch = self.subject.findings()
        monitor = monitor_of(self.subject, scratch, answers=self.shape)
        monitor.advance(self.ahead)
        return World(Client(self.subject, monitor)), scratch

    def judge(self, scratch: Findings, actions: int) -> None:
        """Takes over what a history showed. Raises BrokenRuleError for what is new."""
        fresh, scratch.violations = scratch.violations, []
        for violation in fresh:
            key = violation.key
            if violation.verdict == "guess":
                if key not in self._told:
                    self._told.add(key)
                    self.findings.violations.append(violation)
            elif key not in self._told and self._sought in (None, key):
                if self._sought is None:
                    self._sought, self._until = key, time.monotonic() + self.effort.seconds
                known = self.best.get(key)
                if known is None or actions < known[0]:
                    self.best[key] = (actions, violation)
                raise BrokenRuleError(violation)

    def report(self) -> None:
        """Puts the shortest histories among the findings."""
        for key, (_, violation) in self.best.items():
            if key not in self._told:
                self._told.add(key)
                self.findings.violations.append(violation)
        self._sought, self._until = None, math.inf
