"""What a guard has opened, on disk before the service knows, for whoever has to clean up after."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from contract.unable import UnableError

_NAMES = "*.jsonl"


class Journal:
    """One run's file of JSON lines, each on disk when its method returns.

    It is locked for as long as the process lives, by the kernel, so that no other takes the run
    for dead; the lock ends with the process, however that ends. The key is never in it.
    """

    def __init__(self, directory: Path, *, target: str, key: str | None) -> None:
        """Raises UnableError where the directory cannot be written."""
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        self.path = directory / f"{stamp}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        # Under another name until it is locked: a reaper may be looking around right now.
        hidden = self.path.with_suffix(".new")
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            salt = secrets.token_hex(8)
            account = None if key is None else fingerprint(key, salt)
            self._write("run", target=target, pid=os.getpid(), salt=salt, account=account)
            hidden.rename(self.path)
            _sync_directory(directory)
        except OSError as problem:
            raise UnableError(
                f"the journal {self.path} cannot be written ({problem.strerror}); without it no "
                "session is opened: set XDG_STATE_HOME to a directory that can"
            ) from problem

    def intend(self, number: int) -> None:
        """A newSession is about to be sent."""
        self._write("intent", number=number)

    def void(self, number: int) -> None:
        """It opened nothing."""
        self._write("void", number=number)

    def opened(self, number: int, session_id: str) -> None:
        """It opened this session."""
        self._write("opened", number=number, session=session_id)

    def stopped(self, session_id: str) -> None:
        """The session has ended."""
        self._write("stopped", session=session_id)

    def close(self, *, clean: bool) -> None:
        """Ends the run; ``clean`` when nothing can be left, so that the file may go."""
        if clean:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def _write(self, event: str, **values: object) -> None:
        line = json.dumps({"event": event, "at": time.time(), **values}) + "\n"
        os.write(self._file, line.encode())
        os.fsync(self._file)


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a run has left: ``sessions`` may be open; ``unanswered`` are the Unix times at which a
    session was asked for whose id was never seen.
    """

    path: Path
    target: str
    salt: str
    account: str | None
    sessions: tuple[str, ...] = ()
    unanswered: tuple[float, ...] = ()
    stopped: tuple[str, ...] = field(default=(), repr=False)

    def of_key(self, key: str) -> bool:
        """False when the run had another key: whose sessions this one cannot stop."""
        return self.account is None or self.account == fingerprint(key, self.salt)


@contextlib.contextmanager
def leftovers(directory: Path) -> Iterator[list[Leftover]]:
    """The journals of runs that are no longer alive, oldest first.

    They stay locked for the time of the block, so that two reapers do not meet.
    """
    with contextlib.ExitStack() as stack:
        found = []
        for path in sorted(directory.glob(_NAMES)):
            file = _take(path, stack)
            if file is not None:
                leftover = read_journal(path, file.read())
                if leftover is None:
                    with contextlib.suppress(OSError):
                        path.unlink()  # it died before it could send anything
                else:
                    found.append(leftover)
        yield found


def note_stopped(leftover: Leftover, session_id: str) -> None:
    """Writes to a dead run's journal that a session of it has ended."""
    line = json.dumps({"event": "stopped", "at": time.time(), "session": session_id})
    with leftover.path.open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_journal(path: Path, content: bytes) -> Leftover | None:
    """What the content of a journal says is left; None when its first line is not there.

    A line that was cut off by the end of its process, and whatever else is no entry, counts as
    not written.
    """
    target = account = None
    salt = ""
    asked: dict[int, float] = {}
    opened: dict[str, None] = {}
    stopped: dict[str, None] = {}
    for line in content.splitlines():
        match _entry(line):
            case {"event": "run", "target": str(url), "salt": str(salt), "account": who}:
                target, account = url, who if isinstance(who, str) else None
            case {"event": "intent", "number": int(number), "at": int() | float() as at}:
                asked[number] = float(at)
            case {"event": "void", "number": int(number)}:
                asked.pop(number, None)
            case {"event": "opened", "number": int(number), "session": str(session)}:
                asked.pop(number, None)
                opened[session] = None
            case {"event": "stopped", "session": str(session)}:
                opened.pop(session, None)
                stopped[session] = None
            case _:
                pass
    if target is None:
        return None
    return Leftover(
        path=path,
        target=target,
        salt=salt,
        account=account,
        sessions=tuple(opened),
        unanswered=tuple(asked.values()),
        stopped=tuple(stopped),
    )


def fingerprint(key: str, salt: str) -> str:
    """Tells two keys apart, and gives neither away."""
    return hashlib.sha256(f"{salt}:{key}".encode()).hexdigest()[:16]


def _entry(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _take(path: Path, stack: contextlib.ExitStack) -> IO[bytes] | None:
    try:
        file = stack.enter_context(path.open("rb"))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # alive, being reaped by another, or just gone
        return None
    return file


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)  # the file's name too must outlive a crash
    finally:
        os.close(handle)
