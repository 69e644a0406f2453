import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.exchange import Headers, Request
from contract.model.accounts import Accounts, ModelToken, looks_like_token
from contract.model.knowledge import Knowledge
from tests.contract.model.conversation import KEY, OTHER, bearer, token

KNOWN = Knowledge(keys=frozenset({"key", "other"}))


def accounts(knowledge: Knowledge = KNOWN) -> Accounts:
    found = Accounts(knowledge)
    found.tokens[token(1)] = ModelToken(token(1), "key", (100.0, 101.0))
    return found


@pytest.mark.parametrize(
    ("headers", "valid", "rule"),
    [
        (KEY, True, "credentials-required"),
        ((), False, "credentials-required"),
        ((("x-api-key", ""),), False, "credentials-required"),
        ((("x-api-key", "stranger"),), False, "credentials-required"),
        (bearer("key"), True, "credentials-required"),
        (bearer("stranger"), False, "credentials-required"),
        (bearer(token(1)), True, "token-one-session"),
        (bearer(token(2)), False, "credentials-required"),
        ((("authorization", "Basic a2V5"),), False, "credentials-required"),
        ((*KEY, *bearer(token(1))), True, "both-credentials"),
        ((*OTHER, *bearer(token(1))), False, "both-credentials"),
        ((*KEY, *bearer("stranger")), False, "both-credentials"),
        ((*KEY, ("authorization", "Basic a2V5")), None, "credentials-required"),
    ],
)
def test_credentials_stand_for_somebody_or_not(
    headers: Headers, valid: bool | None, rule: str
) -> None:
    request = Request("GET", "/v1/streaming.list", headers)
    found = accounts().identify(request, now=200, hidden=False)
    assert (found.valid, found.rule) == (valid, rule)


@pytest.mark.parametrize(("now", "valid"), [(3600, True), (3700, None), (3705, False)])
def test_a_token_expires_after_an_hour(now: float, valid: bool | None) -> None:
    request = Request("GET", "/v1/streaming.list", bearer(token(1)))
    assert accounts().identify(request, now=now, hidden=False).valid is valid


def test_where_the_keys_are_not_known_nobody_is_wrong() -> None:
    found = accounts(Knowledge(complete=False))
    for headers in (KEY, bearer("key"), bearer(token(2))):
        assert found.identify(Request("GET", "/", headers), now=0, hidden=False).valid is None
    assert found.identify(Request("GET", "/"), now=0, hidden=True).valid is None


def test_a_server_that_takes_any_key_has_an_account_for_each() -> None:
    found = accounts(Knowledge(accepts_any_key=True))
    stranger = found.identify(Request("GET", "/", bearer("new")), now=0, hidden=False)
    assert (stranger.valid, stranger.account) == (True, "new")


@given(st.text(max_size=80))
def test_any_bearer_value_is_a_token_or_not(value: str) -> None:
    assert looks_like_token(value) in (True, False)
