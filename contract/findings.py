"""What a judgement came to: which rules were held against answers, and what broke them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from contract.exchange import Exchange
from contract.spec import STRONG, ErrorRow, Grade, Rule, Spec

Profile = Literal["strict", "real"]
Verdict = Literal["violation", "guess"]
"""``guess``: a real service differs from what was only inferred; noted, and no failure."""


Key = tuple[str, str | None, str | None, str]
"""Rule id, operation id, field and what was expected."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule, broken once.

    ``operation`` is the id of the offending call, None where none is to blame; ``field`` the place
    in its answer, where there is one. ``history`` leads to it and ends with it; it is empty where
    no exchange shows it (media). ``grade`` is the weakest of what the expectation rests on.
    """

    rule: Rule
    operation: str | None
    expected: str
    actual: str
    grade: Grade
    verdict: Verdict
    history: tuple[Exchange, ...] = field(default=(), repr=False, compare=False)
    field: str | None = None

    @property
    def key(self) -> Key:
        """Two violations of one key say the same, whichever exchanges showed them."""
        return (self.rule.id, self.operation, self.field, self.expected)

    def __str__(self) -> str:
        where = "" if self.operation is None else f" at {self.operation}"
        place = "" if self.field is None else f" ({self.field})"
        return f"{self.rule.id}{where}{place}: expected {self.expected}, got {self.actual}"


_STRENGTH: tuple[Grade, ...] = ("inferred", "observed", "recorded", "official", "documented")


class Findings:
    """Collects what rules were checked and broken. One per stimulus."""

    def __init__(self, spec: Spec, profile: Profile = "strict") -> None:
        self.spec = spec
        self.profile = profile
        self.checked: Counter[str] = Counter()
        """rule id -> how often an answer could have broken it."""
        self.violations: list[Violation] = []
        self.unjudged: dict[str, str] = {}
        """rule id -> why it could not be judged, for instance "machine busy"."""

    def held(self, rule_id: str) -> None:
        """The rule was checked, and held. Raises KeyError for a rule that the file has not."""
        self.checked[self.spec.rules[rule_id].id] += 1

    def broken(
        self,
        rule_id: str,
        *,
        expected: str,
        actual: str,
        operation: str | None = None,
        history: tuple[Exchange, ...] = (),
        place: str | None = None,
        rests_on: tuple[ErrorRow, ...] = (),
    ) -> Violation:
        """The rule was checked, and broken. ``rests_on`` are error rows that were expected.

        Raises KeyError for a rule that the file has not.
        """
        self.held(rule_id)
        rule = self.spec.rules[rule_id]
        grades = [rule.evidence.grade, *(row.evidence.grade for row in rests_on)]
        grade = min(grades, key=_STRENGTH.index)
        failed = self.profile == "strict" or grade in STRONG
        violation = Violation(
            rule=rule,
            operation=operation,
            expected=expected,
            actual=actual,
            grade=grade,
            verdict="violation" if failed else "guess",
            history=history,
            field=place,
        )
        self.violations.append(violation)
        return violation

    def unable(self, rule_id: str, why: str) -> None:
        """The rule could not be judged this time. Raises KeyError for an unknown rule."""
        self.unjudged[self.spec.rules[rule_id].id] = why
