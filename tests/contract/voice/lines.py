"""A socket that says what a test has written down."""

from __future__ import annotations

import json
from collections.abc import Iterable

from contract.exchange import Headers
from contract.voice.line import Line
from contract.wire import EndedError


class ScriptedWire:
    """Implements ``contract.wire.Wire``: says its messages, then hangs up, or says no more."""

    def __init__(self, messages: Iterable[bytes | str] = (), *, ends: bool = False) -> None:
        self._messages = list(messages)
        self._ends = ends
        self.sent: list[bytes | str] = []
        self.closed = False

    def dial(self, url: str, headers: Headers) -> ScriptedWire:
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


def told(*messages: object, names: str = "event_type", ends: bool = False) -> Line:
    """A line that was told all of these: bytes and texts as they are, all else as JSON."""
    written = [one if isinstance(one, bytes | str) else json.dumps(one) for one in messages]
    line = Line(ScriptedWire(written, ends=ends).dial, "ws://chat", names=names)
    line.catch_up()
    return line
