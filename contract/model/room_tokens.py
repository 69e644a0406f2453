"""What the tokens of a LiveKit room must say, read without the key that they were signed with."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

VALID_FOR = 86_400
"""Seconds between nbf and exp; a public client, 2026-02."""
_GRANTS = ("roomJoin", "canPublish", "canPublishData", "canSubscribe")


def judge_token(token: str, *, room: str, identity: str) -> str | None:
    """What is wrong with a token for that room and identity; None when it fits."""
    try:
        head, claims = _parts(token)
    except ValueError:
        return "no JSON Web Token"
    if head.get("alg") != "HS256":
        return f"alg {head.get('alg')}"
    if not isinstance(claims.get("iss"), str) or not claims["iss"]:
        return "no iss"
    if claims.get("sub") != identity:
        return f"sub {claims.get('sub')!r:.80}"
    video = claims.get("video")
    if not isinstance(video, dict) or video.get("room") != room:
        return "a token for another room, or for none"
    lacking = [name for name in _GRANTS if video.get(name) is not True]
    if lacking:
        return f"a token without {', '.join(lacking)}"
    begins, ends = claims.get("nbf"), claims.get("exp")
    if not isinstance(begins, int) or not isinstance(ends, int):
        return "no nbf and exp"
    if ends - begins != VALID_FOR:
        return f"valid for {ends - begins} s"
    return None


def _parts(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims (RFC 7519, section 7.2). Raises ValueError for what is no such token."""
    head, claims, signature = token.split(".")
    values = [json.loads(_decoded(part)) for part in (head, claims)]
    if not signature or not all(isinstance(value, dict) for value in values):
        raise ValueError("not two objects and a signature")
    return values[0], values[1]


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
