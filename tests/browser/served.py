"""What the browser talks to: the fake as a process of its own, and a site of another origin."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

KEY = "test-key"
"""The key that the page at ``/`` starts with, so that both kinds of test share an account."""


@dataclass(frozen=True, slots=True)
class Fake:
    """A running ``heygen-mock serve``."""

    url: str

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of an answer. Raises HTTPError for a refusal."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Api-Key": KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def token(self) -> str:
        token = self.call("POST", "/v1/streaming.create_token")["data"]["token"]
        assert isinstance(token, str)
        return token

    def open_sessions(self) -> list[str]:
        """The ids that streaming.list shows as connected."""
        sessions = self.call("GET", "/v1/streaming.list")["data"]["sessions"]
        return [one["session_id"] for one in sessions if one["status"] == "connected"]

    @contextmanager
    def set(self, **settings: object) -> Iterator[None]:
        """Changes live settings for a while."""
        before = self.call("GET", "/__mock__/settings")
        self.call("PATCH", "/__mock__/settings", settings)
        try:
            yield
        finally:
            self.call("PATCH", "/__mock__/settings", {name: before[name] for name in settings})

    def session(self, session_id: str) -> dict[str, Any]:
        """What the control API knows of a session, closed ones too."""
        session = self.call("GET", f"/__mock__/sessions/{session_id}")
        assert isinstance(session, dict)
        return session


@contextmanager
def serve_fake() -> Iterator[Fake]:
    command = [sys.executable, "-m", "mock_server", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            assert first.startswith("Listening on http://"), first
            # An unread pipe would stall the server once it is full.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield Fake(first.removeprefix("Listening on ").strip())
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def serve_files(files: Mapping[str, Path]) -> Iterator[str]:
    """Serves files under the given paths on a port, and so an origin, of their own."""
    types = {".html": "text/html", ".js": "text/javascript"}

    class Handler(BaseHTTPRequestHandler):
        served: ClassVar[Mapping[str, Path]] = files

        def do_GET(self) -> None:
            path = self.served.get(self.path.partition("?")[0])
            if path is None:
                self.send_error(404)
                return
            body = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", types[path.suffix])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet: a request line per file says nothing about a failed test."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
