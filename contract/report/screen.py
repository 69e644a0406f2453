"""What is shown while a check runs: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self, TextIO

from contract.findings import Key, Violation
from contract.report.summary import Timing

if TYPE_CHECKING:
    from rich.progress import TaskID

_QUIET = 10.0
"""Seconds between two plain lines on the progress of a stimulus."""


class PlainScreen:
    """Lines for a log. ``clock`` is monotonic, in seconds."""

    def __init__(self, out: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._spoke: dict[str, float] = {}
        self._seen: set[Key] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def began(self, stimulus: str) -> None:
        self._spoke[stimulus] = self._clock()
        self._say(f"{stimulus}: begins")

    def moved(self, stimulus: str, done: int, total: int | None, note: str) -> None:
        now = self._clock()
        if now - self._spoke.get(stimulus, now) >= _QUIET:
            self._spoke[stimulus] = now
            self._say(f"{stimulus}: {_amount(done, total)}{f' ({note})' if note else ''}")

    def found(self, stimulus: str, violation: Violation) -> None:
        if violation.key not in self._seen:
            self._seen.add(violation.key)
            self._say(f"{stimulus}: {violation.verdict}: {_short(violation)}")

    def ended(self, timing: Timing) -> None:
        self._say(ending(timing))

    def note(self, text: str) -> None:
        self._say(text)

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class BarScreen:
    """A bar for each stimulus that runs, and violations above them as they come.

    Raises ModuleNotFoundError without rich.
    """

    def __init__(self, out: TextIO) -> None:
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self._console = Console(file=out, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description:<13}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
            transient=True,
        )
        self._bars: dict[str, TaskID] = {}
        self._seen: set[Key] = set()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def began(self, stimulus: str) -> None:
        self._bars[stimulus] = self._progress.add_task(stimulus, total=None, note="")

    def moved(self, stimulus: str, done: int, total: int | None, note: str) -> None:
        if stimulus in self._bars:
            self._progress.update(self._bars[stimulus], completed=done, total=total, note=note)

    def found(self, stimulus: str, violation: Violation) -> None:
        if violation.key not in self._seen:
            self._seen.add(violation.key)
            style = "red" if violation.verdict == "violation" else "yellow"
            self._print(f"{stimulus}: {_short(violation)}", style=style)

    def ended(self, timing: Timing) -> None:
        if timing.stimulus in self._bars:
            self._progress.remove_task(self._bars.pop(timing.stimulus))
        self._print(ending(timing), style="red" if timing.violations else "green")

    def note(self, text: str) -> None:
        self._print(text, style="yellow")

    def _print(self, text: str, *, style: str) -> None:
        self._console.print(text, style=style, markup=False)


def ending(timing: Timing) -> str:
    """One line on a stimulus that has ended."""
    end = "" if timing.complete else ", not finished"
    number = timing.violations
    broken = f"{number or 'no'} violation{'s' if number > 1 else ''}"
    return f"{timing.stimulus}: {broken} in {timing.requests} requests, {timing.seconds:.1f} s{end}"


def _amount(done: int, total: int | None) -> str:
    return f"{done} of {total}" if total else str(done)


def _short(violation: Violation) -> str:
    text = " ".join(str(violation).split())
    return text if len(text) <= 300 else f"{text[:297]}..."
