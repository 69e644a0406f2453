from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.core.magic import Magic, parse_magic

OPERATIONS = frozenset({"newSession", "sendTask", "stopSession"})
NATURAL = {row.name: "sendTask" for row in errors.ROWS if row.name != "trial-limit"}


def parse(avatar_id: str) -> Magic | None:
    return parse_magic(avatar_id, natural=NATURAL, operations=OPERATIONS)


@pytest.mark.parametrize("row", errors.ROWS, ids=lambda row: row.name)
def test_every_row_has_a_magic_id(row: errors.ErrorRow) -> None:
    found = parse(f"mock:{row.name}")
    assert found is not None
    assert found.row == row
    assert parse(f"mock:{row.name}@stopSession") == Magic(row, "stopSession")


def test_a_row_is_answered_at_its_natural_operation() -> None:
    assert parse("mock:rate-limit") == Magic(errors.RATE_LIMIT, "sendTask")
    assert parse("mock:trial-limit") == Magic(errors.TRIAL_LIMIT, "newSession")


@pytest.mark.parametrize("avatar_id", ["default", "", "mock", "Mock:rate-limit", "a mock:x"])
def test_ordinary_ids_are_not_magic(avatar_id: str) -> None:
    assert parse(avatar_id) is None


@pytest.mark.parametrize(
    ("avatar_id", "problem"),
    [
        ("mock:nonsense", "no error is named 'nonsense'; `heygen-mock errors` lists them"),
        ("mock:", "no error is named ''; `heygen-mock errors` lists them"),
        ("mock:rate-limit@nowhere", "'nowhere' is no operation; they are newSession, sendTask"),
        ("mock:rate-limit@", "'' is no operation; they are newSession, sendTask"),
    ],
)
def test_a_mistaken_magic_id_is_refused_with_what_there_is(avatar_id: str, problem: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(avatar_id)
    assert caught.value.row.code == 400175
    assert problem in caught.value.message


@given(st.text())
def test_any_magic_id_gives_a_row_or_an_invalid_parameter(text: str) -> None:
    refusal: ApiError | None = None
    try:
        found = parse(f"mock:{text}")
    except ApiError as error:
        found, refusal = None, error
    assert (found is None) != (refusal is None)
    if refusal is not None:
        assert refusal.row == errors.INVALID_PARAMETER
        assert len(refusal.message) < 1000
