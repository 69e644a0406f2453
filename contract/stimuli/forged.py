"""Tokens that nobody may be let in with, made of a good one without its key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any


def forgeries(token: str) -> Iterator[tuple[str, str]]:
    """(what is wrong with it, the token). Nothing but an empty one, where the token is none."""
    yield "no token", ""
    yield "what is no token", "nonsense"
    parts = token.split(".")
    if len(parts) != 3 or not parts[2]:
        return
    head, claims, signature = parts
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    yield "a wrong signature", f"{head}.{claims}.{other}"
    yield "no signature", f"{head}.{claims}."
    yield "the algorithm none", f"{_written({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    try:
        said: dict[str, Any] = json.loads(_read(claims))
        video: dict[str, Any] = {**said["video"]}
    except (ValueError, KeyError, TypeError):
        return
    another = {**said, "video": {**video, "room": "00000000-0000-11f0-8000-000000000000"}}
    yield "another room's claims", f"{head}.{_written(another)}.{signature}"
    yield "another's identity", f"{head}.{_written({**said, 'sub': 'heygen'})}.{signature}"
    yield "a longer life", f"{head}.{_written({**said, 'exp': 4_000_000_000})}.{signature}"


def _read(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _written(value: object) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
