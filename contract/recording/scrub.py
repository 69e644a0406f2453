"""Takes what is secret out of exchanges, and leaves what the contract judges."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping

from contract.exchange import Exchange, Headers
from contract.recording.places import (
    USER_TEXT,
    scrub_field,
    scrub_header,
    scrub_query,
    scrub_text,
    scrub_user_text,
)
from contract.recording.pseudonyms import MIN_GLOBAL, Pseudonyms

_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_KEY = re.compile(r"\s*:")


def scrub(
    exchanges: Iterable[Exchange], *, user_text: bool = False, salt: bytes | None = None
) -> list[Exchange]:
    """The exchanges with stand-ins for keys, tokens, cookies, addresses and the like.

    A stand-in has the form of what it stands for, and is the same wherever that stood: what the
    contract says of the exchanges stays what it was. What a user has the avatar say and know is
    kept, unless ``user_text`` asks for its replacement too. ``salt`` decides the stand-ins;
    without it they are drawn.
    """
    scrubber = _Scrubber(Pseudonyms(salt or secrets.token_bytes(16)), user_text=user_text)
    found = [scrubber.exchange(exchange) for exchange in exchanges]
    # Only now is every secret known that one exchange shows in its place and another by chance.
    known = _Known(scrubber.secrets)
    return [scrubber.again(exchange, known) for exchange in found]


class _Known:
    """Finds secrets in any text. A recording has thousands: too many for one expression."""

    _PLACE = re.compile(rf"(?<![A-Za-z0-9])(?=(.{{{MIN_GLOBAL}}}))", re.DOTALL)

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._stand_ins = secrets
        self._by_start: dict[str, list[str]] = {}
        for secret in sorted(secrets, key=len, reverse=True):
            self._by_start.setdefault(secret[:MIN_GLOBAL], []).append(secret)

    def replace(self, text: str) -> str:
        """The text with stand-ins; a secret within a longer word is none."""
        parts: list[str] = []
        end = 0
        for place in self._PLACE.finditer(text):
            at = place.start()
            for secret in self._by_start.get(place[1], ()) if at >= end else ():
                after = text[at + len(secret) : at + len(secret) + 1]
                if text.startswith(secret, at) and not (after.isascii() and after.isalnum()):
                    parts += [text[end:at], self._stand_ins[secret]]
                    end = at + len(secret)
                    break
        return "".join([*parts, text[end:]]) if parts else text


class _Scrubber:
    def __init__(self, pseudonyms: Pseudonyms, *, user_text: bool) -> None:
        self._pseudonyms = pseudonyms
        self._user_text = user_text

    def exchange(self, exchange: Exchange) -> Exchange:
        return self._rewritten(
            exchange,
            path=lambda path: scrub_query(path, self._pseudonyms),
            header=lambda name, value: scrub_header(name, value, self._pseudonyms),
            body=self._body,
        )

    @property
    def secrets(self) -> dict[str, str]:
        """Those that are to be replaced wherever they stand."""
        return self._pseudonyms.secrets

    def again(self, exchange: Exchange, known: _Known) -> Exchange:
        def query(path: str) -> str:
            where, mark, rest = path.partition("?")
            return where + mark + known.replace(rest)

        return self._rewritten(
            exchange,
            path=query,
            header=lambda _, value: known.replace(value),
            body=known.replace,
        )

    def _rewritten(
        self,
        exchange: Exchange,
        *,
        path: Callable[[str], str],
        header: Callable[[str, str], str],
        body: Callable[[str], str],
    ) -> Exchange:
        def message(headers: Headers, old: bytes) -> tuple[Headers, bytes]:
            new = _rewrite(old, body)
            made = tuple((name, header(name, value)) for name, value in headers)
            return _lengths(made, len(old), len(new)), new

        request, response = exchange.request, exchange.response
        asked, sent = message(request.headers, request.body)
        answered, received = message(response.headers, response.body)
        return dataclasses.replace(
            exchange,
            request=dataclasses.replace(request, path=path(request.path), headers=asked, body=sent),
            response=dataclasses.replace(response, headers=answered, body=received),
        )

    def _body(self, text: str) -> str:
        """Any text; the strings of JSON in it are read by the names of their fields.

        Only what changes is written anew: white space, escapes and mistakes stay as they were.
        """
        parts: list[str] = []
        end = 0
        name = ""
        for found in _LITERAL.finditer(text):
            parts.append(scrub_text(text[end : found.start()], self._pseudonyms))
            end = found.end()
            value = _value(found[0])
            if _KEY.match(text, end):
                name = value or ""
                parts.append(found[0])
            elif value is None:
                parts.append(scrub_text(found[0], self._pseudonyms))
            else:
                made = self._field(name, value)
                closed = found[0] if made == value else _literal(found[0], made)
                parts.append(closed)
        parts.append(scrub_text(text[end:], self._pseudonyms))
        return "".join(parts)

    def _field(self, name: str, value: str) -> str:
        if name not in USER_TEXT:
            return scrub_field(name, value, self._pseudonyms)
        if self._user_text:
            return self._pseudonyms.words(value)
        return scrub_user_text(value, self._pseudonyms)


def _lengths(headers: Headers, old: int, new: int) -> Headers:
    """Documentation addresses are longer or shorter than others; what was true stays true."""
    before, after = ("content-length", str(old)), ("content-length", str(new))
    return tuple(after if pair == before else pair for pair in headers)


def _rewrite(body: bytes, change: Callable[[str], str]) -> bytes:
    if not body:
        return body
    encoding: str = json.detect_encoding(body)
    try:
        text = body.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        encoding, text = "latin-1", body.decode("latin-1")
    made = change(text)
    if made == text:
        return body
    try:
        return made.encode(encoding, "surrogatepass")
    except UnicodeEncodeError:  # pragma: no cover - stand-ins fit into every encoding above
        return made.encode()


def _value(literal: str) -> str | None:
    """The string that a JSON literal is; None for none, for instance one that is cut off."""
    closed = literal if len(literal) > 1 and literal.endswith('"') else f'{literal}"'
    try:
        value = json.loads(closed, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _literal(old: str, value: str) -> str:
    if any(char < " " for char in old):  # no JSON, and it must not become any
        made = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        made = json.dumps(value, ensure_ascii=old.isascii())
    return made if len(old) > 1 and old.endswith('"') else made[:-1]
