"""Access tokens of rooms: whom they let in, and what is said to the others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.access_token import Grant, TokenError, claims, read_token, signed

NOW = 1_800_000_000.0
GRANT = Grant(room="a-room", identity="client", name="Client")


def read(token: str, now: float = NOW) -> Grant:
    return read_token(token, key="devkey", secret="secret", now=now)


def changed(secret: str = "secret", **changes: Any) -> str:
    content = claims(GRANT, key="devkey", now=NOW)
    video = {**content["video"], **changes.pop("video", {})}
    whole = {**content, "video": video, **changes}
    return signed({n: v for n, v in whole.items() if v is not ...}, secret=secret)


def test_a_token_is_what_rfc_7515_says() -> None:
    head, body, signature = signed({"sub": "x"}, secret="secret").split(".")
    wanted = hmac.new(b"secret", f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(wanted).decode().rstrip("=")
    assert json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))) == {
        "alg": "HS256",
        "typ": "JWT",
    }


def test_the_claims_are_those_of_a_recorded_token() -> None:
    assert claims(GRANT, key="devkey", now=NOW + 0.7) == {
        "iss": "devkey",
        "sub": "client",
        "name": "Client",
        "nbf": 1_800_000_000,
        "exp": 1_800_086_400,
        "video": {
            "room": "a-room",
            "roomJoin": True,
            "canPublish": True,
            "canPublishData": True,
            "canSubscribe": True,
        },
    }


def test_a_token_lets_in_whom_it_was_made_for() -> None:
    assert read(changed()) == GRANT


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ("", "no access token was given"),
        ("a.b", "not a JWT"),
        ("é.b.c", "not a JWT"),
        ("a.b.c", "its header is no JSON object"),
        (changed(secret="other"), "signature"),
        (changed(iss="other"), "invalid API key: 'other'"),
        (changed(iss=...), "invalid API key: None"),
        (changed(nbf=NOW + 61), "not valid yet"),
        (changed(exp=NOW - 61), "expired"),
        (changed(exp=...), "exp is no time"),
        (changed(exp=True), "exp is no time"),
        (changed(sub=...), "no identity"),
        (changed(sub=""), "no identity"),
        (changed(sub="\ud800"), "no identity"),  # which no message could carry to the others
        (changed(video={"roomJoin": False}), "roomJoin"),
        (changed(video={"room": ""}), "names no room"),
        (changed(video={"room": 7}), "names no room"),
    ],
)
def test_others_are_told_why_not(token: str, told: str) -> None:
    with pytest.raises(TokenError, match=told):
        read(token)


def test_another_algorithm_is_refused_before_any_signature_is_looked_at() -> None:
    _, body, _ = changed().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    with pytest.raises(TokenError, match="not HS256"):
        read(f"{head}.{body}.")


def test_a_name_that_no_message_can_carry_is_none() -> None:
    assert read(changed(name="\ud800")).name == ""


@pytest.mark.parametrize("late", [0, 86_400, 86_460])
def test_a_token_lives_for_a_day_and_the_leeway(late: float) -> None:
    assert read(changed(), NOW + late).identity == "client"


def test_what_a_token_does_not_say_is_allowed() -> None:
    nothing = {"canPublish": ..., "canPublishData": ..., "canSubscribe": ...}
    content = claims(GRANT, key="devkey", now=NOW)
    content["video"] = {n: v for n, v in content["video"].items() if n not in nothing}
    assert read(signed(content, secret="secret")) == GRANT


@pytest.mark.parametrize("name", ["canPublish", "canPublishData", "canSubscribe"])
def test_what_a_token_forbids_is_forbidden(name: str) -> None:
    grant = read(changed(video={name: False}))
    allowed = (grant.can_publish, grant.can_publish_data, grant.can_subscribe)
    assert allowed == tuple(
        name != other for other in ("canPublish", "canPublishData", "canSubscribe")
    )


@given(st.text() | st.builds("{}.{}.{}".format, st.text(), st.text(), st.text()))
def test_any_text_is_refused_by_the_one_error(text: str) -> None:
    with pytest.raises(TokenError):
        read(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("iss", "sub", "name", "nbf", "exp", "video"), json_values),
    )
)
def test_any_signed_claims_give_a_grant_or_the_one_error(content: dict[str, Any]) -> None:
    valid = {**claims(GRANT, key="devkey", now=NOW), **content}
    try:
        grant = read(signed(valid, secret="secret"))
    except TokenError:
        return
    assert grant.room
    assert grant.identity
