"""What is shown while clients run: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TextIO

from contract.clients.plain import plain

_QUIET = 10.0
"""Seconds between two plain lines on the progress of a phase."""
_OFTEN = 0.1
_WIDTH = 100


class Screen(Protocol):
    """Where progress is shown."""

    def began(self, phase: str, total: int | None, *, of: str = "run") -> None:
        """A phase begins, of so many runs, or of what ``of`` names."""
        ...

    def moved(self, done: int, said: str) -> None:
        """So many are done; ``said`` is what came of it so far."""
        ...

    def note(self, text: str) -> None:
        """Something worth a line of its own."""
        ...


class LineScreen:
    """Writes to ``out``; ``live``: a line of it may be written over. ``clock`` is in seconds."""

    def __init__(
        self, out: TextIO, *, live: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._out = out
        self._live = live
        self._clock = clock
        self._phase = ""
        self._total: int | None = None
        self._began = self._spoke = clock()

    def began(self, phase: str, total: int | None, *, of: str = "run") -> None:
        self._phase, self._total = phase, total
        self._began = self._clock()
        self._spoke = self._began
        what = f"{phase}: {total} {of}{'s' if total > 1 else ''}" if total else f"{phase} ..."
        if self._live:
            self._over(what)
        else:
            self._say(what)

    def moved(self, done: int, said: str) -> None:
        now = self._clock()
        if now - self._spoke < (_OFTEN if self._live else _QUIET) and done != self._total:
            return
        self._spoke = now
        of = f" of {self._total}" if self._total else ""
        text = f"{self._phase}: {done}{of}, {said}, {now - self._began:.0f} s"
        if self._live:
            self._over(text)
        elif done != self._total or now - self._began >= _QUIET:
            self._say(text)

    def note(self, text: str) -> None:
        if self._live:
            self._over("")
        text = plain(text)
        self._say(text if len(text) <= 300 else f"{text[:297]}...")

    def end(self) -> None:
        """Clears the line that changes."""
        if self._live:
            self._over("")

    def _over(self, text: str) -> None:
        self._out.write(f"\r\x1b[K{text[:_WIDTH]}")
        self._out.flush()

    def _say(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()
