"""A WebSocket, as who talks to a server sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from contract.exchange import Headers


class RefusedError(Exception):
    """The handshake was answered with an HTTP status; 0 where nobody answered at all."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(f"status {status}: {text}" if status else text)
        self.status = status
        self.text = text


class EndedError(Exception):
    """The other side has closed the connection."""


class Wire(Protocol):
    """One open WebSocket. Not thread-safe."""

    def send(self, data: bytes | str) -> None:
        """Sends a message, a text as text. Raises EndedError."""
        ...

    def receive(self, seconds: float) -> bytes | str | None:
        """The next message; None when none comes in time. Raises EndedError."""
        ...

    def close(self) -> None:
        """Closes it. May be called twice."""
        ...


Dial = Callable[[str, Headers], Wire]
"""Opens the WebSocket at a URL. Raises RefusedError."""
