"""Plans out of JSON."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.reading import PlanError, parse_plan, read_plan
from tests.core.faults.drawing import plans
from tests.core.faults.kinds import catalogue

REFUSED = {"on": "newSession", "do": "status", "row": "forbidden"}
FIELD = {"on": "sendTask", "do": "field", "path": "data.duration_ms", "value": 1}

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["newSession", "status", "slow", "event", "forbidden"])
)
names = st.sampled_from(["on", "do", "nth", "row", "ms", "path", "value"]) | st.text(max_size=4)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=20,
)


def at(value: object) -> str:
    with pytest.raises(PlanError) as caught:
        read_plan(value, catalogue())
    assert str(caught.value)
    return caught.value.at


def test_a_plan_is_read_in_its_order() -> None:
    plan = [REFUSED, FIELD | {"nth": 2}]
    assert read_plan(plan, catalogue()) == (
        Deviation(0, "newSession", "status", None, {"row": "forbidden"}),
        Deviation(1, "sendTask", "field", 2, {"path": "data.duration_ms", "value": 1}),
    )


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (None, "[0]"),
        ([], "[0]"),
        ({}, "[0].on"),
        (REFUSED | {"on": []}, "[0].on"),
        (REFUSED | {"do": {}}, "[0].do"),
        (REFUSED | {"do": "event-missing"}, "[0].do"),
        (REFUSED | {"nth": 1.5}, "[0].nth"),
        (REFUSED | {"nth": 10**30}, "[0].nth"),
        (REFUSED | {"retry_after": -1}, "[0].retry_after"),
        (REFUSED | {"performed": 1}, "[0].performed"),
        (FIELD | {"path": "data.duration"}, "[0].path"),
        (FIELD | {"value": []}, "[0].value"),
        (FIELD | {"value": float("inf")}, "[0].value"),
        (FIELD | {"value": "a" * 100_001}, "[0].value"),
        ({"on": "newSession", "do": "slow"}, "[0].ms"),
    ],
)
def test_a_mistake_is_named_with_its_place(entry: Any, place: str) -> None:
    assert at([entry]) == place


@pytest.mark.parametrize("value", [0, -1, 1e308, 2**63, 10**400, None, True, "\ud800"])
def test_a_value_may_be_any_that_is_no_list_and_no_object(value: Any) -> None:
    [one] = read_plan([FIELD | {"value": value}], catalogue())
    assert one["value"] == value


def test_schemas_of_parameters_use_no_words_that_reading_does_not_know() -> None:
    words, types = set(), set()
    for kind in catalogue():
        for schema in kind.parameters.values():
            words |= set(schema)
            given = schema.get("type", [])
            types |= {given} if isinstance(given, str) else set(given)
    says_nothing_of_a_value = {"description", "default"}
    assert words <= {"type", "enum", "minimum", "maximum", "maxLength"} | says_nothing_of_a_value
    assert types <= {"integer", "number", "string", "boolean", "null"}


def test_a_value_that_is_nested_too_deeply_is_named() -> None:
    deep: Any = None
    for _ in range(100_000):
        deep = [deep]
    assert at([deep]) == "[0]"
    while deep is not None:  # taken apart by hand: the garbage collector would go as deep
        [deep] = deep


@given(anything)
def test_any_json_is_a_plan_or_refused_with_a_place(value: object) -> None:
    refused: PlanError | None = None
    try:
        read = read_plan(value, catalogue())
    except PlanError as error:
        refused = error
    else:
        assert isinstance(value, list)
        assert [one.as_json() for one in read] == value
    assert refused is None or refused.at in str(refused)


@given(st.binary() | st.text() | anything.map(json.dumps))
def test_any_text_is_a_plan_or_refused(text: str | bytes) -> None:
    with suppress(PlanError):
        parse_plan(text, catalogue())


schema = jsonschema_rs.validator_for(catalogue().plan_schema())


@given(plans(list(catalogue())))
def test_what_the_catalogue_describes_is_read_and_fits_its_schema(plan: Any) -> None:
    assert [one.as_json() for one in read_plan(plan, catalogue())] == plan
    schema.validate(plan)
