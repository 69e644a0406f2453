"""The values that a schema of an answer describes, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.core.faults.fields import FieldShape

_ANY = ("null", "boolean", "integer", "number", "string", "array", "object")


def answer_fields(schema: dict[str, Any]) -> Iterator[FieldShape]:
    """The values inside an answer of that schema, outer ones first.

    ``schema`` is self-contained; what its ``allOf`` says holds together, so that a value has the
    types that all of them allow, and must be there if one of them says so.
    """
    yield from _fields([schema], "")


def _fields(schemas: list[dict[str, Any]], place: str) -> Iterator[FieldShape]:
    parts = [part for schema in schemas for part in _parts(schema)]
    names = dict.fromkeys(name for part in parts for name in part.get("properties", {}))
    for name in names:
        inner = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        path = f"{place}.{name}" if place else name
        required = any(name in part.get("required", ()) for part in parts)
        yield FieldShape(path, _types(inner), required)
        yield from _fields(inner, path)
    items = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
    if items:
        yield from _fields(items, f"{place}[]")


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for part in schema.get("allOf", ()):
        yield from _parts(part)


def _types(schemas: list[dict[str, Any]]) -> tuple[str, ...]:
    allowed = list(_ANY)
    for schema in schemas:
        for part in _parts(schema):
            kinds = part.get("type", _ANY)
            kinds = (kinds,) if isinstance(kinds, str) else kinds
            # Every integer is a number (JSON Schema, validation, section 6.1.1).
            wider = ("integer", *kinds) if "number" in kinds else kinds
            allowed = [kind for kind in allowed if kind in wider]
    return tuple(kind for kind in allowed if kind != "integer" or "number" not in allowed)
