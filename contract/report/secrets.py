"""Finds the secrets in exchanges: what the API gave to one client only, and who calls by what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contract.exchange import CREDENTIALS, Exchange

_FIELDS = frozenset({"token", "access_token", "livekit_agent_token", "credential"})
"""createToken's and newSession's tokens, and the password of a TURN server (RFC 8656)."""


def all_secrets(exchanges: Sequence[Exchange]) -> set[str]:
    """What neither side of the exchanges would show to others."""
    return secrets_of(exchanges) | credentials_of(exchanges)


def secrets_of(exchanges: Iterable[Exchange]) -> set[str]:
    """The values of such fields in the answers."""
    found: set[str] = set()
    for exchange in exchanges:
        try:
            _collect(exchange.response.json, found)
        except ValueError:
            continue  # no JSON: nothing that a client could have read
    return found


def credentials_of(exchanges: Iterable[Exchange]) -> set[str]:
    """What the requests say who calls by: keys, tokens and cookies, without a scheme's name."""
    found: set[str] = set()
    for exchange in exchanges:
        for name, value in exchange.request.headers:
            if name == "cookie":
                found.add(value)
            elif name in CREDENTIALS:
                found.add(value.partition(" ")[2].strip() or value)
    return found


def _collect(value: object, found: set[str]) -> None:
    if isinstance(value, dict):
        for name, each in value.items():
            if name in _FIELDS and isinstance(each, str):
                found.add(each)
            else:
                _collect(each, found)
    elif isinstance(value, list):
        for each in value:
            _collect(each, found)
