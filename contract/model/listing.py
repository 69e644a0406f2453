"""What listSessions must show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contract.model.session import ACTIVE, OVER, ModelSession, State

SKEW = 5.0
"""Seconds by which created_at may differ from the judge's clock."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing a list was held against; ``actual`` is None where it holds."""

    rule: str
    expected: str
    actual: str | None
    session: ModelSession | None = None


def entries_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The listed sessions, wherever the shape puts them."""
    for place in (body.get("data"), body):
        if isinstance(place, dict) and isinstance(place.get("sessions"), list):
            return [entry for entry in place["sessions"] if isinstance(entry, dict)]
    return []


def judge_presence(
    mine: Iterable[ModelSession], shown: Mapping[str, dict[str, Any]], began: float
) -> Iterable[Point]:
    """Whether each session of the caller is shown if, and only if, it has not ended."""
    for session in mine:
        possible = session.during(began)
        there = session.session_id in shown
        if not possible & OVER:
            blamed = session.early_end(began)
            rule = "list-active" if there or blamed == "session-closed" else blamed
            missing = None if there else "a list without it"
            if there:
                session.refused_by = None
            yield Point(rule, f"the session, which is {_words(possible)}", missing, session)
            if there:
                for lived in session.lived_by(began):
                    yield Point(lived, "the session", None, session)
        elif not possible & ACTIVE:
            listed = "the session" if there else None
            yield Point(_end_rule(session), "a list without the ended session", listed, session)
        elif session.left_from > float("-inf") and not there:
            yield Point("viewer-lost", "a list without the session", None, session)


def _end_rule(session: ModelSession) -> str:
    if session.stopped:
        return "stop-ends"
    return session.late_end() or "list-active"


def judge_entry(
    session: ModelSession, entry: Mapping[str, Any], began: float, *, skew: float = SKEW
) -> Iterable[Point]:
    """Whether what the list says of a session is so."""
    possible, status = session.during(began) & ACTIVE, entry.get("status")
    if possible:
        wrong = None if status in possible else f"status {status}"
        stuck = session.start_refused and wrong is not None and status == State.CONNECTING
        rule = "start-refused" if stuck else "list-status"
        yield Point(rule, f"status {_words(possible)}", wrong, session)
    created = entry.get("created_at")
    if not isinstance(created, int | float):
        return
    if session.created_at is None:
        session.created_at = float(created)
        if session.known:
            first, last = session.created
            fits = first - skew - 1 <= created <= last + skew
            wrong = None if fits else f"{created}, which is {created - last:+.0f} s away"
            yield Point("list-created-at", "the time of its newSession", wrong, session)
    else:
        before = session.created_at
        wrong = None if created == before else f"{created}, and {before:.15g} before"
        yield Point("list-created-at", "the same time in each list", wrong, session)


def status_of(entry: Mapping[str, Any]) -> frozenset[State]:
    """The state that an entry tells; every active one for a status that is none."""
    status = entry.get("status")
    return frozenset({State(status)}) if status in ACTIVE else ACTIVE


def _words(states: Iterable[State]) -> str:
    return " or ".join(state for state in State if state in set(states))
