"""The process that sends many requests: ``python -m bench.load HOST PORT``, asked by JSON lines."""

from __future__ import annotations

import json
import socket
import sys
import time

_CONNECTIONS = 8


class Caller:
    """Requests over kept connections, one on the way on each."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socks: list[socket.socket] = []

    def send(self, request: str, count: int) -> dict[str, object]:
        """Sends the same bytes so many times: the statuses that came, with how often, and rate."""
        if not self._socks:
            self._connect()
        data = request.encode()
        statuses: dict[str, int] = {}
        left = count
        began = time.perf_counter()
        while left > 0:
            busy = self._socks[:left]
            for sock in busy:
                sock.sendall(data)
            for sock in busy:
                status = _read_answer(sock)
                statuses[status] = statuses.get(status, 0) + 1
            left -= len(busy)
        return {"statuses": statuses, "rate": count / (time.perf_counter() - began)}

    def leave(self) -> dict[str, object]:
        """Closes the connections; Prism ends them by itself after five seconds of silence."""
        for sock in self._socks:
            sock.close()
        self._socks.clear()
        return {}

    def _connect(self) -> None:
        for _ in range(_CONNECTIONS):
            sock = socket.create_connection((self._host, self._port), timeout=30)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socks.append(sock)


def _read_answer(sock: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(sock)
    head, _, body = data.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    lengths = [f.partition(":")[2] for f in fields if f.lower().startswith("content-length:")]
    missing = int(lengths[0]) - len(body)
    while missing > 0:
        missing -= len(_more(sock))
    return status.split()[1]


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError("the server closed a connection")
    return data


def main() -> None:
    caller = Caller(sys.argv[1], int(sys.argv[2]))
    actions = {"send": caller.send, "leave": caller.leave}
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(actions[command.pop("do")](**command)), flush=True)


if __name__ == "__main__":
    main()
