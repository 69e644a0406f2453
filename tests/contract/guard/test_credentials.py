from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from contract.exchange import Request, Response
from contract.guard.credentials import Credentials, stand_in

KEY = "NjY0YmQ2ZTk-secret-1716278=="
TOKEN = base64.b64encode(
    b'{"token":"0123456789abcdef0123456789abcdef","token_type":"sa_from_regular",'
    b'"created_at":1766821066}'
).decode()


def test_the_sentinel_has_the_keys_format_and_is_another() -> None:
    sentinel = Credentials(KEY).sentinel
    assert sentinel != KEY
    assert len(sentinel) == len(KEY)
    assert [c for c in sentinel if not c.isalnum()] == ["-", "-", "=", "="]


def test_a_short_key_gets_a_sentinel_that_nobody_guesses() -> None:
    assert len(Credentials("key").sentinel) == 32


def test_the_sentinel_becomes_the_key_on_the_way_out() -> None:
    credentials = Credentials(KEY)
    sent = Request(
        "POST",
        "/v1/streaming.new",
        (("x-api-key", credentials.sentinel), ("authorization", f"Bearer {credentials.sentinel}")),
    )
    assert credentials.reveal(sent).headers == (
        ("x-api-key", KEY),
        ("authorization", f"Bearer {KEY}"),
    )


def test_the_sentinel_stays_where_no_credential_belongs() -> None:
    credentials = Credentials(KEY)
    sent = Request("GET", "/", (("user-agent", credentials.sentinel),))
    assert credentials.reveal(sent) == sent


def test_a_wrong_key_is_passed_on_as_it_is() -> None:
    sent = Request("GET", "/", (("x-api-key", "wrong"),))
    assert Credentials(KEY).reveal(sent) == sent


def test_a_key_with_a_letter_more_is_that_of_the_real_key() -> None:
    credentials = Credentials(KEY)
    sent = Request("GET", "/", (("x-api-key", credentials.sentinel + "x"),))
    assert credentials.reveal(sent).headers == (("x-api-key", KEY + "x"),)


def test_a_key_that_the_service_repeats_is_hidden() -> None:
    credentials = Credentials(KEY)
    said = f'{{"message":"no such key {KEY}, https://a/?key=NjY0YmQ2ZTk-secret-1716278%3D%3D"}}'
    answer = credentials.conceal(Response(401, (("x-echo", KEY),), said.encode()))
    assert KEY not in answer.body.decode()
    assert "1716278" not in answer.body.decode()
    assert answer.headers == (("x-echo", credentials.sentinel),)


def test_a_key_that_a_client_knows_is_not_kept() -> None:
    credentials = Credentials(KEY)
    kept = credentials.conceal_request(Request("GET", f"/?k={KEY}", (("x-api-key", KEY),)))
    assert kept.headers == (("x-api-key", credentials.sentinel),)
    assert KEY not in kept.path


def test_a_token_is_replaced_in_answers_and_found_again_in_requests() -> None:
    credentials = Credentials(KEY)
    credentials.learn_token(TOKEN)
    shown = credentials.conceal(Response(200, (), TOKEN.encode())).body.decode()
    assert shown != TOKEN
    sent = Request("GET", "/", (("authorization", f"Bearer {shown}"),))
    assert credentials.reveal(sent).headers == (("authorization", f"Bearer {TOKEN}"),)


def test_only_the_secret_part_of_a_token_changes() -> None:
    shown = json.loads(base64.b64decode(stand_in(TOKEN)))
    assert shown.pop("token") != "0123456789abcdef0123456789abcdef"
    assert shown == {"token_type": "sa_from_regular", "created_at": 1766821066}


def test_a_request_is_by_the_key_alone_when_nothing_else_is_said() -> None:
    credentials = Credentials(KEY)
    key = ("x-api-key", credentials.sentinel)
    assert credentials.only_key(Request("GET", "/", (key,)))
    assert not credentials.only_key(Request("GET", "/", (key, ("authorization", "Bearer x"))))
    assert not credentials.only_key(Request("GET", "/", (("authorization", key[1]),)))
    assert not credentials.only_key(Request("GET", "/"))


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1))
def test_a_stand_in_has_the_length_and_the_kinds_of_signs(secret: str) -> None:
    shown = stand_in(secret)
    assert [_kind(a) for a in shown] == [_kind(b) for b in secret]


def _kind(sign: str) -> str:
    return "letter or digit" if sign.isalnum() else sign
