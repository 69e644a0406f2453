"""Keys and tokens at the border: outside are stand-ins of the same format, inside the real ones."""

from __future__ import annotations

import base64
import json
import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from contract.exchange import CREDENTIALS, Headers, Request, Response

_HEX = re.compile(r"[0-9a-f]{16,}")
_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
_GUESSABLE = 16
"""Signs; a shorter sentinel could be somebody's real key."""
_FINDABLE = 8
"""Signs; a shorter secret stands in texts by chance, and none that is in use is as short."""


class Credentials:
    """``key`` is the real one; None where clients bring their own, which pass through.

    ``sentinel`` is what clients send in its place. Tokens that the service hands out are replaced
    by stand-ins in answers, and those by the tokens in requests.
    """

    def __init__(self, key: str | None) -> None:
        self._key = key
        self.sentinel = secrets.token_hex(16)
        if key and len(key) >= _GUESSABLE:
            self.sentinel = stand_in(key)
        self._real: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        if key:
            self._learn(key, self.sentinel)

    def learn_token(self, token: str) -> None:
        """From now on the token is hidden."""
        if token not in self._shown and token not in self._real:
            self._learn(token, stand_in(token))

    def reveal(self, request: Request) -> Request:
        """The request as the service is to see it."""
        return replace(request, headers=_mapped(request.headers, self._real))

    def conceal_request(self, request: Request) -> Request:
        """The request as it may be kept, for clients that know a real credential."""
        return Request(
            request.method,
            self._hide(request.path.encode("latin-1")).decode("latin-1"),
            self._hide_headers(request.headers),
            self._hide(request.body),
        )

    def conceal(self, response: Response) -> Response:
        """The answer as clients and records see it."""
        return Response(
            response.status, self._hide_headers(response.headers), self._hide(response.body)
        )

    def conceal_text(self, text: str) -> str:
        """Text without real credentials."""
        return self._hide(text.encode()).decode()

    def only_key(self, request: Request) -> bool:
        """Whether a client authenticates by the real key and nothing else, in its own header."""
        return self._key is not None and request.credentials == (("x-api-key", self.sentinel),)

    def _learn(self, real: str, shown: str) -> None:
        self._real[shown] = real
        self._shown[real] = shown

    def _hide(self, text: bytes) -> bytes:
        for real, shown in self._shown.items():
            if len(real) < _FINDABLE:
                continue
            # As it is, in a URL, and as JSON writers that escape slashes have it.
            for form in (str, quote, lambda value: quote(value, safe=""), _escaped):
                written = form(real).encode()
                if written in text:
                    text = text.replace(written, form(shown).encode())
        return text

    def _hide_headers(self, headers: Headers) -> Headers:
        return tuple(
            (name, self._hide(value.encode("latin-1")).decode("latin-1")) for name, value in headers
        )


def stand_in(secret: str) -> str:
    """Another text of the same length and format, at random.

    In a session token, base64 of JSON, only the hexadecimal part changes: its type and time are
    no secret, and judged.
    """
    inner = _inner(secret)
    if inner is not None:
        changed = _HEX.sub(lambda found: secrets.token_hex(len(found[0]))[: len(found[0])], inner)
        padding = len(secret) - len(secret.rstrip("="))
        text = base64.b64encode(changed.encode()).decode().rstrip("=") + "=" * padding
        if len(text) == len(secret) and text != secret:
            return text
    return "".join(_other(sign) for sign in secret)


def _inner(secret: str) -> str | None:
    try:
        text = base64.b64decode(secret + "=" * (-len(secret) % 4), validate=True).decode()
        return text if isinstance(json.loads(text), dict) and _HEX.search(text) else None
    except (ValueError, RecursionError):  # binascii.Error and UnicodeDecodeError are ValueErrors
        return None


def _other(sign: str) -> str:
    return next((secrets.choice(signs) for signs in _CLASSES if sign in signs), sign)


def _mapped(headers: Headers, real: Mapping[str, str]) -> Headers:
    return tuple(
        (name, _swapped(value, real) if name in CREDENTIALS else value) for name, value in headers
    )


def _swapped(value: str, real: Mapping[str, str]) -> str:
    """Also within a value: a key with a letter more is that of the real key, and wrong there."""
    for shown, known in real.items():
        value = value.replace(shown, known)
    return value


def _escaped(text: str) -> str:
    return text.replace("/", "\\/")
