"""WebSockets over the library of that name, in plain threads."""

from __future__ import annotations

from contextlib import ExitStack, suppress

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from contract.exchange import Headers
from contract.wire import EndedError, RefusedError

_PATIENCE = 10.0
"""Seconds for a handshake."""
_GOODBYE = 1.0
"""Seconds for the other side to close as well."""
_MOST, _MOST_BYTES = 10_000, 32 * 2**20
"""What is read of one socket: who says more is hung up on, as a flood would fill the memory."""


class Socket:
    """Implements ``contract.wire.Wire``."""

    def __init__(self, connection: ClientConnection, stack: ExitStack) -> None:
        """``stack`` closes the connection."""
        self._connection = connection
        self._stack = stack
        self._messages = self._bytes = 0

    def send(self, data: bytes | str) -> None:
        """Sends a message, a text as text. Raises EndedError."""
        try:
            self._connection.send(data)
        except ConnectionClosed as problem:
            raise EndedError from problem

    def receive(self, seconds: float) -> bytes | str | None:
        """The next message; None when none comes in time. Raises EndedError."""
        if self._messages >= _MOST or self._bytes >= _MOST_BYTES:
            self.close()
            raise EndedError
        try:
            message = self._connection.recv(seconds)
        except TimeoutError:
            return None
        except ConnectionClosed as problem:
            raise EndedError from problem
        self._messages += 1
        self._bytes += len(message)
        return message

    def close(self) -> None:
        """Closes it. May be called twice."""
        with suppress(OSError):
            self._stack.close()


def dial(url: str, headers: Headers = ()) -> Socket:
    """Opens the WebSocket at ``url``. Raises RefusedError."""
    stack = ExitStack()
    try:
        connection = stack.enter_context(
            connect(
                url,
                additional_headers=list(headers),
                compression=None,
                open_timeout=_PATIENCE,
                close_timeout=_GOODBYE,
                # Whoever looks in seldom is as good a viewer.
                ping_interval=None,
                # A proxy of the environment is for the world outside.
                proxy=None,
            )
        )
    except InvalidStatus as problem:
        body = problem.response.body or b""
        status = problem.response.status_code
        raise RefusedError(status, body[:300].decode(errors="replace")) from problem
    except (InvalidHandshake, OSError, ValueError) as problem:
        raise RefusedError(0, str(problem)) from problem
    return Socket(connection, stack)
