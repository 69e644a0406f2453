"""Tokens that nobody may be let in with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.stimuli.forged import forgeries
from mock_server.core.access_token import Grant, TokenError, claims, read_token, signed

NOW = 1_734_651_255.0
GOOD = signed(claims(Grant("a-room", "client", "client"), key="k", now=NOW), secret="s")


def test_the_right_server_refuses_each_and_takes_the_one_they_are_made_of() -> None:
    assert read_token(GOOD, key="k", secret="s", now=NOW).room == "a-room"
    forged = dict(forgeries(GOOD))
    assert len(forged) == 8
    for token in forged.values():
        with pytest.raises(TokenError):
            read_token(token, key="k", secret="s", now=NOW)


@given(st.text(max_size=40) | st.text("ab.=", max_size=20))
def test_any_text_is_safe(text: str) -> None:
    assert all(isinstance(token, str) for _, token in forgeries(text))
