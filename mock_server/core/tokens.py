"""Session tokens: their text, and what a Bearer value is.

A token is base64 of ``{"token": "<32 hex>", "token_type": "sa_from_regular", "created_at": N}``,
as recorded by public clients in 2025 and 2026.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass


@dataclass(slots=True)
class Token:
    """A token of ``account``. ``session_id`` is the session it opened, None while unspent."""

    text: str
    account: str
    created_at: float
    session_id: str | None = None


def token_text(secret: str, created_at: float) -> str:
    """The wire form of a token; ``secret`` is 32 hexadecimal digits."""
    value = {"token": secret, "token_type": "sa_from_regular", "created_at": int(created_at)}
    return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()


def looks_like_token(bearer: str) -> bool:
    """Whether a Bearer value has the token's format, so that it can never be an API key."""
    if len(bearer) > 4096:
        return False
    try:
        value = json.loads(base64.b64decode(bearer, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "token" in value
