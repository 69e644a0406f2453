"""What has been seen to go wrong, sorted into findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.clients.catalogue import Catalogue
from contract.clients.outcome import Outcome
from contract.clients.plan import Deviation, Plan
from contract.clients.verdicts import KINDS, Kind, Verdict

Key = tuple[Kind, str]

_MOST_ALIKE = 20
"""Combinations with one verdict that are kept; a night has many."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One verdict on one run."""

    verdict: Verdict
    outcome: Outcome

    @property
    def plan(self) -> Plan:
        return self.outcome.plan


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the client, with the smallest and mildest plan for it.

    ``also`` are other single deviations that lead to the same. ``confirmed``: seen again with
    nothing else running; only a run that was broken off has findings that are not. ``file`` is
    the name of its plan file.
    """

    verdict: Verdict
    outcome: Outcome
    also: tuple[Deviation, ...] = ()
    confirmed: bool = True
    file: str = ""

    @property
    def plan(self) -> Plan:
        return self.outcome.plan


@dataclass(slots=True)
class Sightings:
    """All that was seen in one run of the fuzzer, and what is known of each plan."""

    catalogue: Catalogue
    by_key: dict[Key, list[Sighting]] = field(default_factory=dict)
    known: dict[str, frozenset[Key]] = field(default_factory=dict)
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sweep = self.catalogue.sweep
        self._places = {Plan((one,)).text: place for place, one in enumerate(sweep)}

    def add(self, outcome: Outcome, verdicts: tuple[Verdict, ...]) -> list[Key]:
        """Takes down what a run came to; the keys that were not seen before."""
        self.known[outcome.plan.text] = frozenset(verdict.key for verdict in verdicts)
        fresh = [verdict.key for verdict in verdicts if verdict.key not in self.by_key]
        for verdict in verdicts:
            same = self.by_key.setdefault(verdict.key, [])
            if len(outcome.plan) == 1 or len(same) < _MOST_ALIKE:
                same.append(Sighting(verdict, outcome))
        return fresh

    def leads_to(self, plan: Plan, key: Key) -> bool | None:
        """Whether a plan led to that; None for a plan that was not played."""
        known = self.known.get(plan.text)
        return None if known is None else key in known

    def worst_first(self) -> Iterator[Key]:
        """The keys, the worst kind first."""
        yield from sorted(self.by_key, key=lambda key: (KINDS.index(key[0]), key[1]))

    def of(self, key: Key) -> list[Sighting]:
        """Those of one key: the smallest plan first, then the mildest, then as in the sweep."""
        return sorted(self.by_key[key], key=self._rank)

    def _rank(self, one: Sighting) -> tuple[int, int, int]:
        # Runs end in any order: what comes first must not depend on that.
        place = self._places.get(one.plan.text, len(self._places))
        return len(one.plan), self.catalogue.weight(one.plan), place

    def singles(self, key: Key) -> list[Deviation]:
        """The single deviations that lead to it."""
        return [one.plan.deviations[0] for one in self.of(key) if len(one.plan) == 1]


def file_name(verdict: Verdict, plan: Plan, taken: set[str]) -> str:
    """A name for the finding's plan file, which no other has; it is added to those taken."""
    kinds = "-".join(dict.fromkeys(f"{one.on}-{one.do}" for one in plan)) or "healthy"
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in f"{verdict.kind}-{kinds}")[:100]
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return f"{name}.json"
