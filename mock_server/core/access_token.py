"""Access tokens of LiveKit rooms: JSON Web Tokens (RFC 7519) signed by HS256 (RFC 7515, 7518).

What is in one is what livekit-server 1.x reads: the API key as ``iss``, the participant's identity
as ``sub``, and the grant ``video``. By hand, as it is one call of ``hmac``: a library would bring
a hundred milliseconds of import for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

LIFE = 86_400
"""Seconds from ``nbf`` to ``exp``, as in a recorded token (a public client, 2026)."""
LEEWAY = 60.0
"""Seconds by which clocks may differ, as in livekit-server's token library (go-jose)."""
MAX_TOKEN = 16_384


class TokenError(Exception):
    """A token that lets nobody in. The text says why, in words for the one who joins."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a token lets into which room, and what they may do there."""

    room: str
    identity: str
    name: str
    can_publish: bool = True
    can_publish_data: bool = True
    can_subscribe: bool = True


def claims(grant: Grant, *, key: str, now: float) -> dict[str, Any]:
    """The claims of a token that is good from ``now`` (Unix seconds) for a day."""
    begin = int(now)
    return {
        "iss": key,
        "sub": grant.identity,
        "name": grant.name,
        "nbf": begin,
        "exp": begin + LIFE,
        "video": {
            "room": grant.room,
            "roomJoin": True,
            "canPublish": grant.can_publish,
            "canPublishData": grant.can_publish_data,
            "canSubscribe": grant.can_subscribe,
        },
    }


def signed(content: Mapping[str, Any], *, secret: str) -> str:
    """The token with these claims, in the compact form."""
    head = _part({"alg": "HS256", "typ": "JWT"})
    text = f"{head}.{_part(content)}"
    return f"{text}.{_signature(text, secret)}"


def read_token(text: str, *, key: str, secret: str, now: float) -> Grant:
    """Whom the token lets in at ``now``. Raises TokenError."""
    if not text:
        raise TokenError("no access token was given")
    if len(text) > MAX_TOKEN or text.count(".") != 2 or not text.isascii():
        raise TokenError("invalid token: not a JWT")
    body, _, signature = text.rpartition(".")
    head, _, content = body.partition(".")
    if _json(head, "header").get("alg") != "HS256":
        raise TokenError("invalid token: its algorithm is not HS256")
    if not hmac.compare_digest(signature, _signature(body, secret)):
        raise TokenError("invalid token: the signature is not that of this server's secret")
    found = _json(content, "payload")
    if found.get("iss") != key:
        raise TokenError(f"invalid API key: {_shown(found.get('iss'))}")
    begin, end = _time(found, "nbf", now), _time(found, "exp", None)
    if begin - LEEWAY > now:
        raise TokenError("invalid token: it is not valid yet (nbf)")
    if end + LEEWAY < now:
        raise TokenError("invalid token: it has expired (exp)")
    return _grant(found)


def _grant(found: Mapping[str, Any]) -> Grant:
    identity, video = found.get("sub"), found.get("video")
    if not _is_text(identity) or not identity:
        raise TokenError("invalid token: it has no identity (sub)")
    if not isinstance(video, dict) or video.get("roomJoin") is not True:
        raise TokenError("permissions denied: the token does not allow to join a room (roomJoin)")
    room = video.get("room")
    if not isinstance(room, str) or not room:
        raise TokenError("permissions denied: the token names no room")
    name = found.get("name")
    return Grant(
        room=room,
        identity=identity[:256],
        name=name[:256] if _is_text(name) else "",
        # Absent means allowed, as in livekit-server (auth/grants.go, GetCanPublish).
        can_publish=video.get("canPublish") is not False,
        can_publish_data=video.get("canPublishData", video.get("canPublish")) is not False,
        can_subscribe=video.get("canSubscribe") is not False,
    )


def _is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text that protobuf can carry: JSON may have lone surrogates, UTF-8 not."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _time(found: Mapping[str, Any], name: str, default: float | None) -> float:
    value = found.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"invalid token: {name} is no time")
    return float(value) if abs(value) < 1e15 else float("inf")


def _shown(value: object) -> str:
    return repr(value)[:80]


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _signature(text: str, secret: str) -> str:
    digest = hmac.digest(secret.encode("utf-8", "surrogatepass"), text.encode(), hashlib.sha256)
    return _base64(digest)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _json(part: str, what: str) -> dict[str, Any]:
    try:
        content = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(content)
    except (binascii.Error, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TokenError(f"invalid token: its {what} is no JSON object")
    return value
