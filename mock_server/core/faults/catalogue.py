"""All kinds of misbehaviour, and what is said of them to people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.core.faults import (
    answers,
    coding,
    events,
    lifecycle,
    media,
    rooms,
    signalling,
    wire,
)
from mock_server.core.faults.fields import Fields
from mock_server.core.faults.kind import TARGETS, Kind
from mock_server.core.faults.plan import MAX_DEVIATIONS

VERSION = 1
"""Of the form of catalogue, plan and report."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The kinds by their names, which are unique."""

    kinds: Mapping[str, Kind]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.kinds.values())

    def on(self, target: str) -> tuple[str, ...]:
        """The names of what can be asked for there."""
        return tuple(kind.do for kind in self if target in kind.on)

    def plan_schema(self) -> dict[str, Any]:
        """The JSON Schema of a plan."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Plan",
            "description": "Deviations from the healthy fake; an empty list is healthy.",
            "type": "array",
            "maxItems": MAX_DEVIATIONS,
            "items": {"oneOf": [kind.schema() for kind in self]},
        }

    def as_json(self) -> dict[str, Any]:
        """What ``heygen-mock faults --json`` prints and ``GET /__mock__/faults`` answers."""
        return {
            "version": VERSION,
            "targets": list(TARGETS),
            "kinds": [kind.as_json() for kind in self],
            "plan": self.plan_schema(),
        }


def make_catalogue(fields: Fields) -> Catalogue:
    """The catalogue; ``fields`` are the values in the answers of each operation."""
    kinds = (
        *answers.kinds(fields),
        *coding.KINDS,
        *wire.KINDS,
        *signalling.KINDS,
        *media.KINDS,
        *events.KINDS,
        *lifecycle.KINDS,
        *rooms.KINDS,
    )
    named = {kind.do: kind for kind in kinds}
    assert len(named) == len(kinds), "two kinds of the same name"
    return Catalogue(named)
