from __future__ import annotations

import base64
import json

from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.core.tokens import looks_like_token, token_text


def test_a_token_is_base64_of_what_was_recorded() -> None:
    text = token_text("0123456789abcdef0123456789abcdef", 1734651255.9)
    assert json.loads(base64.b64decode(text)) == {
        "token": "0123456789abcdef0123456789abcdef",
        "token_type": "sa_from_regular",
        "created_at": 1734651255,
    }
    assert looks_like_token(text)


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_only_an_object_with_a_token_has_the_form() -> None:
    assert looks_like_token(encoded({"token": "x"}))
    assert not looks_like_token(encoded({"other": "x"}))
    assert not looks_like_token(encoded(["token"]))
    assert not looks_like_token(encoded("token"))


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
@example("W" * 100_000)
@example(base64.b64encode(b"[" * 3000).decode())
@example(base64.b64encode(b"9" * 3000).decode())
@example("ключ")
def test_any_text_is_either_a_token_or_a_key(text: str) -> None:
    assert looks_like_token(text) in (True, False)
