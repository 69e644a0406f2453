"""A plan out of JSON: every mistake is named with its place."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mock_server.core.faults.kind import TARGETS, Kind
from mock_server.core.faults.plan import MAX_DEVIATIONS, Deviation

if TYPE_CHECKING:  # importing it imports all kinds, which a healthy start does not need
    from mock_server.core.faults.catalogue import Catalogue

_NTH: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": 1_000_000}


class PlanError(ValueError):
    """A plan that cannot be played. ``at`` is the place, for instance ``[0].row``; empty for all.

    The text names place, value and remedy.
    """

    def __init__(self, at: str, problem: str) -> None:
        self.at = at
        super().__init__(f"{at}: {problem}" if at else problem)


def parse_plan(text: str | bytes, catalogue: Catalogue) -> tuple[Deviation, ...]:
    """The deviations in a plan file. Raises PlanError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise PlanError("", f"a plan is a JSON list of deviations: {problem}") from None
    return read_plan(value, catalogue)


def read_plan(value: object, catalogue: Catalogue) -> tuple[Deviation, ...]:
    """The deviations of a plan, as json.loads gives it. Raises PlanError."""
    if not isinstance(value, list):
        raise PlanError(
            "", f'a plan is a JSON list like [{{"on": …, "do": …}}], not {_shown(value)}'
        )
    if len(value) > MAX_DEVIATIONS:
        raise PlanError("", f"{len(value)} deviations are more than {MAX_DEVIATIONS}")
    return tuple(_deviation(at, entry, catalogue) for at, entry in enumerate(value))


def _deviation(at: int, entry: object, catalogue: Catalogue) -> Deviation:
    place = f"[{at}]"
    if not isinstance(entry, dict):
        raise PlanError(
            place, f'a deviation is an object like {{"on": …, "do": …}}, not {_shown(entry)}'
        )
    on, do = entry.get("on"), entry.get("do")
    if on not in TARGETS:
        raise PlanError(f"{place}.on", _choose(entry, "on", TARGETS))
    kind = catalogue.kinds.get(do) if isinstance(do, str) else None
    if kind is None or on not in kind.on:
        there = catalogue.on(on)
        elsewhere = f"; {do} is for {', '.join(kind.on)}" if kind is not None else ""
        raise PlanError(f"{place}.do", _choose(entry, "do", there) + f" (on {on})" + elsewhere)
    _check_names(place, entry, kind)
    for name, given in entry.items():
        schema = _NTH if name == "nth" else kind.parameters.get(name)
        if schema is not None and (problem := _problem(given, schema)):
            raise PlanError(f"{place}.{name}", problem)
    more = {name: given for name, given in entry.items() if name not in ("on", "do", "nth")}
    nth = entry.get("nth")
    return Deviation(at, on, kind.do, None if nth is None else int(nth), more)


def _check_names(place: str, entry: Mapping[str, object], kind: Kind) -> None:
    known = ("on", "nth", "do", *kind.parameters)
    for name in entry:
        if name not in known:
            raise PlanError(
                f"{place}.{name[:80]}", f"{kind.do} has no such parameter{_near(name, known)}"
            )
    for name in kind.required:
        if name not in entry:
            what = kind.parameters[name].get("description", "a value")
            raise PlanError(f"{place}.{name}", f"{kind.do} needs it: {what}")


def _problem(value: object, schema: Mapping[str, Any]) -> str | None:
    """Why the value does not fit; None if it does. Knows the words that schemas of kinds use."""
    if "enum" in schema and not any(
        value == one and type(value) is type(one) for one in schema["enum"]
    ):
        return _none_of(value, schema["enum"])
    kinds = schema.get("type")
    if kinds is not None:
        wanted = [kinds] if isinstance(kinds, str) else kinds
        if not any(_is_a(value, name) for name in wanted):
            return f"{_shown(value)} is no {' or '.join(wanted)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        if not low <= value <= high:
            return f"{_shown(value)} is not from {low} to {high}"
    if isinstance(value, str) and len(value) > schema.get("maxLength", math.inf):
        return f"{len(value)} characters are more than {schema['maxLength']}"
    return None


def _is_a(value: object, name: str) -> bool:
    match name:
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            # math.isfinite refuses whole numbers beyond those of floating point.
            return _is_a(value, "integer") or (isinstance(value, float) and math.isfinite(value))
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return name == "null" and value is None


def _choose(entry: Mapping[str, object], name: str, known: Sequence[str]) -> str:
    if name not in entry:
        return f"is missing; give one of {', '.join(known)}"
    return _none_of(entry[name], known)


def _none_of(value: object, known: Iterable[Any]) -> str:
    names = [str(one) for one in known]
    return f"{_shown(value)} is none of {', '.join(names)}{_near(value, names)}"


def _near(value: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(value, list(known), n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, default=repr)
    except RecursionError:
        return "a value that is nested too deeply"
    return text if len(text) <= 80 else f"{text[:77]}..."
