"""What is asked of a deployment over HTTP, and what its answers mean."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mock_server.core.access_token import Grant, TokenError, read_token
from mock_server.livekit.outside.deployment import Deployment, DeploymentError

KEY, SECRET = "devkey", "secret"


@dataclass
class Stand:
    """A server that answers everything in the same way, and keeps what it was asked."""

    status: int
    text: str
    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def deployment(self) -> Deployment:
        return Deployment(f"ws://127.0.0.1:{self.port}", KEY, SECRET)


@contextmanager
def standing(status: int, text: str) -> Iterator[Stand]:
    stand = Stand(status, text)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers["Authorization"].removeprefix("Bearer ")
            stand.asked.append((self.command, self.path, token, body))
            self.send_response(stand.status)
            self.end_headers()
            self.wfile.write(stand.text.encode())

        def log_message(self, *arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        stand.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield stand
        finally:
            server.shutdown()
            thread.join()


def claims_of(token: str) -> dict[str, object]:
    import base64

    content = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))))


def test_a_deployment_that_lets_the_avatar_in_is_fine() -> None:
    with standing(200, "success") as stand:
        stand.deployment.check("room-1")
    ((method, path, token, _),) = stand.asked
    assert (method, path) == ("GET", "/rtc/validate")
    grant = read_token(token, key=KEY, secret=SECRET, now=time.time())
    assert grant == Grant("room-1", "heygen", "heygen")


def test_a_refusal_is_told_with_the_words_of_the_deployment() -> None:
    with (
        standing(401, "invalid API key: devkey") as stand,
        pytest.raises(DeploymentError, match="HTTP 401 invalid API key: devkey"),
    ):
        stand.deployment.check("room-1")


def test_a_room_is_deleted_with_a_token_that_may_do_so_and_joins_nothing() -> None:
    with standing(200, "{}") as stand:
        stand.deployment.delete_room("room-1")
    ((method, path, token, body),) = stand.asked
    assert (method, path) == ("POST", "/twirp/livekit.RoomService/DeleteRoom")
    assert json.loads(body) == {"room": "room-1"}
    assert claims_of(token)["video"] == {"room": "room-1", "roomCreate": True, "roomAdmin": True}
    with pytest.raises(TokenError, match="roomJoin"):
        read_token(token, key=KEY, secret=SECRET, now=time.time())


def test_a_room_that_nobody_ever_joined_is_deleted_already() -> None:
    with standing(404, '{"code":"not_found","msg":"room not found"}') as stand:
        stand.deployment.delete_room("room-1")


@pytest.mark.parametrize(
    ("status", "text"),
    [(404, "404 page not found"), (404, "[]"), (401, '{"code":"unauthenticated"}')],
)
def test_a_room_that_cannot_be_deleted_is_told(status: int, text: str) -> None:
    with standing(status, text) as stand, pytest.raises(DeploymentError, match=f"HTTP {status}"):
        stand.deployment.delete_room("room-1")


def test_a_deployment_that_is_not_there_cannot_be_reached() -> None:
    with pytest.raises(DeploymentError, match="cannot be reached"):
        Deployment("ws://127.0.0.1:9", KEY, SECRET).check("room-1")


def test_a_host_without_tls_cannot_be_reached_over_wss() -> None:
    with standing(200, "success") as stand:
        secure = Deployment(f"wss://127.0.0.1:{stand.port}", KEY, SECRET)
        with pytest.raises(DeploymentError, match="cannot be reached"):
            secure.check("room-1")


def test_the_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Deployment("ws://127.0.0.1:9", "devkey", "hidden"))
