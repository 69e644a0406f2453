"""Which keys a server is called with."""

import pytest

from contract.keys import keys_of_url, usable_key
from contract.unable import UnableError


@pytest.mark.parametrize("text", ["", " ", "a\nb", "clé", "a\x00", "a\tb"])
def test_what_no_header_can_carry_is_no_key_and_is_not_repeated(text: str) -> None:
    with pytest.raises(UnableError) as caught:
        usable_key(text, source="--api-key")
    assert str(caught.value) == (
        "--api-key: a key is a line of printable ASCII; look at the quoting"
    )


def test_a_given_key_goes_before_the_environment_and_that_before_the_default() -> None:
    environment = {"HEYGEN_API_KEY": " from-there\n"}
    assert keys_of_url(["one", "two"], environment) == (("one", "two"), "--api-key")
    assert keys_of_url([], environment) == (("from-there",), "HEYGEN_API_KEY")
    assert keys_of_url([], {}) == (("test-key",), "nowhere (test-key was tried)")


def test_an_odd_key_of_the_environment_is_named_by_its_variable() -> None:
    with pytest.raises(UnableError, match="HEYGEN_API_KEY: a key is a line"):
        keys_of_url([], {"HEYGEN_API_KEY": "a\nb"})
