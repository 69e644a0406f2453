"""Dotted paths into JSON values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.faults.places import GONE, changed

BODY = {"code": 100, "data": {"sessions": [{"id": "a"}, {"id": "b"}, 7], "none": None}}


def put(path: str, new: object, value: Any = BODY) -> Any:
    return changed(value, path, lambda _: new)


def test_a_value_is_changed_where_the_path_leads() -> None:
    assert put("code", 7)["code"] == 7
    assert put("data.none", 0)["data"] == BODY["data"] | {"none": 0}  # type: ignore[operator]


def test_brackets_are_every_entry_of_a_list() -> None:
    sessions = [{"id": "x"}, {"id": "x"}, 7]
    assert put("data.sessions[].id", "x")["data"]["sessions"] == sessions
    assert put("data.sessions[]", 0)["data"]["sessions"] == [0, 0, 0]


def test_what_shall_be_gone_is_left_out() -> None:
    assert put("data", GONE) == {"code": 100}
    assert put("data.sessions[].id", GONE)["data"]["sessions"] == [{}, {}, 7]
    assert put("data.sessions[]", GONE)["data"]["sessions"] == []


@pytest.mark.parametrize(
    "path", ["", ".", "[]", "data.", "data[]", "code.x", "data.sessions.id", "data.sessions[][]"]
)
def test_a_path_that_leads_nowhere_changes_nothing(path: str) -> None:
    assert put(path, 1) is BODY


def test_what_is_so_already_stays_the_very_same() -> None:
    assert put("code", 100) is BODY
    assert put("data.none", None) is BODY


def test_true_is_not_one() -> None:
    assert put("a", True, {"a": 1}) == {"a": True}
    assert put("a", True, {"a": 1})["a"] is True


def test_what_is_given_stays_as_it_was() -> None:
    value = {"data": {"list": [{"a": 1}]}}
    put("data.list[].a", 2, value)
    assert value == {"data": {"list": [{"a": 1}]}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab."), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(json_values, st.text("ab.[]", max_size=8))
def test_any_path_is_followed_through_any_value(value: Any, path: str) -> None:
    assert changed(value, path, lambda old: old) is value
    changed(value, path, lambda _: GONE)
