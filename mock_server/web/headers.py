"""The request headers that the API knows."""

from __future__ import annotations

from typing import NamedTuple

from starlette.types import Scope

from mock_server.core import errors
from mock_server.core.errors import ApiError

_NAMES = frozenset((b"x-api-key", b"authorization", b"content-type", b"content-length", b"host"))


class Headers(NamedTuple):
    """The request headers that the API knows."""

    api_key: str | None
    authorization: str | None
    content_type: str
    content_length: str
    host: str

    @classmethod
    def read(cls, scope: Scope) -> Headers:
        found: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in _NAMES:
                found.setdefault(name, value.decode("latin-1"))
        return cls(
            api_key=found.get(b"x-api-key"),
            authorization=found.get(b"authorization"),
            content_type=found.get(b"content-type", ""),
            content_length=found.get(b"content-length", ""),
            host=found.get(b"host", ""),
        )

    def bearer(self) -> str | None:
        """The Bearer value; None without the header. Raises ApiError for another scheme."""
        if self.authorization is None:
            return None
        scheme, _, value = self.authorization.partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            raise ApiError(errors.UNAUTHORIZED)
        return value.strip()
