"""The judge's own WebSockets, with servers that do as they like."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from contract.rooms import sockets
from contract.rooms.sockets import dial
from contract.wire import EndedError


@contextmanager
def served(handler: Callable[[ServerConnection], None]) -> Iterator[str]:
    """The URL of a server, each of whose visitors gets the handler."""
    with serve(handler, "127.0.0.1", 0, compression=None, close_timeout=1) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host, port = server.socket.getsockname()[:2]
        try:
            yield f"ws://{host}:{port}"
        finally:
            server.shutdown()
            thread.join()


def flood(visitor: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        while True:
            visitor.send(bytes(1000))


@pytest.mark.parametrize("limit", ["_MOST", "_MOST_BYTES"])
def test_who_talks_without_end_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    most = {"_MOST": 50, "_MOST_BYTES": 50_000}[limit]
    monkeypatch.setattr(sockets, limit, most)
    with served(flood) as url:
        socket = dial(url)
        for _ in range(50):
            assert socket.receive(10) == bytes(1000)
        for _ in range(2):
            with pytest.raises(EndedError):
                socket.receive(10)


def test_silence_is_none_and_the_end_is_told() -> None:
    def wait(visitor: ServerConnection) -> None:
        assert visitor.recv() == "go"

    with served(wait) as url:
        socket = dial(url)
        assert socket.receive(0) is None
        socket.send("go")
        with pytest.raises(EndedError):
            socket.receive(10)
        with pytest.raises(EndedError):
            socket.send(b"anybody?")
        socket.close()
