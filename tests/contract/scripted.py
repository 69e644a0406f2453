"""A server of raw sockets that answers with the bytes it is given."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Scripted:
    """``received`` are the requests, ``accepted`` counts connections."""

    port: int
    received: list[bytes] = field(default_factory=list)
    accepted: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def scripted(
    *connections: Sequence[bytes], tls: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """For each connection in turn, the answers to its requests; after the last it is closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Scripted(listener.getsockname()[1])

    def serve() -> None:
        with suppress(OSError):
            for answers in connections:
                plain, _ = listener.accept()
                server.accepted += 1
                with plain, suppress(OSError):
                    _answer(tls.wrap_socket(plain, server_side=True) if tls else plain, answers)

    def _answer(connection: socket.socket, answers: Sequence[bytes]) -> None:
        with connection:
            for answer in answers:
                request = _request(connection)
                if not request:
                    return
                server.received.append(request)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        # Closing a socket does not wake up who waits in accept.
        for _ in connections:
            with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
                pass
        listener.close()
        thread.join()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
