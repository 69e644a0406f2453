"""Bodies that a request schema forbids, and odd ones that it allows, derived from the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.spec import Operation, Spec
from contract.stimuli.actions import Edit, put

_SAMPLES: Mapping[str, tuple[object, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (7,),
    "number": (7.5,),
    "string": ("text", "7", "true"),
    "array": ([], ["text"]),
    "object": ({}, {"text": "text"}),
}
_TEXTS = ("", "\U0001f600 日本語 \u202e\n\u0001", "x" * 1000)
_CALLS = frozenset({"session_id", "sdp", "candidate"})
"""Fields whose text has a meaning of its own; tables.py has their rows."""


@dataclass(frozen=True, slots=True)
class Field:
    place: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def name(self) -> str:
        return self.place.rpartition(".")[2]

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that are allowed."""
        found = self.schema["type"]
        return (found,) if isinstance(found, str) else tuple(found)


def fields_of(spec: Spec, operation: Operation) -> Iterator[Field]:
    """All fields of the request, nested ones after those that hold them."""
    if operation.request is None:
        return
    schemas = spec.document["components"]["schemas"]

    def walk(prefix: str, schema: Mapping[str, Any]) -> Iterator[Field]:
        for name, own in schema.get("properties", {}).items():
            reference = own.get("$ref", "").rpartition("/")[2]
            whole = {**schemas[reference], **own} if reference else own
            place = f"{prefix}{name}"
            yield Field(place, whole, name in schema.get("required", ()))
            yield from walk(f"{place}.", whole)

    yield from walk("", operation.request.target)


def bad_edits(spec: Spec, operation: Operation) -> Iterator[Edit]:
    """Each constraint of the schema broken in turn, all else being valid."""
    for value in (None, [], ["text"], "text", 7, True):
        yield put("", value)
    for field in fields_of(spec, operation):
        if field.required:
            yield Edit(field.place)
        for kind, samples in _SAMPLES.items():
            allowed = kind in field.types or (kind == "integer" and "number" in field.types)
            if not allowed:
                yield put(field.place, samples[0])
                yield from (put(field.place, other) for other in samples[1:2] if kind == "string")
        yield from (put(field.place, value) for value in _outside(field.schema))


def _outside(schema: Mapping[str, Any]) -> Iterator[object]:
    """Values of the right type that other constraints forbid."""
    whole = "integer" in schema["type"]
    step = 1 if whole else 0.01
    if "minimum" in schema:
        yield schema["minimum"] - step
        yield -1_000_000_000
    if "maximum" in schema:
        yield schema["maximum"] + step
        yield 1_000_000_000_000
    if whole:
        yield 60.5
    if schema.get("minLength", 0) > 0:
        yield ""
    allowed = schema.get("enum")
    if allowed is not None:
        texts = [value for value in allowed if isinstance(value, str)]
        for text in ("", "no such value", texts[0] + " ", texts[0].swapcase()):
            if text not in allowed:
                yield text


def good_edits(spec: Spec, operation: Operation) -> Iterator[Edit]:
    """Each allowed value that a careless server may refuse, all else being valid."""
    for field in fields_of(spec, operation):
        parent = field.place.rpartition(".")[0]
        schema = field.schema
        if parent == "sdp" or field.name in _CALLS:
            continue
        if "null" in field.types:
            yield put(field.place, None)
        if "enum" in schema:
            yield from (put(field.place, v) for v in schema["enum"] if v is not None)
        elif "boolean" in field.types:
            yield from (put(field.place, value) for value in (True, False))
        elif "string" in field.types and not field.required:
            yield from (put(field.place, text) for text in _TEXTS)
        elif {"number", "integer"} & set(field.types):
            yield from (put(field.place, value) for value in _inside(schema))
        elif "object" in field.types:
            yield put(field.place, {})
        if "object" in field.types:
            yield put(f"{field.place}.no_such_field", {"x": [1, None]})
    yield put("no_such_field", "text")
    yield put("no_such_field", {"x": [1, None]})


def _inside(schema: Mapping[str, Any]) -> Iterator[object]:
    low, high = schema.get("minimum", 0), schema.get("maximum", 2)
    yield from (low, high)
    # RFC 8259 section 6 knows one kind of number; JSON Schema calls 60.0 an integer.
    yield float(low) if "integer" in schema["type"] else (low + high) / 2
