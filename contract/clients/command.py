"""Runs a command once, in a process group of its own, and leaves nothing of it behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from contract.clients.plain import plain
from contract.clients.runner import LOOK_EVERY, Address, Ended, Watch, Why
from contract.unable import UnableError

_DEADLY = frozenset(
    {signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGKILL,
     signal.SIGSEGV}
)  # fmt: skip
"""Signals that no client ends itself with to say that it was asked to end."""
_KEPT = 64 * 1024
"""Bytes that are kept of the beginning of a client's output, and as many of its end."""
_GRACE = 0.5
"""Seconds between TERM and KILL."""
_LAST_BYTES = 1.0
"""Seconds that are waited for the end of the output, when all who could write are gone."""


def _why_not(program: str) -> str:
    if os.path.isdir(program):  # noqa: PTH112 - a word
        return "cannot be run: it is a directory"
    if os.path.isfile(program):  # noqa: PTH113 - a word
        return f"cannot be run; make it executable, or name what runs it, like `-- node {program}`"
    return "is not there; give one that a shell would find"


class CommandRunner:
    """A client that is a command.

    Raises UnableError for one that is not there or cannot be run.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        if not command:
            raise UnableError("no command: write it after --, like `-- python my_client.py`")
        program = command[0]
        # First as a shell finds it: a folder of the user's may be called like a command.
        if shutil.which(program, path=environment.get("PATH")) is None:
            raise UnableError(f"the command {program!r} {_why_not(program)}")
        self._command = tuple(command)
        self._environment = {
            name: value
            for name, value in environment.items()
            if not name.startswith("HEYGEN_MOCK_")
        }

    def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
        """Runs it once. Raises UnableError when it cannot be started."""
        began = time.monotonic()
        try:
            process = subprocess.Popen(  # noqa: S603 - what the user asked for
                self._command,
                env={**self._environment, "HEYGEN_BASE_URL": at.url, "HEYGEN_API_KEY": at.key},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as problem:
            raise UnableError(f"{self._command[0]}: {problem.strerror or problem}") from None
        assert process.stdout is not None
        output = _Output(process.stdout)
        stopped: Why | None = None
        try:
            stopped = _wait(process, began + limit, watch)
            seconds = time.monotonic() - began
        finally:
            _end(process)
            output.close()
        status, by = _end_of(process.returncode)
        return Ended(
            seconds=seconds,
            status=None if stopped else status,
            signal=None if stopped else by,
            stopped=stopped,
            output=output.text(),
        )


def _end_of(code: int) -> tuple[int | None, int | None]:
    """Status and signal; only one of them is there."""
    if code < 0:
        return None, -code
    # The client may be what a shell, npm or a container runs: they end like a shell does whose
    # command was ended by a signal (POSIX.1-2017, Shell Command Language, section 2.8.2).
    return (None, code - 128) if code - 128 in _DEADLY else (code, None)


def _wait(process: subprocess.Popen[bytes], until: float, watch: Watch) -> Why | None:
    """Why it must be stopped; None when it has ended by itself."""
    over = threading.Event()

    def wait() -> None:
        process.wait()
        over.set()

    # Popen.wait with a time-out looks every 50 ms; a client may be done in 200.
    threading.Thread(target=wait, name="client", daemon=True).start()
    while True:
        remaining = until - time.monotonic()
        if over.wait(max(0.0, min(LOOK_EVERY, remaining))):
            return None
        if remaining <= 0:
            return "limit"
        if why := watch():
            return why


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends what is left of the process group: politely, then not."""
    group = process.pid
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(PermissionError):  # macOS says so of a group of zombies
            try:
                os.killpg(group, number)
            except ProcessLookupError:
                break
        if number == signal.SIGTERM and _gone(process, group, time.monotonic() + _GRACE):
            break
    process.wait()


def _gone(process: subprocess.Popen[bytes], group: int, until: float) -> bool:
    pause = 0.001
    while time.monotonic() < until:
        process.poll()
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return True
        time.sleep(pause)
        pause = min(0.02, pause * 2)
    return False


class _Output:
    """Reads all that is written, and keeps its beginning and its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._head = bytearray()
        self._tail = bytearray()
        self._lost = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, name="client's output", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Waits for the end; not for a process that left the group and holds the pipe."""
        self._thread.join(_LAST_BYTES)

    def text(self) -> str:
        """What is kept of it."""
        with self._lock:
            head, tail, lost = bytes(self._head), bytes(self._tail), self._lost
        between = f"\n[... {lost} bytes left out ...]\n".encode() if lost else b""
        return plain((head + between + tail).decode(errors="replace"))

    def _read(self) -> None:
        with self._stream, suppress(ValueError, OSError):
            while data := os.read(self._stream.fileno(), _KEPT):
                self._keep(data)

    def _keep(self, data: bytes) -> None:
        with self._lock:
            room = _KEPT - len(self._head)
            self._head += data[:room]
            self._tail += data[room:]
            over = len(self._tail) - _KEPT
            if over > 0:
                del self._tail[:over]
                self._lost += over
