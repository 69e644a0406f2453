"""From what was held against an answer to violations, each with the exchanges that led to it."""

from __future__ import annotations

from typing import Any

from contract.exchange import Exchange
from contract.findings import Findings, Violation
from contract.model.listing import Point
from contract.model.world import Situation


class Verdicts:
    """Says of one situation which rules hold and which are broken."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def point(self, situation: Situation, point: Point) -> list[Violation]:
        """The verdict on one thing that a list was held against."""
        history = point.session.history if point.session is not None else []
        if point.actual is None:
            self._findings.held(point.rule)
            return []
        return [
            self._findings.broken(
                point.rule,
                expected=point.expected,
                actual=point.actual,
                operation=situation.call.id,
                history=(*history, situation.call.exchange),
            )
        ]

    def check(
        self,
        situation: Situation,
        rule: str,
        expected: str,
        wrong: str | None,
        place: str | None = None,
        *,
        history: tuple[Exchange, ...] | None = None,
    ) -> list[Violation]:
        """The verdict on ``rule``: broken where ``wrong`` says what is there instead.

        ``history`` are the exchanges that show it, by default all of the session so far.
        """
        if wrong is None:
            self._findings.held(rule)
            return []
        return [
            self._findings.broken(
                rule,
                expected=expected,
                actual=wrong,
                operation=situation.call.id,
                history=situation.history if history is None else history,
                place=place,
            )
        ]

    def agree(self, situation: Situation, body: dict[str, Any]) -> list[Violation]:
        """Whether the fields that two shapes have in two places are the same."""
        data = body.get("data")
        if not isinstance(data, dict):
            return []
        found = []
        for name in ("sessions", "task_id", "duration_ms"):
            if name in data and name in body:
                differs = None
                if data[name] != body[name]:
                    differs = f"{body[name]!r:.150} beside data, {data[name]!r:.150} under it"
                found += self.check(
                    situation, "shapes-agree", "the same as under data", differs, name
                )
        return found
