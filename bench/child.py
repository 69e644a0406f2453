"""Processes of their own: pinned to a core, asked by lines of JSON, ended whatever happens."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]
SERVING, WATCHING = 0, 1
"""Which of the available cores servers and viewers run on."""

_PATIENCE = 10.0


class ChildError(Exception):
    """A process did not do what it was started for. The text has its last words."""


@contextmanager
def pinned(place: int) -> Iterator[None]:
    """Processes started inside inherit one core; where cores cannot be chosen, any."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    cores = sorted(before)
    os.sched_setaffinity(0, {cores[place % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Child:
    """A process, as a context manager that ends it."""

    def __init__(self, command: Sequence[str], *, place: int, chatty: bool = False) -> None:
        """``chatty`` ones write logs to standard output: nobody reads it."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self.began = time.perf_counter()
        with pinned(place):
            # Its own group: Ctrl-C reaches this program alone, which ends all it has started.
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=self._log if chatty else subprocess.PIPE,
                stderr=self._log,
                process_group=0,
                env=_environment(),
            )

    @classmethod
    def module(cls, name: str, *arguments: str, place: int) -> Self:
        """``python -m name``, with this Python."""
        return cls([sys.executable, "-m", name, *arguments], place=place)

    @property
    def pid(self) -> int:
        return self._process.pid

    def line(self) -> str:
        """The next line of its output. Raises ChildError when there is none."""
        assert self._process.stdout is not None
        text = self._process.stdout.readline().decode()
        if not text:
            raise ChildError(self._last_words())
        return text.strip()

    def url(self) -> str:
        """The address of a server that says "Listening on" first, as the fake does."""
        text = self.line()
        if not text.startswith("Listening on http://"):
            raise ChildError(f"unexpected output: {text}")
        return text.removeprefix("Listening on ")

    def ask(self, question: str, **arguments: object) -> Any:
        """Its answer to a question. Raises ChildError when it refuses or ends."""
        self.begin(question, **arguments)
        return self.reply()

    def begin(self, question: str, **arguments: object) -> None:
        """Asks; :meth:`reply` waits for the answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": question, **arguments}).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ChildError(self._last_words()) from None

    def reply(self) -> Any:
        """The answer to what was begun. Raises ChildError."""
        answer = json.loads(self.line())
        if isinstance(answer, dict) and "error" in answer:
            raise ChildError(str(answer["error"]))
        return answer

    def cpu(self) -> float:
        """Seconds of processor time that all its threads have used."""
        if platform.system() == "Linux":
            # What clock_getcpuclockid(3) gives for another process: exact to the nanosecond,
            # where /proc counts in hundredths of a second.
            return time.clock_gettime((~self.pid << 3) | 2)
        ps = subprocess.run(
            ["ps", "-o", "time=", "-p", str(self.pid)], capture_output=True, text=True, check=True
        )
        seconds = 0.0
        for part in ps.stdout.strip().split(":"):
            seconds = seconds * 60 + float(part)
        return seconds

    def close(self) -> None:
        """Asks it to end, and then makes it."""
        process = self._process
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self._log.close()

    def _last_words(self) -> str:
        self._log.seek(0)
        text = self._log.read().decode(errors="replace").strip()
        name = " ".join(map(str, self._process.args[1:4]))  # type: ignore[index]
        return f"{name} ended: {text[-600:]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HEYGEN_")}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def fake(*arguments: str) -> Child:
    """The fake, as a user starts it, on a free port and without a limit of sessions."""
    return Child.module(
        "mock_server", "serve", "--port=0", "--max-sessions=0", *arguments,
        place=SERVING,
    )  # fmt: skip
