"""What guard and parent tell each other: JSON lines over the guard's input and output."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from contract.exchange import Exchange, Request, Response
from contract.findings import Violation
from contract.spec import Spec


@dataclass(frozen=True, slots=True)
class Reaped:
    """What was done about the sessions that earlier runs left open.

    ``ended`` had ended by themselves; ``problem`` is why ``left`` could not be stopped.
    ``unanswered`` are the Unix times of calls of newSession whose answer was never seen, and
    ``candidates`` the listed sessions that may have come of them, or be somebody else's.
    ``other_keys`` counts sessions of runs with another key.
    """

    stopped: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unanswered: tuple[float, ...] = ()
    candidates: tuple[str, ...] = ()
    other_keys: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class GuardReport:
    """How a guard's run went.

    ``minutes`` are as billed, at least half a one for each session. ``stopped`` were stopped by
    the guard; ``left_open`` could not be, and ``unanswered`` may have been opened without that
    their ids were seen. ``refused`` calls were beyond the budget. ``violations`` are those in the
    answers to the guard's own calls.
    """

    opened: int
    minutes: float
    stopped: tuple[str, ...]
    left_open: tuple[str, ...]
    unanswered: int
    refused: int
    exchanges: int
    violations: tuple[Violation, ...]
    problem: str | None = None


def exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    """Bodies in base64; headers as pairs."""
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number,
        "method": request.method,
        "path": request.path,
        "request_headers": request.headers,
        "request_body": base64.b64encode(request.body).decode(),
        "status": response.status,
        "response_headers": response.headers,
        "response_body": base64.b64encode(response.body).decode(),
        "began": exchange.began,
        "ended": exchange.ended,
    }


def exchange_from_json(values: Mapping[str, Any]) -> Exchange:
    """The inverse of :func:`exchange_to_json`."""
    return Exchange(
        number=values["number"],
        request=Request(
            values["method"],
            values["path"],
            tuple((name, value) for name, value in values["request_headers"]),
            base64.b64decode(values["request_body"]),
        ),
        response=Response(
            values["status"],
            tuple((name, value) for name, value in values["response_headers"]),
            base64.b64decode(values["response_body"]),
        ),
        began=values["began"],
        ended=values["ended"],
    )


def violation_to_json(violation: Violation) -> dict[str, Any]:
    """The history as the numbers of its exchanges."""
    return {
        "rule": violation.rule.id,
        "operation": violation.operation,
        "expected": violation.expected,
        "actual": violation.actual,
        "grade": violation.grade,
        "verdict": violation.verdict,
        "field": violation.field,
        "history": [exchange.number for exchange in violation.history],
    }


def report_from_json(
    values: Mapping[str, Any], spec: Spec, exchanges: Mapping[int, Exchange]
) -> GuardReport:
    """``exchanges`` by number: those that the guard handed over."""
    violations = tuple(
        Violation(
            rule=spec.rules[each["rule"]],
            operation=each["operation"],
            expected=each["expected"],
            actual=each["actual"],
            grade=each["grade"],
            verdict=each["verdict"],
            history=tuple(exchanges[n] for n in each["history"] if n in exchanges),
            field=each["field"],
        )
        for each in values["violations"]
    )
    listed = {name: tuple(values[name]) for name in ("stopped", "left_open")}
    return GuardReport(**{**values, **listed, "violations": violations})


def reaped_to_json(reaped: Reaped) -> dict[str, Any]:
    return asdict(reaped)


def reaped_from_json(values: Mapping[str, Any]) -> Reaped:
    """The inverse of :func:`reaped_to_json`."""
    return Reaped(
        stopped=tuple(values["stopped"]),
        ended=tuple(values["ended"]),
        left=tuple(values["left"]),
        unanswered=tuple(values["unanswered"]),
        candidates=tuple(values["candidates"]),
        other_keys=values["other_keys"],
        problem=values["problem"],
    )
