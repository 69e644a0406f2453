"""Where to test: the fake as a process of its own, the real API, or any URL."""

from __future__ import annotations

import json
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Literal, Self
from urllib.parse import urlsplit

from contract.exchange import UnreachableError
from contract.unable import UnableError

_REAL_DOMAIN = "heygen.com"
_LISTENING = "Listening on "
_START_TIME = 60.0
"""Seconds; the fake needs one on an idle machine."""
_END_TIME = 5.0
_LAST_MOMENT = 0.3


@dataclass(frozen=True, slots=True)
class Target:
    """``url``, without a slash at its end, is always set for the kind ``url``, and for ``real``
    where another server stands in its place.
    """

    kind: Literal["fake", "real", "url"]
    url: str | None = None

    def __str__(self) -> str:
        return f"real ({self.url})" if self.kind == "real" and self.url else self.url or self.kind


def parse_target(text: str) -> Target:
    """Reads a ``--target``. Raises UnableError that names the value and the remedy."""
    if text in {"fake", "real"}:
        return Target("fake" if text == "fake" else "real")
    return Target("url", parse_url(text))


def parse_url(text: str, *, real: bool = False) -> str:
    """A base URL without a slash at its end; the real API's only with ``real``.

    Raises UnableError that names the value and the remedy.
    """
    example = "http://127.0.0.1:8000"
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise UnableError(f"target {text!r} is no URL; give one like {example}")
    if "://" not in text:
        raise UnableError(
            f"target {text!r} is none of fake, real and a URL"
            + (f"; did you mean http://{text}?" if ":" in text or "." in text else "")
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise UnableError(f"target {text!r}: {problem}; give a URL like {example}") from None
    if parts.scheme not in {"http", "https"}:
        raise UnableError(f"target {text!r}: {parts.scheme}: is not spoken; use http: or https:")
    if not host or port == 0:
        raise UnableError(f"target {text!r} names no host and port; give a URL like {example}")
    if parts.username is not None or parts.password is not None:
        raise UnableError(f"target with credentials at {host!r}: leave them out, use --api-key")
    if "/v1" in parts.path or parts.query or parts.fragment:
        raise UnableError(
            f"target {text!r}: leave out what follows the host: {parts.scheme}://{parts.netloc}"
        )
    name = host.rstrip(".").lower()
    if not real and (name == _REAL_DOMAIN or name.endswith(f".{_REAL_DOMAIN}")):
        raise UnableError(
            f"target {text!r} is the real API, where sessions cost credits: use --target real"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class FakeProcess:
    """``heygen-mock serve`` on a free port of this machine, for as long as the block runs.

    It has two API keys, thus two accounts. Raises UnableError where it does not start.
    """

    def __init__(
        self,
        *,
        media: Literal["none", "real"] = "none",
        keys: Sequence[str] = (),
        arguments: Sequence[str] = (),
    ) -> None:
        self.keys = tuple(keys)[:2]
        while len(self.keys) < 2:
            self.keys = (*self.keys, f"key-{secrets.token_hex(12)}")
        self.url = ""
        self._command = [
            sys.executable, "-P", "-m", "mock_server", "serve",
            "--port", "0", "--media", media, "--log-level", "warning",
            *(word for key in self.keys for word in ("--api-key", key)),
            *arguments,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile()
        # A session of its own: Ctrl-C is for the judge, which still has sessions to stop.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            env=environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        try:
            self.url = self._first_line()
            self._call("GET", "health")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        assert self._errors is not None
        self._process.terminate()
        try:
            self._process.wait(_END_TIME)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._errors.close()

    @property
    def process_id(self) -> int | None:
        """Its number; None before the block."""
        return None if self._process is None else self._process.pid

    def advance(self, seconds: float) -> None:
        """Moves its clock on. Raises UnreachableError when it is gone."""
        self._call("POST", "clock", {"advance": seconds})

    def reset(self) -> None:
        """All as at its start. Raises UnreachableError when it is gone."""
        self._call("POST", "reset", {})

    def last_words(self) -> str:
        """What a fake that died by itself wrote at last; empty while it lives.

        Its sockets are closed a moment before it has ended: that moment is waited for.
        """
        if self._process is None or self._errors is None or self._errors.closed:
            return ""
        try:
            self._process.wait(_LAST_MOMENT)
        except subprocess.TimeoutExpired:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        said = " | ".join(line.strip() for line in lines[-12:] if line.strip())
        return f"ended with status {self._process.returncode}: {said or 'it said nothing'}"

    def _first_line(self) -> str:
        assert self._process is not None
        out = self._process.stdout
        assert out is not None
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

        def read() -> None:
            with out:
                lines.put(out.readline())
                while out.read(65536):  # a full pipe would block it
                    pass

        threading.Thread(target=read, name="fake's output", daemon=True).start()
        try:
            line = lines.get(timeout=_START_TIME).decode(errors="replace").strip()
        except queue.Empty:
            raise UnableError(f"the fake did not start within {_START_TIME:.0f} s") from None
        if not line.startswith(_LISTENING):
            self._process.wait()
            raise UnableError(f"the fake does not start: it {self.last_words()}")
        return line.removeprefix(_LISTENING)

    def _call(self, method: str, name: str, body: Mapping[str, float] | None = None) -> None:
        request = urllib.request.Request(  # noqa: S310 - the URL is that of our own process
            f"{self.url}/__mock__/{name}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        # No proxy of the environment: it may not reach this machine's loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                answer.read()
        except OSError as problem:  # URLError is one
            words = self.last_words() or str(problem)
            raise UnreachableError(f"the fake at {self.url} does not answer: {words}") from problem


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """What the fake runs in: the judge's, without a real key and without the user's settings."""
    hidden = ("HEYGEN_API_KEY", "HEYGEN_BASE_URL", "HEYGEN_MOCK_")
    return {name: value for name, value in outer.items() if not name.startswith(hidden)}
