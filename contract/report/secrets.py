"""Finds the secrets in exchanges: what the API gave to one client only."""

from __future__ import annotations

from collections.abc import Iterable

from contract.exchange import Exchange

_FIELDS = frozenset({"token", "access_token", "credential"})
"""createToken's and newSession's tokens, and the password of a TURN server (RFC 8656)."""


def secrets_of(exchanges: Iterable[Exchange]) -> set[str]:
    """The values of such fields in the answers."""
    found: set[str] = set()
    for exchange in exchanges:
        try:
            _collect(exchange.response.json, found)
        except ValueError:
            continue  # no JSON: nothing that a client could have read
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
