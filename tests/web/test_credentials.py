"""API keys, session tokens, and both."""

from __future__ import annotations

import asyncio

import pytest

from mock_server.core.tokens import token_text
from tests.web.conftest import MakeSite
from tests.web.site import KEY, OFFER, Headers, Site

UNAUTHORIZED = (401, 400112, "Unauthorized")
OPERATIONS = (
    "newSession", "startSession", "submitIce", "sendTask", "listSessions", "stopSession",
    "interruptTask", "createToken", "keepAlive", "startListening", "stopListening",
    "listAvatars", "listVoices",
)  # fmt: skip


def bearer(value: str) -> Headers:
    return (("authorization", f"Bearer {value}"),)


def token(site: Site) -> str:
    text = site.call("createToken").json["data"]["token"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("operation_id", OPERATIONS)
@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("x-api-key", ""),),
        (("authorization", "Basic a2V5"),),
        (("authorization", "Bearer"),),
        (("authorization", "Bearer "),),
        (("authorization", ""),),
        (("authorization", "key"),),
        bearer(token_text("0" * 32, 0.0)),
        (*KEY, *bearer(token_text("0" * 32, 0.0))),
        (*KEY, ("authorization", "Basic a2V5")),
        (*KEY, *bearer("another")),
    ],
)
def test_missing_and_wrong_credentials_are_unauthorized(
    site: Site, operation_id: str, headers: Headers
) -> None:
    session_id = site.new()
    assert site.call(operation_id, headers, session_id=session_id).error == UNAUTHORIZED
    assert site.status(session_id) == "new"


def test_the_scheme_of_a_bearer_value_is_read_in_any_case(site: Site) -> None:
    assert site.call("listSessions", (("authorization", "bearer  key "),)).status == 200


def test_only_the_keys_given_are_accepted(make_site: MakeSite) -> None:
    site = make_site(api_key=("one", "two"))
    for key in ("one", "two"):
        assert site.call("listSessions", (("x-api-key", key),)).status == 200
        assert site.call("listSessions", bearer(key)).status == 200
    assert site.call("listSessions", (("x-api-key", "three"),)).error == UNAUTHORIZED
    assert site.call("listSessions", bearer("three")).error == UNAUTHORIZED


def test_no_two_tokens_are_the_same(site: Site) -> None:
    assert len({token(site) for _ in range(20)}) == 20


def test_a_token_opens_one_session_and_then_belongs_to_it(site: Site) -> None:
    mine = bearer(token(site))
    session_id = site.new(mine)
    assert site.call("newSession", mine).error == UNAUTHORIZED
    sdp = {"type": "offer", "sdp": OFFER}
    assert site.call("startSession", mine, session_id=session_id, sdp=sdp).status == 200
    assert site.call("sendTask", mine, session_id=session_id, text="Hello!").status == 200
    assert site.call("stopSession", mine, session_id=session_id).status == 200
    assert site.call("newSession", mine).error == UNAUTHORIZED


def test_a_token_reaches_and_lists_only_its_own_session(site: Site) -> None:
    other = site.new()
    mine = bearer(token(site))
    assert site.call("listSessions", mine).json["sessions"] == []
    assert site.call("stopSession", mine, session_id=other).error[:2] == (400, 400004)
    session_id = site.new(mine)
    listed = site.call("listSessions", mine).json["sessions"]
    assert [one["session_id"] for one in listed] == [session_id]
    assert site.call("stopSession", mine, session_id=other).error == UNAUTHORIZED
    assert {site.status(other), site.status(session_id)} == {"new"}


def test_a_token_with_its_key_reaches_its_session_too(site: Site) -> None:
    both = (*KEY, *bearer(token(site)))
    session_id = site.new(both)
    assert site.call("keepAlive", both, session_id=session_id).status == 200


def test_a_token_with_the_key_of_another_account_is_unauthorized(site: Site) -> None:
    both = (("x-api-key", "another"), *bearer(token(site)))
    assert site.call("newSession", both).error == UNAUTHORIZED


@pytest.mark.parametrize(
    "body",
    [
        {"quality": "ultra"},
        {"avatar_id": "mock:trial-limit"},
        {"avatar_id": "mock:nonsense"},
        {"version": "v3"},
    ],
)
def test_a_new_that_is_refused_does_not_spend_its_token(site: Site, body: dict[str, str]) -> None:
    mine = bearer(token(site))
    assert site.call("newSession", mine, **body).status == 400
    assert site.new(mine)


def test_a_new_over_the_limit_does_not_spend_its_token(site: Site) -> None:
    first, *_ = [site.new() for _ in range(3)]
    mine = bearer(token(site))
    assert site.call("newSession", mine).error[:2] == (400, 10007)
    site.call("stopSession", session_id=first)
    assert site.new(mine)


def test_of_two_news_at_the_same_moment_with_one_token_one_succeeds(site: Site) -> None:
    mine = bearer(token(site))

    async def both() -> list[int]:
        answers = await asyncio.gather(*(site.ask("newSession", mine) for _ in range(5)))
        return sorted(answer.status for answer in answers)

    assert site.run(both()) == [200, 401, 401, 401, 401]


def test_of_many_news_at_the_same_moment_only_the_limit_succeeds(site: Site) -> None:
    async def many() -> list[int]:
        answers = await asyncio.gather(*(site.ask("newSession") for _ in range(8)))
        return sorted(answer.status for answer in answers)

    assert site.run(many()) == [200, 200, 200, 400, 400, 400, 400, 400]


def test_a_token_expires_after_an_hour(site: Site) -> None:
    fresh = bearer(token(site))
    site.advance(3599)
    session_id = site.new(fresh)
    site.advance(2)
    assert site.call("keepAlive", fresh, session_id=session_id).error == UNAUTHORIZED


def test_a_token_makes_no_tokens(site: Site) -> None:
    text = token(site)
    assert site.call("createToken", bearer(text)).error == UNAUTHORIZED
    assert site.call("createToken", (*KEY, *bearer(text))).error == UNAUTHORIZED


def test_the_body_of_create_token_may_be_absent(site: Site) -> None:
    assert site.send("POST", "/v1/streaming.create_token").status == 200
    assert site.call("createToken", session_id=None, paid=True).status == 200
