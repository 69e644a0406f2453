"""A small catalogue, outcomes and calls, as literal values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contract.clients.catalogue import Catalogue, read_catalogue
from contract.clients.healthy import Healthy, healthy_of
from contract.clients.outcome import Aftermath, Call, Life, Outcome
from contract.clients.plan import HEALTHY, Plan, plan_of
from contract.clients.runner import Complaint, Ended, Why

DATA: dict[str, Any] = {
    "version": 1,
    "targets": ["newSession", "sendTask", "stopSession", "peer", "media", "event", "session"],
    "kinds": [
        {
            "do": "status",
            "family": "answers",
            "on": ["newSession", "sendTask", "stopSession"],
            "sentence": "the call is refused",
            "weight": 3,
            "parameters": {
                "row": {"type": "string", "enum": ["rate-limit", "internal-error"]},
                "retry_after": {"type": "integer", "minimum": 0, "maximum": 86400},
            },
            "required": ["row"],
            "waits": {"retry_after": 1.0},
            "sweep": [
                {"on": "newSession", "nth": 1, "do": "status", "row": "rate-limit"},
                {"on": "sendTask", "nth": 1, "do": "status", "row": "rate-limit"},
                {"on": "sendTask", "do": "status", "row": "rate-limit"},
                {"on": "sendTask", "do": "status", "row": "internal-error"},
            ],
        },
        {
            "do": "slow",
            "family": "answers",
            "on": ["newSession", "sendTask"],
            "sentence": "the answer comes late",
            "weight": 1,
            "parameters": {"ms": {"type": "integer", "minimum": 1, "maximum": 60000}},
            "required": ["ms"],
            "waits": {"ms": 0.001},
            "sweep": [
                {"on": "sendTask", "nth": 1, "do": "slow", "ms": 500},
                {"on": "sendTask", "nth": 2, "do": "slow", "ms": 500},
            ],
        },
        {
            "do": "frozen",
            "family": "media",
            "on": ["media"],
            "sentence": "the picture stands still",
            "weight": 2,
            "parameters": {
                "at_ms": {"type": "integer", "minimum": 0, "maximum": 86400000},
                "loud": {"type": "boolean"},
                "rate": {"type": "number", "minimum": 0.5, "maximum": 2.0},
                "text": {"type": "string", "maxLength": 5},
                "form": {"const": "still"},
            },
            "required": ["at_ms"],
            "waits": {},
            "sweep": [
                {"on": "media", "do": "frozen", "at_ms": 200},
                {"on": "media", "do": "frozen", "at_ms": 9000},
            ],
        },
    ],
    "plan": {"type": "array"},
}


def catalogue() -> Catalogue:
    return read_catalogue(DATA)


def plan(*deviations: Mapping[str, Any]) -> Plan:
    return plan_of([dict(one) for one in deviations])


def call(
    operation: str,
    t: float = 0.0,
    *,
    status: int | None = 200,
    session: str | None = "s",
    **more: Any,
) -> Call:
    path = f"/v1/{operation}"
    return Call(operation, "POST", path, status, t, t + 0.01, session_id=session, **more)


def life(*events: Mapping[str, Any], session: str = "s", closed: str = "stopped") -> Life:
    return Life(session, "closed" if closed else "connected", closed, tuple(events))


TALK = (
    {"t": 0.1, "event": "state", "status": "connecting"},
    {"t": 0.2, "event": "state", "status": "connected"},
    {"t": 0.3, "event": "task", "task_id": "a", "text": "Hi", "duration_ms": 100},
    {"t": 0.4, "event": "avatar_stop_talking", "task_id": "a", "duration_ms": 100},
)
CALLS = (call("newSession", 0.0), call("sendTask", 0.3), call("stopSession", 0.5))


def outcome(
    *,
    played: Plan = HEALTHY,
    calls: Sequence[Call] = CALLS,
    sessions: Sequence[Life] = (life(*TALK),),
    status: int | None = 0,
    signal: int | None = None,
    stopped: Why | None = None,
    output: str = "",
    seconds: float = 0.6,
    total: int | None = None,
    unused: Sequence[int] = (),
    complaints: Sequence[Complaint] = (),
) -> Outcome:
    ended = Ended(seconds, status, signal, stopped, output, tuple(complaints))
    count = len(calls) if total is None else total
    return Outcome(played, ended, Aftermath(tuple(calls), tuple(sessions), tuple(unused), count))


def healthy() -> Healthy:
    return healthy_of([outcome()])
