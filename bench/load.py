"""The process that sends many requests: ``python -m bench.load HOST PORT``, asked by JSON lines."""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Callable

_CONNECTIONS = 8


class Caller:
    """Requests over kept connections, one on the way on each."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._socks: list[socket.socket] = []
        self._selector = selectors.DefaultSelector()

    def send(self, request: str, count: int) -> dict[str, object]:
        """Sends the same bytes so many times: the statuses that came, with how often, and rate."""
        if not self._socks:
            self._connect()
        data = request.encode()
        statuses: dict[str, int] = {}
        sent = done = 0
        began = time.perf_counter()
        for sock in self._socks[:count]:
            sock.sendall(data)
            sent += 1
        while done < count:
            for key, _ in self._selector.select():
                sock = key.data
                status = _read_answer(sock)
                statuses[status] = statuses.get(status, 0) + 1
                done += 1
                if sent < count:
                    sock.sendall(data)
                    sent += 1
        return {"statuses": statuses, "rate": count / (time.perf_counter() - began)}

    def leave(self) -> dict[str, object]:
        """Closes the connections; the next requests make new ones."""
        for sock in self._socks:
            self._selector.unregister(sock)
            sock.close()
        self._socks.clear()
        return {}

    def _connect(self) -> None:
        for _ in range(_CONNECTIONS):
            sock = socket.create_connection((self._host, self._port), timeout=30)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socks.append(sock)
            self._selector.register(sock, selectors.EVENT_READ, sock)


def _read_answer(sock: socket.socket) -> str:
    data = _more(sock)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(sock)
    place = data.lower().index(b"content-length:") + 15
    length = int(data[place : data.index(b"\r", place)])
    missing = end + 4 + length - len(data)
    while missing > 0:
        missing -= len(_more(sock))
    return data[9:12].decode()


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError("the server closed a connection")
    return data


def main() -> None:
    caller = Caller(sys.argv[1], int(sys.argv[2]))
    actions: dict[str, Callable[..., object]] = {"send": caller.send, "leave": caller.leave}
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(actions[command.pop("do")](**command)), flush=True)


if __name__ == "__main__":
    main()
