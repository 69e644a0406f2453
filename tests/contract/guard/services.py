"""Small services to stand behind a guard, on loopback, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mock_server import MockServer

KEY = "NjY0YmQ2ZTk4ZjQ1-secret-1716278=="


@dataclass(frozen=True)
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Said:
    status: int
    body: bytes = b'{"code":100,"message":"success","data":null}'
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)


@contextmanager
def service(answer: Callable[[Heard], Said]) -> Iterator[tuple[str, list[Heard]]]:
    """The URL of a service that answers so, and what it hears."""
    heard: list[Heard] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for each answer

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.rfile.read(int(self.headers.get("content-length", 0)))
            names = {name.lower(): value for name, value in self.headers.items()}
            heard.append(Heard(self.command, self.path, names))
            said = answer(heard[-1])
            self.send_response_only(said.status)
            for name, value in said.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            with suppress(ConnectionError):  # who asked may have given up
                self.wfile.write(said.body)
                self.wfile.flush()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fake() -> MockServer:
    """The fake in the place of the real API: one account, as many sessions as asked for."""
    return MockServer(media="none", api_key=[KEY], max_sessions=0)


def open_sessions(server: MockServer) -> list[str]:
    """The sessions that the fake has open."""
    closed = {"closed", "closing"}
    return [row["session_id"] for row in server.sessions() if row["status"] not in closed]
