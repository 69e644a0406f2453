"""The contract's YAML is read as JSON's values, and nothing is dropped in silence."""

from __future__ import annotations

import contextlib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mock_server.spec import find_contract
from mock_server.spec.yaml_values import read_yaml


def test_the_contract_reads_as_pyyaml_reads_it() -> None:
    text = find_contract().read_bytes()
    assert read_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"a: no", {"a": "no"}),
        (b"a: 2024-05-01", {"a": "2024-05-01"}),
        (b"a: 1:30", {"a": "1:30"}),
        (b"a: 007", {"a": "007"}),
        (b"a: 1.5e3", {"a": 1500.0}),
        (b"a: -12", {"a": -12}),
        (b"a: '12'", {"a": "12"}),
        (b"a:", {"a": None}),
        (b"a: ''", {"a": ""}),
        (b"a: [null, true, {b: false}]", {"a": [None, True, {"b": False}]}),
        (b"a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        (b"", None),
    ],
)
def test_words_and_numbers_are_those_of_json(text: bytes, value: object) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"a: 1\nb: 2\na: 3", "line 3: the key 'a' is given twice"),
        (b"a: &x 1\nb: *x", "line 1: anchors are not read"),
        (b"a: !!set {b}", "line 1: tags are not read"),
        (b"200: ok", "line 1: the key 200 is not text"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_line(text: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_yaml(text)


_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc"]))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(_JSON)
def test_any_json_reads_as_itself(value: object) -> None:
    assert read_yaml(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_give_a_value_or_the_declared_errors(text: bytes) -> None:
    with contextlib.suppress(yaml.YAMLError, ValueError):
        read_yaml(text)
