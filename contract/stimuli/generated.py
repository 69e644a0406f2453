"""Bodies by chance: valid ones and nearly valid ones, from the request schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from contract.spec import Operation, Spec
from contract.stimuli.actions import Edit, put
from contract.stimuli.schema_rows import Field, bad_edits, fields_of

Edits = tuple[Edit, ...]

# Half a surrogate pair has no UTF-8 form, and could not be sent as anything but an escape.
_TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
_NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_OWN = frozenset({"session_id", "sdp", "candidate"})
"""Fields that the plain body has, and that rules of their own fill."""


def valid_edits(spec: Spec, operation: Operation) -> st.SearchStrategy[Edits]:
    """Edits that leave a body valid: some optional fields set, some unknown ones added."""
    choices: list[st.SearchStrategy[Edit]] = [
        st.builds(put, st.just(field.place), _values(field.schema))
        for field in fields_of(spec, operation)
        if field.place.split(".")[0] not in _OWN and _is_free(field)
    ]
    names = st.from_regex(r"x_[a-z]{1,8}", fullmatch=True)
    choices.append(st.builds(put, names, _JSON))
    return st.lists(st.one_of(choices), max_size=4, unique_by=_place).map(_nested_last)


def near_valid_edits(spec: Spec, operation: Operation) -> st.SearchStrategy[Edits]:
    """Edits of which one breaks the schema: a row of the table, or any JSON in any field."""
    known = st.sampled_from(list(bad_edits(spec, operation)))
    places = [field.place for field in fields_of(spec, operation) if _is_free(field)]
    if not places:
        return known.map(lambda edit: (edit,))
    anything = st.builds(put, st.sampled_from(places), _JSON)
    return (known | anything).map(lambda edit: (edit,))


def _is_free(field: Field) -> bool:
    """Whether its value has no meaning beyond its schema; what a text says has one."""
    return field.place not in ("text", "sdp.sdp", "sdp.type", "session_id", "candidate.candidate")


def _place(edit: Edit) -> str:
    return edit.place


def _nested_last(edits: list[Edit]) -> Edits:
    """An object is set before the fields within it."""
    return tuple(sorted(edits, key=lambda edit: edit.place.count(".")))


def _values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the field's schema allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    types = schema["type"]
    names = [types] if isinstance(types, str) else list(types)
    return st.one_of([_of_type(name, schema) for name in names])


def _of_type(name: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31)
    kinds: Mapping[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(low, high),
        "number": st.floats(low, high, allow_nan=False) | st.integers(-int(-low // 1), int(high)),
        "string": st.text(
            st.characters(codec="utf-8"),
            min_size=schema.get("minLength", 0),
            max_size=60,
        ),
        "object": st.just({}),
    }
    return kinds[name]
