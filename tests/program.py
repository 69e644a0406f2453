"""``heygen-mock`` as a process of its own, and plain sockets to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

COMMAND = (sys.executable, "-m", "mock_server")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The caller's, without settings of the fake."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("HEYGEN_", "COV_"))}
    return {**kept, **more}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass
class Program:
    """A running ``heygen-mock serve``."""

    process: subprocess.Popen[str]
    first_line: str
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return self.first_line.removeprefix("Listening on ").strip()

    def call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Api-Key": "key", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        return socket.create_connection((parts.hostname, parts.port or 80), timeout=20)

    def raw(self, *chunks: bytes, half_close: bool = False) -> bytes:
        """All that comes back for some bytes, until the server closes or stays silent."""
        with self.connect() as connection:
            try:
                for chunk in chunks:
                    connection.sendall(chunk)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused in the middle: what was answered is read below
            return read_all(connection)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, float]:
        """Exit code, standard error, and the seconds it took."""
        before = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(30)
        took = time.monotonic() - before
        if self.reader is not None:
            self.reader.join()
        assert self.process.stderr is not None
        return code, self.process.stderr.read(), took


def read_all(connection: socket.socket, *, silence: float = 5.0) -> bytes:
    connection.settimeout(silence)
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except (TimeoutError, ConnectionResetError):
        pass
    return received


@contextmanager
def serve(*arguments: str, **variables: str) -> Iterator[Program]:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--media", "none", *arguments],
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        program = Program(process, first)
        program.reader = threading.Thread(target=program.lines.extend, args=(process.stdout,))
        program.reader.start()
        yield program
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
