"""Deviations of any kind, drawn from what the catalogue says of their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from mock_server.core.faults.kind import Kind
from mock_server.core.faults.plan import Deviation

MOST = 2000
"""Nobody waits for longer, in milliseconds, nor learns more from a larger number."""


def entries(kinds: Sequence[Kind], *, most: int = MOST) -> st.SearchStrategy[dict[str, Any]]:
    """One entry of a plan."""
    return st.sampled_from(kinds).flatmap(lambda kind: _entry(kind, most))


def plans(kinds: Sequence[Kind], *, size: int = 5, most: int = MOST) -> st.SearchStrategy[Any]:
    """Whole plans, in their JSON."""
    return st.lists(entries(kinds, most=most), max_size=size)


def read(plan: Iterable[Mapping[str, Any]]) -> list[Deviation]:
    """The plan as the server reads it."""
    named = ("on", "do", "nth")
    return [
        Deviation(
            at,
            one["on"],
            one["do"],
            one.get("nth"),
            {name: value for name, value in one.items() if name not in named},
        )
        for at, one in enumerate(plan)
    ]


def _entry(kind: Kind, most: int) -> st.SearchStrategy[dict[str, Any]]:
    values = {name: _value(schema, most) for name, schema in kind.parameters.items()}
    return st.fixed_dictionaries(
        {
            "on": st.sampled_from(kind.on),
            "do": st.just(kind.do),
            **{name: value for name, value in values.items() if name in kind.required},
        },
        optional={
            "nth": st.integers(1, 3),
            **{name: value for name, value in values.items() if name not in kind.required},
        },
    )


def _value(schema: Any, most: int) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if isinstance(schema["type"], list):
        return st.one_of([_value({**schema, "type": one}, most) for one in schema["type"]])
    match schema["type"]:
        case "integer":
            return st.integers(schema["minimum"], min(most, schema["maximum"]))
        case "number":
            return st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        case "string":
            return st.text(max_size=20)
        case "boolean":
            return st.booleans()
    assert schema["type"] == "null", schema
    return st.none()
