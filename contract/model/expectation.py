"""What an answer may be, and the rule that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contract.spec import ErrorRow, Spec


@dataclass(frozen=True, slots=True)
class Expectation:
    """``rows`` are the names of the errors that fulfil it; empty for success.

    ``sure`` is False for what a server may do and need not.
    """

    rule: str
    rows: frozenset[str] = frozenset()
    sure: bool = True

    @property
    def success(self) -> bool:
        return not self.rows

    def words(self, spec: Spec) -> str:
        """The expectation in words, for instance ``400 10001 "session state wrong: new"``."""
        if self.success:
            return "status 200"
        rows = (spec.errors[name] for name in sorted(self.rows))
        return " or ".join(f'{row.status} {row.code} "{row.message}"' for row in rows)


def refused(rule: str, *rows: str, sure: bool = True) -> Expectation:
    return Expectation(rule, frozenset(rows), sure)


def accepted(rule: str, *, sure: bool = True) -> Expectation:
    return Expectation(rule, sure=sure)


ENVIRONMENT = frozenset(
    {
        "rate-limit",
        "quota-not-enough",
        "trial-limit",
        "session-full",
        "forbidden",
        "no-api-access",
        "internal-error",
    }
)
"""Errors that say something of a service's account or health, and nothing of the request."""

ALTERNATIVES: Mapping[str, frozenset[str]] = {
    "session-unknown": frozenset({"session-not-found"}),
    "session-closed": frozenset({"session-closing", "session-unknown", "session-not-found"}),
    "session-new": frozenset({"session-state"}),
    "session-connecting": frozenset({"session-state"}),
    "invalid-json": frozenset({"invalid-parameter"}),
    "unsupported-media-type": frozenset({"invalid-json", "invalid-parameter"}),
}
"""Other rows with evidence of their own that a real service may answer in the same place."""


@dataclass(frozen=True, slots=True)
class Actual:
    """An answer as the model sees it: success, or the rows that an error can be."""

    words: str
    rows: frozenset[str] = frozenset()
    success: bool = False

    @classmethod
    def of_success(cls, words: str) -> Actual:
        return cls(words, success=True)

    def fulfils(self, expectation: Expectation, *, real: bool) -> bool:
        """Whether it is what was expected; ``real`` allows the alternatives that have evidence."""
        if expectation.success or self.success:
            return expectation.success and self.success
        rows = expectation.rows
        if real:
            rows = rows.union(*(ALTERNATIVES.get(name, frozenset()) for name in rows))
        return bool(rows & self.rows)


def rows_of(spec: Spec, expectations: Iterable[Expectation]) -> tuple[ErrorRow, ...]:
    """The error rows that the expectations rest on."""
    return tuple(spec.errors[name] for each in expectations for name in sorted(each.rows))
