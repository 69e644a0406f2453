"""What a row of the table is, before it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.outcome import Outcome

Say = Callable[[str], None]
"""Tells the person who waits what is being done."""


@dataclass(frozen=True, slots=True)
class Row:
    """``measure(quick, say)`` starts what it needs, measures, and ends all of it again.

    Quick runs are small and prove that everything works; what they reach is not judged.
    """

    name: str
    what: str
    demanded: str
    measure: Callable[[bool, Say], Outcome]


class UnavailableError(Exception):
    """The row cannot run on this machine. The text says why."""
