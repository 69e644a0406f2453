"""What JSON every reader takes, and what only some do."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.model.json_text import (
    FlawedJsonError,
    NotJsonError,
    RepeatedNameError,
    read_json,
)


@pytest.mark.parametrize("data", [b' \r\n{"a": 1.0}\t', b"[]", b'"\xc3\xa4"', b"1e3", b"null"])
def test_plain_json_is_read(data: bytes) -> None:
    assert read_json(data) == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"{} {}",
        b"NaN",
        b'{"a": -Infinity}',
        b"1e999",
        b'"\xe4"',
        b"\xff\xfe{",
        b"<html>",
        b"\0\0\0{\0\0\0}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotJsonError):
        read_json(data)


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b'\xef\xbb\xbf{"a": 1}', "a byte order mark before it"),
        ('{"a": 1}'.encode("utf-16"), "not in UTF-8"),
        (b'{"a": 2, "a": 1}', 'the name "a" twice'),
    ],
)
def test_what_only_some_readers_take_is_read_and_named(data: bytes, flaw: str) -> None:
    with pytest.raises(FlawedJsonError, match=flaw) as caught:
        read_json(data)
    assert caught.value.value == {"a": 1}


def test_a_name_twice_deep_within_is_found() -> None:
    with pytest.raises(RepeatedNameError, match='the name "id" twice'):
        read_json(b'{"data": [{"id": 1, "id": 1}], "id": 2}')


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:01eE.-truefalsnN \ufeff').map(str.encode))
@settings(max_examples=150)
def test_any_bytes_give_a_value_or_a_declared_error(data: bytes) -> None:
    try:
        value = read_json(data)
    except (NotJsonError, FlawedJsonError):
        return
    assert value == json.loads(data)
