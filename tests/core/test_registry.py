"""Accounts, credentials, limits and what is remembered."""

from __future__ import annotations

import pytest

from mock_server.core import events as ev
from mock_server.core.errors import ApiError
from mock_server.core.registry import MAX_REMEMBERED, MAX_TOKENS, Caller, Registry
from mock_server.core.session import Session
from mock_server.core.tokens import Token, token_text
from tests.core.sessions import config

UNAUTHORIZED = (400112, 401, "Unauthorized")
LIMIT = "Concurrent limit reached, please make sure you have closed other testing sessions"


def sign_in(
    registry: Registry,
    key: str | None = None,
    bearer: str | None = None,
    *,
    keys: tuple[str, ...] = (),
    now: float = 0.0,
) -> Caller:
    return registry.authenticate(key, bearer, keys=keys, token_life=3600.0, now=now)


def refused(registry: Registry, key: str | None, bearer: str | None, **more: float) -> bool:
    with pytest.raises(ApiError) as caught:
        sign_in(registry, key, bearer, now=more.get("now", 0.0))
    row = caught.value.row
    assert (row.code, row.status, row.message) == UNAUTHORIZED
    return True


def token_of(registry: Registry, account: str, *, secret: str = "0" * 32) -> Token:
    token = Token(token_text(secret, 0.0), account, 0.0)
    registry.add_token(token)
    return token


def session(number: int, account: str = "key") -> Session:
    return Session(config(session_id=f"session-{number}", account=account))


def test_any_key_that_is_not_empty_is_an_account_of_its_own() -> None:
    assert sign_in(Registry(), "one") == Caller("one")
    assert sign_in(Registry(), "two") == Caller("two")


@pytest.mark.parametrize(("key", "bearer"), [(None, None), ("", None), (None, ""), ("", "")])
def test_missing_or_empty_credentials_are_refused(key: str | None, bearer: str | None) -> None:
    assert refused(Registry(), key, bearer)


def test_a_key_in_a_bearer_header_is_an_api_key() -> None:
    assert sign_in(Registry(), None, "one") == Caller("one")


def test_only_configured_keys_are_accepted_where_some_are() -> None:
    registry = Registry()
    assert sign_in(registry, "one", keys=("one", "two")).account == "one"
    assert sign_in(registry, None, "two", keys=("one", "two")).account == "two"
    with pytest.raises(ApiError):
        sign_in(registry, "three", keys=("one", "two"))


def test_a_token_stands_for_its_account() -> None:
    registry = Registry()
    token = token_of(registry, "one")
    assert sign_in(registry, None, token.text) == Caller("one", token)


def test_a_text_in_the_form_of_a_token_is_never_an_api_key() -> None:
    assert refused(Registry(), None, token_text("0" * 32, 0.0))


def test_a_token_is_valid_for_an_hour() -> None:
    registry = Registry()
    token = token_of(registry, "one")
    assert sign_in(registry, None, token.text, now=3599.9).token is token
    assert refused(registry, None, token.text, now=3600.0)


def test_with_both_headers_both_must_be_valid_and_of_one_account() -> None:
    registry = Registry()
    token = token_of(registry, "one")
    assert sign_in(registry, "one", token.text) == Caller("one", token)
    assert sign_in(registry, "one", "one") == Caller("one")
    assert refused(registry, "two", token.text)
    assert refused(registry, "", token.text)
    assert refused(registry, "one", token_text("1" * 32, 0.0))
    assert refused(registry, "one", token.text, now=3600.0)
    assert refused(registry, "one", "two")


def test_an_account_has_a_limited_number_of_sessions() -> None:
    registry, caller = Registry(), Caller("key")
    for number in range(3):
        registry.check_may_open(caller, limit=3)
        registry.add(session(number), caller)
    with pytest.raises(ApiError, match=LIMIT):
        registry.check_may_open(caller, limit=3)
    registry.check_may_open(Caller("another"), limit=3)
    registry.check_may_open(caller, limit=4)
    registry.check_may_open(caller, limit=0)


def test_a_closed_session_frees_its_slot_and_leaves_the_list() -> None:
    registry, caller, one = Registry(), Caller("key"), session(1)
    registry.add(one, caller)
    one.handle(ev.Stop(1), 1.0)
    registry.settle(one)
    registry.check_may_open(caller, limit=1)
    assert registry.active(caller) == []
    assert registry.find(caller, "session-1").status == "closed"


def test_a_closed_session_is_remembered_without_its_long_texts() -> None:
    registry, caller = Registry(), Caller("key")
    one = Session(
        config(session_id="long", account="key", knowledge_base="k" * 9, avatar_id="a" * 300)
    )
    registry.add(one, caller)
    one.handle(ev.Stop(1), 1.0)
    registry.settle(one)
    kept = registry.find(caller, "long")
    assert (kept.config.knowledge_base, len(kept.config.avatar_id)) == ("", 200)
    assert one.config.knowledge_base == "k" * 9


def test_settling_an_open_session_changes_nothing() -> None:
    registry, caller, one = Registry(), Caller("key"), session(1)
    registry.add(one, caller)
    registry.settle(one)
    assert registry.active(caller) == [one]


def test_sessions_are_listed_oldest_first_and_per_account() -> None:
    registry = Registry()
    mine, other, late = session(1), session(2, "two"), session(3)
    for one in (mine, other, late):
        registry.add(one, Caller(one.config.account))
    assert registry.active(Caller("key")) == [mine, late]
    assert registry.active(Caller("two")) == [other]
    assert registry.active() == [mine, other, late]


@pytest.mark.parametrize("wanted", ["session-9", "", "\ud800"])
def test_an_unknown_session_is_named_in_the_refusal(wanted: str) -> None:
    with pytest.raises(ApiError) as caught:
        Registry().find(Caller("key"), wanted)
    assert (caught.value.row.code, caught.value.message) == (
        400004,
        f"Session does not exist. SessionID: {wanted}",
    )


def test_the_session_of_another_account_is_unknown() -> None:
    registry = Registry()
    registry.add(session(1, "two"), Caller("two"))
    with pytest.raises(ApiError, match="SessionID: session-1"):
        registry.find(Caller("key"), "session-1")


def test_a_token_opens_one_session() -> None:
    registry = Registry()
    caller = Caller("key", token_of(registry, "key"))
    registry.check_may_open(caller, limit=3)
    registry.add(session(1), caller)
    with pytest.raises(ApiError, match="Unauthorized"):
        registry.check_may_open(caller, limit=3)


def test_a_token_is_spent_while_its_session_is_known_to_have_opened() -> None:
    registry, one = Registry(), session(1)
    Caller("key").check_unspent()
    caller = Caller("key", token_of(registry, "key"))
    caller.check_unspent()
    registry.add(one, caller)
    with pytest.raises(ApiError, match="Unauthorized"):
        caller.check_unspent()
    registry.forget(one, caller)
    caller.check_unspent()


def test_a_new_that_is_refused_does_not_spend_its_token() -> None:
    registry = Registry()
    caller = Caller("key", token_of(registry, "key"))
    with pytest.raises(ApiError):
        registry.check_may_open(caller, limit=3, allowed=lambda active, limit: False)
    one = session(1)
    registry.add(one, caller)
    registry.forget(one, caller)
    registry.check_may_open(caller, limit=3)
    assert registry.remembered() == []


def test_a_token_reaches_and_lists_only_its_own_session() -> None:
    registry = Registry()
    caller = Caller("key", token_of(registry, "key"))
    mine, other = session(1), session(2)
    registry.add(other, Caller("key"))
    assert registry.active(caller) == []
    with pytest.raises(ApiError, match="Session does not exist"):
        registry.find(caller, "session-2")
    registry.add(mine, caller)
    assert registry.find(caller, "session-1") is mine
    assert registry.active(caller) == [mine]
    with pytest.raises(ApiError, match="Unauthorized"):
        registry.find(caller, "session-2")


def test_the_key_reaches_a_session_that_a_token_opened() -> None:
    registry = Registry()
    mine = session(1)
    registry.add(mine, Caller("key", token_of(registry, "key")))
    assert registry.find(Caller("key"), "session-1") is mine


def test_closed_sessions_are_remembered_up_to_a_bound() -> None:
    registry, caller = Registry(), Caller("key")
    for number in range(MAX_REMEMBERED + 5):
        one = session(number)
        registry.add(one, caller)
        one.handle(ev.Stop(1), 1.0)
        registry.settle(one)
    assert len(registry.remembered()) == 1000
    with pytest.raises(ApiError, match="Session does not exist"):
        registry.find(caller, "session-4")
    assert registry.find(caller, "session-5").closed_because == "stopped"


def test_tokens_are_kept_up_to_a_bound() -> None:
    registry = Registry()
    first, second = (token_of(registry, "key", secret=f"{n:032x}") for n in (1, 2))
    for number in range(MAX_TOKENS - 1):
        registry.add_token(Token(f"text-{number}", "key", 0.0))
    assert refused(registry, None, first.text)
    assert sign_in(registry, None, second.text).token is second


def test_a_cleared_registry_knows_nothing() -> None:
    registry = Registry()
    token = token_of(registry, "key")
    registry.add(session(1), Caller("key", token))
    registry.clear()
    assert registry.remembered() == []
    assert refused(registry, None, token.text)
