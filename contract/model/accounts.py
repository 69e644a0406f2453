"""Who calls: API keys, session tokens, and what the judge knows of either."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass, replace

from contract.exchange import Exchange, Request
from contract.model.knowledge import Knowledge

TOKEN_LIFE = 3600.0
"""Seconds; rule token-expires."""
SLACK = 2.0


@dataclass(slots=True)
class ModelToken:
    """``session_id`` is the session it opened, None while unspent; ``refused`` says that a
    newSession with it was refused. Times in Unix seconds.
    """

    text: str
    account: str | None
    created: tuple[float, float]
    session_id: str | None = None
    refused: bool = False
    made: Exchange | None = None
    """The createToken that gave it; None for one of an earlier time."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials of a request stand for.

    ``valid`` is None where the judge cannot tell. ``rule`` says why they are not valid, or what
    is to blame when valid ones are refused.
    """

    rule: str
    valid: bool | None
    account: str | None = None
    token: ModelToken | None = None
    bearer: bool = False


class Accounts:
    """The tokens that were given, and which keys are valid."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.tokens: dict[str, ModelToken] = {}

    def identify(self, request: Request, *, now: float, hidden: bool) -> Identity:
        """Who sends ``request`` at ``now``; ``hidden`` says that a recording left it out."""
        if hidden:
            return Identity("credentials-required", None)
        key, authorization = request.header("x-api-key"), request.header("authorization")
        if authorization is None:
            return self._key(key, "credentials-required")
        scheme, _, value = authorization.partition(" ")
        value = value.strip()
        if scheme.lower() != "bearer" or not value:
            # A header that is no bearer value at all may be passed over where a key is given.
            return Identity("credentials-required", None if key else False, account=key)
        bearer = self._bearer(value, now)
        if key is None:
            return bearer
        named = self._key(key, "both-credentials")
        if bearer.valid is False or named.valid is False:
            return Identity(rule="both-credentials", valid=False)
        if named.account != bearer.account:
            sure = bearer.valid and named.valid and bearer.account is not None
            return Identity("both-credentials", False if sure else None)
        both = bearer.valid and named.valid
        return Identity("both-credentials", both, named.account, bearer.token, bearer=True)

    def _key(self, key: str | None, rule: str) -> Identity:
        if not key:
            return Identity(rule=rule, valid=False)
        known = self._knowledge
        if known.accepts_any_key or (known.keys is not None and key in known.keys):
            return Identity(rule=rule, valid=True, account=key)
        return Identity(rule=rule, valid=None if known.keys is None else False, account=key)

    def _bearer(self, value: str, now: float) -> Identity:
        token = self.tokens.get(value)
        if token is None:
            if not looks_like_token(value):
                found = self._key(value, "credentials-required")
                return replace(found, bearer=True)
            # What was made before a recording began cannot be known.
            valid = False if self._knowledge.complete else None
            return Identity("credentials-required", valid, bearer=True)
        first, last = token.created
        if now > last + TOKEN_LIFE + SLACK:
            return Identity(
                "token-expires", valid=False, account=token.account, token=token, bearer=True
            )
        maybe = now > first + TOKEN_LIFE - SLACK
        rule = "token-own-session" if token.session_id else "token-one-session"
        return Identity(rule, None if maybe else True, token.account, token, bearer=True)

    def meet(self, request: Request, account: str | None) -> None:
        """A call with a bearer value of an earlier time succeeded: it is a token of ``account``."""
        _, _, value = (request.header("authorization") or "").partition(" ")
        value = value.strip()
        if looks_like_token(value) and value not in self.tokens:
            self.tokens[value] = ModelToken(value, account, (-math.inf, math.inf))


def looks_like_token(value: str) -> bool:
    """Whether a bearer value has the form of a session token, so that it is no API key."""
    try:
        content = json.loads(base64.b64decode(value, validate=True))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and "token" in content
