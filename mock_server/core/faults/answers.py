"""Answers that are refusals, late, odd, or not of the contract's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mock_server.core import errors
from mock_server.core.faults.kind import OPERATIONS, Kind, choice, whole


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One value in an answer: its dotted path, its JSON types, and whether it must be there."""

    path: str
    types: tuple[str, ...]
    required: bool


Fields = Mapping[str, Sequence[FieldShape]]
"""operation id -> the values in its successful answer."""

_ROWS = tuple(row.name for row in errors.ROWS)

STATUS = Kind(
    "status",
    "answers",
    OPERATIONS,
    "the call is refused with an error of the API's own, and is not done",
    weight=3,
    parameters={
        "row": choice("the error, by its name in x-errors", _ROWS),
        "retry_after": whole("seconds in a Retry-After header", low=0, high=86_400),
    },
    required=("row",),
    waits={"retry_after": 1.0},
    trials=({"row": "session-state"}, {"row": "internal-error"}),
)


def kinds(fields: Fields) -> tuple[Kind, ...]:
    """The family's kinds; which paths of answers they can change follows from the contract."""
    return (STATUS,)
