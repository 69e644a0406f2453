"""Known deviations from the contract: data, and strict like an expected failure of a test."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from contract.findings import Key, Violation
from contract.spec import Spec
from contract.target import Target, parse_url
from contract.unable import UnableError

PACKAGED = Path(__file__).parent / "deviations.yaml"

_TEXTS = ("id", "target", "rule", "why", "evidence")
_DATES = ("seen", "expires")
_MATCHES = ("operation", "field", "expected", "actual")
_NUMBERS = ("status", "code")
_KINDS = ("fake", "real", "url", "any")


@dataclass(frozen=True, slots=True)
class Deviation:
    """A row. ``match`` has patterns, ``*`` for any text; ``numbers`` are status and code."""

    id: str
    target: str
    rule: str
    why: str
    evidence: str
    seen: dt.date
    expires: dt.date
    match: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    def concerns(self, target: Target) -> bool:
        """Whether it speaks of this target."""
        return self.target in {"any", target.kind} or self.target == target.url

    def excuses(self, violation: Violation, today: dt.date) -> bool:
        """Whether the violation is this one, and the row has not expired."""
        return today < self.expires and self._matches(violation)

    def _matches(self, violation: Violation) -> bool:
        if violation.rule.id != self.rule:
            return False
        texts = {
            "operation": violation.operation,
            "field": violation.field,
            "expected": violation.expected,
            "actual": violation.actual,
        }
        fits = all(
            (text := texts[name]) is not None and _fits(text, pattern)
            for name, pattern in self.match.items()
        )
        return fits and (not self.numbers or self._answered(violation))

    def _answered(self, violation: Violation) -> bool:
        if not violation.history:
            return False
        response = violation.history[-1].response
        try:
            value = response.json
        except ValueError:
            value = None
        code = value.get("code") if isinstance(value, dict) else None
        seen = {"status": response.status, "code": code}
        return all(seen[name] == number for name, number in self.numbers.items())


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the known deviations make of a run."""

    excused: Mapping[Key, Deviation]
    """:attr:`Violation.key` -> the row that excuses all violations of that key."""
    stale: tuple[Deviation, ...]
    expired: tuple[Deviation, ...]


def judge(
    deviations: Sequence[Deviation],
    violations: Collection[Violation],
    *,
    target: Target,
    checked: Mapping[str, int],
    calls: Mapping[str, int],
    today: dt.date,
) -> Ruling:
    """Sets the rows against what was found.

    ``checked`` counts per rule, ``calls`` per operation: a row is stale only where its rule was
    checked and its operation called.
    """
    rows = [row for row in deviations if row.concerns(target)]
    excused: dict[Key, Deviation] = {}
    refused: set[Key] = set()
    used: set[str] = set()
    for violation in violations:
        row = next((row for row in rows if row.excuses(violation, today)), None)
        if row is None:
            refused.add(violation.key)
        else:
            excused[violation.key] = row
            used.add(row.id)

    def ran(row: Deviation) -> bool:
        named = row.match.get("operation")
        return checked.get(row.rule, 0) > 0 and (
            named is None or any(count and _fits(name, named) for name, count in calls.items())
        )

    live = [row for row in rows if today < row.expires]
    return Ruling(
        {key: row for key, row in excused.items() if key not in refused},
        tuple(row for row in live if row.id not in used and ran(row)),
        tuple(row for row in rows if today >= row.expires),
    )


def load_deviations(path: Path, spec: Spec) -> tuple[Deviation, ...]:
    """The rows of a file. Raises UnableError that names file, row and field."""
    try:
        rows = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except OSError as problem:
        raise UnableError(f"{path} cannot be read: {problem.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        reason = " ".join(str(problem).split())
        raise UnableError(f"{path} is not YAML: {reason}") from None
    if rows is None:
        return ()
    if not isinstance(rows, list):
        raise UnableError(f"{path} holds no list; each row begins with '- id: NAME'")
    found: dict[str, Deviation] = {}
    for number, row in enumerate(rows, 1):
        deviation = _row(row, f"{path}, row {number}", spec)
        if deviation.id in found:
            raise UnableError(f"{path}, row {number}: id {deviation.id!r} is there twice")
        found[deviation.id] = deviation
    return tuple(found.values())


def _row(row: object, where: str, spec: Spec) -> Deviation:
    if not isinstance(row, dict):
        raise UnableError(f"{where} is no mapping; it needs {', '.join(_TEXTS + _DATES)}")
    unknown = sorted(str(name) for name in row if name not in {*_TEXTS, *_DATES, "match"})
    if unknown:
        raise UnableError(f"{where}: field {unknown[0]!r} is not known; leave it out")
    for name in _TEXTS:
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise UnableError(f"{where}: field {name!r} is {_said(row, name)}; give a text")
    for name in _DATES:
        # A datetime is a date too, and does not compare with one.
        if type(row.get(name)) is not dt.date:
            raise UnableError(f"{where}: field {name!r} is {_said(row, name)}; give YYYY-MM-DD")
    if row["rule"] not in spec.rules:
        raise UnableError(
            f"{where}: field 'rule' is {row['rule']!r}, which is no rule; see heygen-contract rules"
        )
    if row["target"] not in _KINDS:
        try:
            row = {**row, "target": parse_url(row["target"])}
        except UnableError as problem:
            raise UnableError(
                f"{where}: field 'target': {problem}; or one of {', '.join(_KINDS)}"
            ) from None
    texts, numbers = _match(row.get("match"), where, spec)
    return Deviation(
        **{name: row[name] for name in (*_TEXTS, *_DATES)}, match=texts, numbers=numbers
    )


def _match(match: Any, where: str, spec: Spec) -> tuple[dict[str, str], dict[str, int]]:
    if match is None:
        return {}, {}
    if not isinstance(match, dict):
        raise UnableError(f"{where}: field 'match' is {match!r}; give {', '.join(_MATCHES)}")
    for name, value in match.items():
        if name in _NUMBERS:
            if type(value) is not int:
                raise UnableError(f"{where}: field 'match.{name}' is {value!r}; give a number")
        elif name not in _MATCHES:
            known = ", ".join(_MATCHES + _NUMBERS)
            raise UnableError(f"{where}: field 'match.{name}' is not known; known are {known}")
        elif not isinstance(value, str):
            raise UnableError(f"{where}: field 'match.{name}' is {value!r}; put it in quotes")
    operation = match.get("operation")
    if operation is not None and not any(_fits(o, operation) for o in spec.operations):
        known = ", ".join(spec.operations)
        raise UnableError(f"{where}: field 'match.operation' is {operation!r}; known are {known}")
    return (
        {name: match[name] for name in _MATCHES if name in match},
        {name: match[name] for name in _NUMBERS if name in match},
    )


def _fits(text: str, pattern: str) -> bool:
    """Only ``*`` is special: fnmatch would read the brackets of ``sessions[0]``."""
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def _said(row: Mapping[Any, Any], name: str) -> str:
    return repr(row[name]) if name in row else "missing"
