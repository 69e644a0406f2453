"""Credentials by name, as the headers that carry them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contract.exchange import Headers

_WRONG = "no-such-key"
_TOKEN = re.compile(r"(?:(key|other key|wrong key) and )?token ([0-9]{1,3})")


def unknown_token() -> str:
    """A value of the token's format that no server has given."""
    value = {"token": "0" * 32, "token_type": "sa_from_regular", "created_at": 1735689600}
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def _key(value: str) -> tuple[str, str]:
    return ("x-api-key", value)


def _bearer(value: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {value}")


_NAMED: Mapping[str, Callable[[str, str], Headers]] = {
    "key": lambda key, _: (_key(key),),
    "bearer key": lambda key, _: (_bearer(key),),
    "lower case bearer key": lambda key, _: (("authorization", f"bearer {key}"),),
    "key and bearer key": lambda key, _: (_key(key), _bearer(key)),
    "none": lambda *_: (),
    "empty key": lambda *_: (_key(""),),
    "wrong key": lambda *_: (_key(_WRONG),),
    "key with a letter more": lambda key, _: (_key(f"{key}x"),),
    "wrong bearer": lambda *_: (_bearer(_WRONG),),
    "empty bearer": lambda *_: (("authorization", "Bearer"),),
    "no scheme": lambda key, _: (("authorization", key),),
    "basic": lambda key, _: (
        ("authorization", "Basic " + base64.b64encode(f"{key}:".encode()).decode()),
    ),
    "unknown token": lambda *_: (_bearer(unknown_token()),),
    "key and wrong bearer": lambda key, _: (_key(key), _bearer(_WRONG)),
    "wrong key and bearer key": lambda key, _: (_key(_WRONG), _bearer(key)),
    "key and unknown token": lambda key, _: (_key(key), _bearer(unknown_token())),
    "other key": lambda _, other: (_key(other),),
    "key and bearer other key": lambda key, other: (_key(key), _bearer(other)),
}

GOOD = ("bearer key", "lower case bearer key", "key and bearer key")
"""What stands for the subject's account as well as its key does."""
BAD = (
    "none", "empty key", "wrong key", "key with a letter more", "wrong bearer", "empty bearer",
    "no scheme", "basic", "unknown token", "key and wrong bearer", "wrong key and bearer key",
    "key and unknown token",
)  # fmt: skip
"""What stands for nobody, whatever was done before."""
BAD_WITH_OTHER = ("key and bearer other key",)
"""The same, where there is another account."""


def token_number(name: str) -> int | None:
    """The number of the token that the credentials name; None when they name none."""
    found = _TOKEN.fullmatch(name)
    return None if found is None else int(found[2])


def known(name: str, *, tokens: int, other: bool) -> bool:
    """Whether the credentials can be made from that many tokens, and another account's key."""
    if "other key" in name and not other:
        return False
    number = token_number(name)
    return name in _NAMED if number is None else number < tokens


def headers(name: str, *, key: str, other_key: str | None, tokens: Sequence[str]) -> Headers:
    """The headers of the named credentials. Raises KeyError for a name that is none."""
    found: Any = _TOKEN.fullmatch(name)
    if found is None:
        return _NAMED[name](key, other_key or "")
    bearer = _bearer(tokens[int(found[2])])
    keys = {"key": key, "other key": other_key or "", "wrong key": _WRONG}
    return (bearer,) if found[1] is None else (_key(keys[found[1]]), bearer)
