"""One case of the conformance suite, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from contract.clients.plan import Deviation, Plan

Demand = Literal["succeed", "report", "refuse", "either", "observe"]
"""What is asked of a client.

``succeed``: to come as far as when nothing is wrong. ``report``: to end with an error, in time
and with nothing left open; to come through all the same is more than was asked. ``refuse``: as
report, and connecting is a failure. ``either``: one or the other. ``observe``: nothing; what it
does is noted.
"""

MEANS: dict[Demand, str] = {
    "succeed": "come as far as when healthy",
    "report": "end with an error",
    "refuse": "end with an error, and not connect",
    "either": "come as far, or end with an error",
    "observe": "nothing; it is noted",
}

Version = Literal["v1", "v2"]
"""v1: the client connects to the server itself; v2: in a LiveKit room."""

EvidenceGrade = Literal["documented", "official", "recorded", "observed", "inferred"]
"""As in openapi.yaml: said by the API's own document, by an SDK or an official page, seen
verbatim, relied on by a public client, or our guess."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """That servers really do so."""

    grade: EvidenceGrade
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """``server`` says what the server does, ``good`` what a good client does.

    The ``id`` is for ever: a group and a word or more for what happens, never a number in a row.
    """

    id: str
    title: str
    server: str
    good: str
    demand: Demand
    plan: Plan
    evidence: Evidence
    version: Version | None = None
    """Of which sessions it speaks; None of all."""

    @property
    def group(self) -> str:
        """What the id begins with."""
        return self.id.partition("-")[0]


def play(*deviations: dict[str, Any]) -> Plan:
    """The plan of a case."""
    return Plan(deviations=tuple(_deviation(**one) for one in deviations))


def _deviation(*, on: str, do: str, nth: int | None = None, **parameters: Any) -> Deviation:
    return Deviation(on, do, nth, parameters)
