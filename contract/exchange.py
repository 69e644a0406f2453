"""One request and its answer as frozen values: what stimuli make and the Monitor judges."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Headers = tuple[tuple[str, str], ...]
"""Names in lower case, in the order sent."""

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
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        return _first(self.headers, name)

    @cached_property
    def json(self) -> Any:
        """The body's value. Raises ValueError for what is not JSON."""
        return json.loads(self.body)

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


Send = Callable[[Request], Response]
"""Sends one request and waits for the answer. Raises UnreachableError."""


def _first(headers: Headers, name: str) -> str | None:
    return next((value for known, value in headers if known == name), None)
