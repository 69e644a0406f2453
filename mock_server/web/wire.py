"""The connection below one answer, for answers that HTTP has no words for."""

from __future__ import annotations

from typing import Protocol

from starlette.types import Scope

EXTENSION = "heygen_mock.wire"
"""Its name among the extensions of an ASGI scope."""


class Wire(Protocol):
    """What writes the answers of one connection."""

    def capture(self) -> None:
        """Keeps back from now on what the server writes."""

    def release(self) -> tuple[bytes, bytes]:
        """Ends that: the head and the content that were kept back, and are not sent."""

    def write(self, data: bytes) -> None:
        """Hands over bytes."""

    def close(self) -> None:
        """Closes the connection once all is handed over."""

    def reset(self) -> None:
        """Ends the connection by a TCP RST."""

    async def lost(self) -> None:
        """Returns when the connection has ended, by whichever side."""


def wire_of(scope: Scope) -> Wire | None:
    """The connection of a request; None where the server hands over none."""
    found: Wire | None = scope.get("extensions", {}).get(EXTENSION)
    return found
