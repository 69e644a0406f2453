"""One request and its answer as frozen values: what stimuli make and the Monitor judges."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Headers = tuple[tuple[str, str], ...]
"""Names in lower case, in the order sent."""

CREDENTIALS = frozenset({"x-api-key", "authorization"})
"""The headers that say who calls."""

Part = Literal["credentials", "request body", "response body"]


@dataclass(frozen=True)
class Request:
    """``path`` as it was sent, without host; ``body`` is empty where there is none."""

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return _first(self.headers, name)

    @cached_property
    def json(self) -> Any:
        """The body's value. Raises ValueError for what is not JSON."""
        return _read(self.body)

    @property
    def members(self) -> dict[str, Any]:
        """Those of the body's JSON object; empty where it is none."""
        return _members(self)

    @property
    def credentials(self) -> Headers:
        """Those headers that say who calls."""
        return tuple(header for header in self.headers if header[0] in CREDENTIALS)


@dataclass(frozen=True)
class Response:
    """``status`` as an int; ``body`` is empty where there is none."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return _first(self.headers, name)

    @cached_property
    def json(self) -> Any:
        """The body's value. Raises ValueError for what is not JSON."""
        return _read(self.body)

    @property
    def members(self) -> dict[str, Any]:
        """Those of the body's JSON object; empty where it is none."""
        return _members(self)

    @property
    def media_type(self) -> str:
        """The content type in lower case, without parameters."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Exchange:
    """A request, its answer, and when: Unix seconds on the judge's clock.

    ``unknown`` names the parts that a recording left out: they are empty here, which says nothing.
    """

    number: int
    request: Request
    response: Response
    began: float
    ended: float
    unknown: frozenset[Part] = frozenset()


class UnreachableError(Exception):
    """No answer could be had. The message names the address and the reason."""


_LONGEST_INTEGER = 308
"""Characters: 10**308 is a double, 10**309 is none."""

Send = Callable[[Request], Response]
"""Sends one request and waits for the answer. Raises UnreachableError."""


def whole(text: str) -> int:
    """A JSON integer. Raises ValueError for one that fits no double (RFC 8259, section 6)."""
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"{text[:40]} is beyond every number")
    return int(text)


def _read(body: bytes) -> Any:
    """Also what only lenient readers take for JSON: how strict to be is for who judges it."""
    try:
        return json.loads(body, parse_int=whole)
    except RecursionError:
        raise ValueError("deeper than any message of the API") from None


def _members(message: Request | Response) -> dict[str, Any]:
    try:
        value = message.json
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _first(headers: Headers, name: str) -> str | None:
    return next((value for known, value in headers if known == name), None)
