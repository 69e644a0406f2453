"""An open socket of JSON texts: what it was told, and what it says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from contract.wire import Dial, EndedError, Wire

_PIECE = 0.05
"""Seconds for which is waited at one time."""
_MOST = 1000
"""Messages that are read without waiting."""


@dataclass(frozen=True, slots=True)
class Told:
    """One message. ``body`` is empty where it is no JSON object in a text."""

    content: bytes | str
    body: dict[str, Any]

    @classmethod
    def read(cls, content: bytes | str) -> Told:
        """Never raises."""
        try:
            body = json.loads(content) if isinstance(content, str) else None
        except (ValueError, RecursionError):
            body = None
        return cls(content, body if isinstance(body, dict) else {})


class Line:
    """Opens at once. Raises RefusedError.

    Not thread-safe; nothing is read but in :meth:`attend`. ``names`` is the field that says what a
    message is.
    """

    def __init__(
        self, dial: Dial, url: str, *, names: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.told: list[Told] = []
        self.ended = False
        """Whether the server has hung up."""
        self._names = names
        self._clock = clock
        self._wire: Wire = dial(url, ())

    def attend(self, until: Callable[[Line], object], seconds: float) -> bool:
        """Listens until the condition is true, the time is up or the server has hung up.

        Whether it became true.
        """
        deadline = self._clock() + seconds
        while not until(self):
            left = deadline - self._clock()
            if left <= 0 or self.ended:
                return False
            self._listen(min(left, _PIECE))
        return True

    def catch_up(self) -> None:
        """Reads what has come, and waits for nothing."""
        for _ in range(_MOST):  # a server may talk without end
            before = len(self.told)
            self._listen(0.0)
            if len(self.told) == before or self.ended:
                return

    def say(self, data: bytes | str) -> None:
        """Says it; to a server that has hung up, nothing."""
        with suppress(EndedError):
            self._wire.send(data)

    def say_json(self, **body: object) -> None:
        """Says a message of these fields."""
        self.say(json.dumps(body))

    def close(self) -> None:
        """Hangs up."""
        self._wire.close()

    def kind(self, told: Told) -> str:
        """What a message is; "" where it does not say."""
        name = told.body.get(self._names)
        return name if isinstance(name, str) else ""

    def kinds(self, since: int = 0) -> list[str]:
        """What was told from the message of that number on."""
        return [self.kind(told) for told in self.told[since:]]

    def all_of(self, kind: str, since: int = 0) -> list[dict[str, Any]]:
        """The messages of one kind, from that of a number on."""
        return [told.body for told in self.told[since:] if self.kind(told) == kind]

    def _listen(self, seconds: float) -> None:
        try:
            content = self._wire.receive(seconds)
        except EndedError:
            self.ended = True
            return
        if content is not None:
            self.told.append(Told.read(content))
