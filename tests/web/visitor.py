"""A client of a WebSocket, in the process of the site, as strict about messages as a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import Message, Scope

from tests.web.site import Headers, Site


@dataclass(frozen=True, slots=True)
class Closed:
    code: int
    reason: str


class Visitor:
    """One WebSocket. ``refusal`` is (status, code, message) if the handshake was refused."""

    def __init__(self, site: Site, path: str, headers: Headers = (), *, reads: bool = True) -> None:
        self._site = site
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._reads = asyncio.Event()
        if reads:
            self._reads.set()
        self._head: Message | None = None
        self._told: list[Any] = []
        self.accepted = False
        self.refusal: tuple[int, int, str] | None = None
        self.closed: Closed | None = None
        self._task = site.loop.create_task(
            site.app(_scope(path, headers), self._inbox.get, self._send), name="socket"
        )
        self.settle()

    async def _send(self, message: Message) -> None:
        if self.accepted:
            await self._reads.wait()
        assert self.closed is None
        assert self.refusal is None
        match message["type"]:
            case "websocket.http.response.start":
                assert not self.accepted
                assert (b"content-type", b"application/json") in message["headers"]
                self._head = message
            case "websocket.http.response.body":
                assert self._head is not None
                body = json.loads(message["body"])
                assert body.keys() == {"code", "message"}
                self.refusal = self._head["status"], body["code"], body["message"]
            case "websocket.accept":
                assert not self.accepted
                self.accepted = True
            case "websocket.send":
                assert self.accepted
                self._told.append(json.loads(message["text"]))
            case "websocket.close":
                self.closed = Closed(message["code"], message["reason"])
                # As uvicorn does.
                self._inbox.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    def settle(self, seconds: float = 0.001) -> None:
        """Lets everything happen that is due within ``seconds``, which cost no time."""
        self._site.run(asyncio.sleep(seconds))
        if self._task.done():
            self._task.result()

    def say(self, *messages: bytes | str | dict[str, Any]) -> None:
        for message in messages:
            if isinstance(message, bytes):
                self._inbox.put_nowait({"type": "websocket.receive", "bytes": message})
            else:
                text = message if isinstance(message, str) else json.dumps(message)
                self._inbox.put_nowait({"type": "websocket.receive", "text": text})
        self._site.run(self._read())
        self.settle()

    async def _read(self) -> None:
        while not (self._inbox.empty() or self._task.done()):  # noqa: ASYNC110
            await asyncio.sleep(0)

    def told(self) -> list[Any]:
        """What it was told since it was last asked."""
        self.settle()
        told, self._told = self._told, []
        return told

    def leave(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        self._site.run(asyncio.wait([self._task], timeout=5))
        assert self._task.done()
        self.settle()


def _scope(path: str, headers: Headers) -> Scope:
    path, _, query = path.partition("?")
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers],
        "subprotocols": [],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }
