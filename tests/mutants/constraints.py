"""Every constraint of a response schema, broken one at a time in answers that hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

SILENT = frozenset(
    {
        "$ref", "allOf", "properties", "items", "description", "title", "default", "example",
        "examples", "deprecated", "x-evidence",
    }
)  # fmt: skip
"""Keywords that constrain nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A keyword at a place of a schema; ``detail`` tells several of one keyword apart."""

    place: str
    keyword: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.place or 'body'}: {self.keyword} {self.detail}".rstrip()


@dataclass(frozen=True, slots=True)
class Schemas:
    """The ``components`` of openapi.yaml, to follow references in."""

    components: Mapping[str, Any]

    def parts(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The schema, and all that it includes by reference or allOf."""
        yield schema
        if "$ref" in schema:
            node: Any = {"components": self.components}
            for name in schema["$ref"].removeprefix("#/").split("/"):
                node = node[name]
            yield from self.parts(node)
        for part in schema.get("allOf", ()):
            yield from self.parts(part)

    def constraints(self, schema: Mapping[str, Any], place: str = "") -> Iterator[Constraint]:
        """All constraints of a schema."""
        for part in self.parts(schema):
            for keyword, value in part.items():
                if keyword == "required":
                    yield from (Constraint(place, keyword, name) for name in value)
                elif keyword == "type":
                    yield Constraint(place, keyword)
                    yield from _null(place, value)
                elif keyword not in SILENT:
                    yield Constraint(place, keyword)
            for name, inner in part.get("properties", {}).items():
                yield from self.constraints(inner, f"{place}.{name}".lstrip("."))
            if "items" in part:
                yield from self.constraints(part["items"], f"{place}[]")

    def broken(
        self, schema: Mapping[str, Any], answer: Any, *, at: Path = (), place: str = ""
    ) -> Iterator[tuple[Constraint, Any]]:
        """The answer with one constraint broken, for each that applies to what it holds."""
        value = _get(answer, at)
        for part in self.parts(schema):
            for keyword, limit in part.items():
                if keyword == "required" and isinstance(value, dict):
                    for name in limit:
                        rest = {known: kept for known, kept in value.items() if known != name}
                        yield Constraint(place, keyword, name), _put(answer, at, rest)
                elif keyword == "type":
                    yield Constraint(place, keyword), _put(answer, at, _untyped(limit))
                    for constraint in _null(place, limit):
                        yield constraint, _put(answer, at, None)
                elif keyword not in SILENT and keyword != "required":
                    wrong = _WRONG[keyword](limit)
                    yield Constraint(place, keyword), _put(answer, at, wrong)
            if isinstance(value, dict):
                for name, inner in part.get("properties", {}).items():
                    whole = _put(answer, (*at, name), value.get(name))
                    inside = f"{place}.{name}".lstrip(".")
                    for constraint, wrong in self.broken(
                        inner, whole, at=(*at, name), place=inside
                    ):
                        # Null in place of what was left out would be a fault of its own.
                        yield constraint, wrong
            if isinstance(value, list) and value and "items" in part:
                yield from self.broken(part["items"], answer, at=(*at, 0), place=f"{place}[]")


def _null(place: str, types: str | list[str]) -> Iterator[Constraint]:
    if "null" not in ([types] if isinstance(types, str) else types):
        yield Constraint(place, "type", "null")


def _untyped(types: str | list[str]) -> Any:
    """A value of a type that is not allowed."""
    allowed = {types} if isinstance(types, str) else set(types)
    if allowed & {"integer", "number", "boolean", "array", "object"}:
        return "wrong"
    return 1.5


_WRONG: Mapping[str, Any] = {
    "const": lambda limit: f"not {limit}" if isinstance(limit, str) else limit + 1,
    "enum": lambda limit: "none of them",
    "minimum": lambda limit: limit - 1,
    "maximum": lambda limit: limit + 1,
    "minLength": lambda limit: "x" * (limit - 1),
    "minItems": lambda limit: [],
    "pattern": lambda limit: "?",
    "format": lambda limit: "http://[",
}


def _get(answer: Any, at: Path) -> Any:
    for step in at:
        answer = answer[step]
    return answer


def _put(answer: Any, at: Path, value: Any) -> Any:
    """A copy of the answer with another value at a place."""
    if not at:
        return deepcopy(value)
    copy = deepcopy(answer)
    _get(copy, at[:-1])[at[-1]] = deepcopy(value)
    return copy
