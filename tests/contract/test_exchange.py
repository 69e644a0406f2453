"""Any body gives a value or the one declared error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.exchange import Request, Response

_SIGNS = '{}[]":,0123456789.eE-+ntf\\u'
_BODIES = st.binary(max_size=60) | st.text(_SIGNS, max_size=60).map(str.encode)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"<html>", b"\xff\xfe", b"[" * 200_000, b"1" * 400, b'{"a": 1' + b"0" * 309 + b"}"],
)
def test_what_cannot_be_read_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        _ = Response(200, body=body).json
    assert Response(200, body=body).members == {}


def test_every_number_that_is_read_fits_a_double() -> None:
    assert float(Response(200, body=b"9" * 308).json) == pytest.approx(1e308)


def test_members_are_those_of_an_object_and_of_nothing_else() -> None:
    assert Request("POST", "/", body=b'{"a": [1]}').members == {"a": [1]}
    assert Request("POST", "/", body=b'["a"]').members == {}


def test_credentials_are_the_headers_that_say_who_calls() -> None:
    request = Request(
        "GET", "/", (("x-api-key", "k"), ("accept", "*/*"), ("authorization", "Bearer t"))
    )
    assert request.credentials == (("x-api-key", "k"), ("authorization", "Bearer t"))


@given(_BODIES)
@settings(max_examples=200)
def test_any_body_can_be_asked_for_its_members(body: bytes) -> None:
    assert isinstance(Request("POST", "/", body=body).members, dict)
