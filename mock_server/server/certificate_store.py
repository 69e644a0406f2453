"""Where the certificate is kept, so that it need be trusted only once: the user's data directory.

Servers may start at the same time: one of them makes it, under a lock, and the others read it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mock_server.server.certificate import Pair, UnusableError, make_pair, read_pair

CERTIFICATE, KEY, LOCK = "certificate.pem", "key.pem", "lock"


class StoreError(Exception):
    """The directory cannot be used. The text names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A pair in its files. ``anew`` says why it replaced another; empty where it did not."""

    pair: Pair
    certificate: Path
    key: Path
    anew: str = ""


def data_directory(environment: Mapping[str, str], platform: str) -> Path:
    """Where this user's programs keep their data.

    By XDG Base Directory 0.8, and on macOS by Apple's File System Programming Guide. Raises
    StoreError when the user has no home.
    """
    given = environment.get("XDG_DATA_HOME", "")
    try:
        if platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "heygen-mock"
        if given.startswith("/"):  # the specification: other paths are to be ignored
            return Path(given) / "heygen-mock"
        return Path.home() / ".local" / "share" / "heygen-mock"
    except RuntimeError:
        raise StoreError(
            "the TLS certificate is kept in the home directory, and there is none: set HOME"
        ) from None


def keep_pair(names: Iterable[str], *, directory: Path, now: datetime) -> Kept:
    """The pair that is kept there, or else a new one, which is kept there from now on.

    A new one is for the names of the one it replaces too, or two servers with other names would
    have theirs made anew for ever. Raises StoreError.
    """
    names = frozenset(names)
    store = _Store(directory)
    try:
        try:
            return store.look(names, now)
        except UnusableError:
            pass
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with store.locked():
            try:  # another server may have made it by now
                return store.look(names, now)
            except UnusableError as why:
                return store.make(names, now, why=str(why))
    except OSError as error:
        raise StoreError(
            f"the TLS certificate cannot be kept in {directory}: {error.strerror or error}; make "
            "that a directory that can be written, or set "
            "XDG_DATA_HOME (on macOS: HOME) to another"
        ) from None


class _Store:
    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._certificate, self._key = directory / CERTIFICATE, directory / KEY

    def look(self, names: frozenset[str], now: datetime) -> Kept:
        """Raises UnusableError, and OSError where nobody can look."""
        pair = read_pair(_read(self._certificate), _read(self._key))
        pair.check(names, now=now)
        if self._key.stat().st_mode & 0o077:  # copied there, by somebody who may own it
            with contextlib.suppress(OSError):
                self._key.chmod(0o600)
        return Kept(pair, self._certificate, self._key)

    def make(self, names: frozenset[str], now: datetime, *, why: str) -> Kept:
        before, key = _read(self._certificate), _read(self._key)
        with contextlib.suppress(UnusableError):
            names |= read_pair(before, key).names
        pair = make_pair(names, now=now, key=key)
        self._write(self._key, pair.key, mode=0o600)
        self._write(self._certificate, pair.certificate, mode=0o644)
        return Kept(pair, self._certificate, self._key, anew=why if before or key else "")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        with (self._directory / LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed
            yield

    def _write(self, path: Path, content: bytes, *, mode: int) -> None:
        """Whole or not at all, and never readable for more than ``mode`` says."""
        number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=self._directory)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                os.fchmod(number, mode)
                os.fsync(number)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise


def _read(path: Path) -> bytes:
    """Its bytes; none where there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
