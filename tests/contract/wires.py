"""A WebSocket whose server says what a test has written down."""

from __future__ import annotations

from collections.abc import Iterable

from contract.exchange import Headers
from contract.wire import EndedError


class ScriptedWire:
    """Implements ``contract.wire.Wire``: says its messages, then hangs up, or says no more."""

    def __init__(self, messages: Iterable[bytes | str] = (), *, ends: bool = True) -> None:
        self._messages = list(messages)
        self._ends = ends
        self.sent: list[bytes | str] = []
        self.url = ""
        self.headers: Headers = ()
        self.closed = False

    def dial(self, url: str, headers: Headers) -> ScriptedWire:
        self.url, self.headers = url, headers
        return self

    def send(self, data: bytes | str) -> None:
        if self._ends and not self._messages:
            raise EndedError
        self.sent.append(data)

    def receive(self, seconds: float) -> bytes | str | None:
        if self._messages:
            return self._messages.pop(0)
        if self._ends:
            raise EndedError
        return None

    def close(self) -> None:
        self.closed = True
