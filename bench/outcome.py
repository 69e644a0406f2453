"""What a row of the table says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """One measured row. ``met`` is None where nothing was demanded or nothing could be judged.

    ``figures`` are the plain numbers behind the words, for ``--json``; ``notes`` are sentences
    that belong under the table.
    """

    name: str
    what: str
    ours: str
    theirs: str
    reached: str
    demanded: str
    met: bool | None
    notes: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)


def skipped(name: str, what: str, demanded: str, reason: str) -> Outcome:
    """A row that could not run here."""
    return Outcome(name, what, "", "", f"not run: {reason}", demanded, None)


def failed(name: str, what: str, demanded: str, reason: str) -> Outcome:
    """A row that began and broke: it counts as not met."""
    return Outcome(name, what, "", "", f"failed: {reason}", demanded, False)
