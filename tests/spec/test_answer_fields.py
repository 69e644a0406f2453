"""The values in answers, as the contract describes them."""

from __future__ import annotations

from mock_server.core.faults.fields import FieldShape
from mock_server.spec import load_contract
from mock_server.spec.answer_fields import answer_fields

FIELDS = load_contract().answer_fields()


def test_every_operation_has_its_values() -> None:
    assert set(FIELDS) == {one.operation_id for one in load_contract().operations}
    assert all(FIELDS.values())


def test_a_task_is_told_in_both_shapes() -> None:
    assert set(FIELDS["sendTask"]) == {
        FieldShape("duration_ms", ("number",), required=True),
        FieldShape("task_id", ("string",), required=True),
        FieldShape("code", ("integer",), required=True),
        FieldShape("message", ("string",), required=True),
        FieldShape("data", ("object",), required=True),
        FieldShape("data.task_id", ("string",), required=True),
        FieldShape("data.duration_ms", ("number",), required=True),
    }


def test_a_value_has_the_types_that_all_shapes_allow() -> None:
    shapes = {shape.path: shape for shape in FIELDS["newSession"]}
    assert shapes["data.ice_servers"].types == ("array",)  # the recorded shape allows null
    assert shapes["data.url"].types == ("null", "string")
    assert shapes["data.ice_servers2[].username"] == FieldShape(
        "data.ice_servers2[].username", ("string",), required=False
    )


def test_every_integer_is_a_number() -> None:
    schema = {
        "allOf": [
            {"properties": {"a": {"type": "number"}, "b": {"type": "number"}, "c": {}}},
            {"properties": {"a": {"type": "integer"}}},
        ]
    }
    types = {shape.path: shape.types for shape in answer_fields(schema)}
    assert types["a"] == ("integer",)
    assert types["b"] == ("number",)
    assert set(types["c"]) == {"null", "boolean", "number", "string", "array", "object"}
