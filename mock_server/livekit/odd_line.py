"""The signalling WebSocket of a visit that goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from livekit.protocol import rtc

_UNKNOWN_FIELD = b"\xfa\x3e\x05later"  # field 1007, of length 5: no version has it
GARBAGE = b"\xff" * 16
"""No protobuf message: its first number never ends."""

FORMS = {
    "unknown": _UNKNOWN_FIELD,
    "empty": rtc.SignalResponse().SerializeToString(),
    "garbage": GARBAGE,
}


class Socket(Protocol):
    """The right line: that of ``participant``, and how the door ends it."""

    done: asyncio.Task[None]

    def send(self, message: bytes) -> None: ...

    def hang_up(self, code: int = 1000) -> None:
        """Closes after what was sent."""


class OddLine:
    """Implements ``participant.Line`` around another one.

    ``late`` is in seconds, None for never; ``after_first`` follows the first message, and
    ``told`` is called when it has done so.
    """

    def __init__(
        self,
        inner: Socket,
        *,
        late: float | None = 0.0,
        after_first: bytes | None = None,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._inner = inner
        self.done = inner.done
        self._late = late
        self._held: list[bytes] | None = []
        self._after_first = after_first
        self._told = told
        self._timer: asyncio.TimerHandle | None = None

    def send(self, message: bytes) -> None:
        if self._held is None:
            self._inner.send(message)
            return
        self._held.append(message)
        if self._late == 0:
            self._begin()
        elif self._late is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._late, self._begin)

    def hang_up(self, code: int = 1000) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._inner.hang_up(code)

    def _begin(self) -> None:
        held, self._held = self._held or [], None
        for number, message in enumerate(held):
            self._inner.send(message)
            if number == 0 and self._after_first is not None:
                self._inner.send(self._after_first)
                self._told()
