"""Stand-ins for secrets: of the same form, and the same for the same secret."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
import re
import string
from collections.abc import Iterator

MIN_GLOBAL = 8
"""Characters; what is shorter is too likely to be a word of something else, and is replaced only
where its place says that it is a secret."""

_HEX = re.compile(r"[0-9a-fA-F]{16,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN_PREFIX = "eyJ0b2tlbi"  # noqa: S105 - base64 of the first characters of every token
_WORD = re.compile(r"[A-Z]?[a-z]+")
_VOWELS = "aeiou"
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"
_ACCENTED = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ"
_KEPT_CLAIMS = frozenset({"token_type", "typ", "alg"})
_ROLES = frozenset({"client", "agent"})
"""The identities in tokens of rooms, the same for everybody."""


class Pseudonyms:
    """The stand-ins of one recording. ``salt`` makes them differ between recordings."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._given: dict[str, str] = {}
        self._used: set[str] = set()
        self._addresses: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret met so far that is to be replaced wherever it stands."""
        return {
            secret: made
            for secret, made in self._given.items()
            if len(secret) >= MIN_GLOBAL and not _WORD.fullmatch(secret)
        }

    def of(self, secret: str) -> str:
        """The stand-in: length, alphabet and inner form stay.

        Empty and blank text stays, and so do UUIDs of version 1: made of a time and a place, they
        are names and no secrets (RFC 9562, section 8), those of sessions and tasks among them.
        """
        if not any(char.isalnum() for char in secret) or _is_v1(secret):
            return secret
        if secret not in self._given:
            self._given[secret] = self._new(secret)
            self._used.add(self._given[secret])
        return self._given[secret]

    def words(self, text: str) -> str:
        """Text of the same length and rhythm: a vowel for a vowel, a capital for a capital."""
        draw = self._draw(f"words {text}")
        return "".join(_letter(char, draw) for char in text)

    def address(self, text: str) -> str:
        """A documentation address (RFC 5737, RFC 3849) for an IP address.

        Loopback, unspecified, multicast and documentation addresses, and other text, stay.
        """
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return text
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            return text
        if any(
            address in network for network in _DOCUMENTATION if network.version == address.version
        ):
            return text
        known = self._addresses.get(str(address))
        if known is None:
            kind = f"{'private' if address.is_private or address.is_link_local else 'public'}"
            kind = f"{kind}{address.version}"
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            known = _documentation(kind, number)
            self._addresses[str(address)] = known
        return known

    def _new(self, secret: str) -> str:
        document = self._document(secret, urlsafe=False)
        if document is not None:
            return document
        for attempt in range(1000):
            made = self._shaped(secret, self._draw(f"{attempt} {secret}"))
            if made != secret and made not in self._used and made not in self._given:
                return made
        # So short that all of its form are taken: being told apart matters more than the length.
        return f"{secret[0]}x{len(self._used)}"

    def _shaped(self, secret: str, draw: Iterator[int]) -> str:
        if secret.startswith(_TOKEN_PREFIX):
            return _TOKEN_PREFIX + _same_form(secret[len(_TOKEN_PREFIX) :], draw)
        parts = secret.split(".")
        if len(parts) == 3 and parts[0].startswith("eyJ"):  # a JSON Web Token, RFC 7519
            claims = self._document(parts[1], urlsafe=True) or _same_form(parts[1], draw)
            return f"{parts[0]}.{claims}.{_same_form(parts[2], draw)}"
        if _UUID.fullmatch(secret):  # version and variant stay
            made = _same_form(secret, draw)
            return f"{made[:14]}{secret[14]}{made[15:19]}{secret[19]}{made[20:]}"
        return _same_form(secret, draw)

    def _document(self, text: str, *, urlsafe: bool) -> str | None:
        """Base64 of a JSON object whose texts are replaced; None for anything else."""
        padded = text + "=" * (-len(text) % 4) if urlsafe else text
        try:
            raw = base64.b64decode(padded, altchars=b"-_" if urlsafe else None, validate=True)
            value, inner = json.loads(raw), raw.decode()
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        for name, part in _texts(value):
            if name in _KEPT_CLAIMS or part in _ROLES:
                continue
            if part not in value:  # a claim's name is no secret
                inner = inner.replace(json.dumps(part), json.dumps(self.of(part)))
        made = base64.b64encode(inner.encode(), altchars=b"-_" if urlsafe else None).decode()
        return made.rstrip("=") if urlsafe else made

    def _draw(self, purpose: str) -> Iterator[int]:
        """Bytes without end that only the salt and the purpose decide."""
        block = 0
        while True:
            words = f"{block} {purpose}".encode("utf-8", "surrogatepass")
            yield from hmac.digest(self._salt, words, "sha256")
            block += 1


def _same_form(text: str, draw: Iterator[int]) -> str:
    """Character for character of the same alphabet; punctuation stays."""
    if _HEX.fullmatch(text.replace(":", "").replace("-", "")):
        # RFC 8122, section 5: fingerprints are in upper case.
        digits = "0123456789ABCDEF" if text.upper() == text else "0123456789abcdef"
        return "".join(digits[next(draw) % 16] if char.isalnum() else char for char in text)
    return "".join(_char(char, draw) for char in text)


def _char(char: str, draw: Iterator[int]) -> str:
    if char in string.digits:
        return string.digits[next(draw) % 10]
    if char in string.ascii_lowercase:
        return string.ascii_lowercase[next(draw) % 26]
    if char in string.ascii_uppercase:
        return string.ascii_uppercase[next(draw) % 26]
    if char.isalnum():
        return _ACCENTED[next(draw) % len(_ACCENTED)]
    return char


def _letter(char: str, draw: Iterator[int]) -> str:
    low = char.lower()
    for letters in (_VOWELS, _CONSONANTS):
        if low in letters and low:
            made = letters[next(draw) % len(letters)]
            return made.upper() if char.isupper() else made
    return _char(char, draw)


def _texts(value: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, part in value.items():
        if isinstance(part, str):
            yield name, part
        elif isinstance(part, dict):
            yield from _texts(part)


def _is_v1(text: str) -> bool:
    return bool(_UUID.fullmatch(text)) and text[14] == "1"


_DOCUMENTATION = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def _documentation(kind: str, number: int) -> str:
    """The nth address; after some hundreds they begin anew."""
    if kind == "private4":
        return f"192.0.2.{(number - 1) % 254 + 1}"
    if kind == "public4":
        block = ("198.51.100", "203.0.113")[(number - 1) // 254 % 2]
        return f"{block}.{(number - 1) % 254 + 1}"
    return f"2001:db8:{1 if kind == 'private6' else 2}::{number:x}"
