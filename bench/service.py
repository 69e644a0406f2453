"""A client of the five calls that the benchmarks need."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bench.signalling import Signalling

KEY = "bench"
_KEPT = 2.0
"""Seconds after which a connection is made anew: servers end silent ones, uvicorn after five."""


class ServiceError(Exception):
    """The server refused a call."""


class Service:
    """Calls a server over one connection that is kept; blocking."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=60
        )
        self._used = 0.0

    def new(self) -> tuple[str, str]:
        """Opens a 720p session: its id and the server's offer."""
        data = self.call("new", {"quality": "medium", "avatar_name": "Ada"})["data"]
        return data["session_id"], data["sdp"]["sdp"]

    def room(self) -> tuple[str, Signalling]:
        """Opens and starts a 720p session of v2: its id and who joins its room."""
        body = {"quality": "medium", "avatar_name": "Ada", "version": "v2"}
        data = self.call("new", body)["data"]
        self.call("start", {"session_id": data["session_id"]})
        return data["session_id"], Signalling(data["url"], data["access_token"])

    def start(self, session_id: str, answer: str) -> None:
        sdp = {"type": "answer", "sdp": answer}
        self.call("start", {"session_id": session_id, "sdp": sdp})

    def speak(self, session_id: str, text: str) -> None:
        body = {"session_id": session_id, "text": text, "task_type": "repeat"}
        self.call("task", body)

    def interrupt(self, session_id: str) -> None:
        self.call("interrupt", {"session_id": session_id})

    def stop(self, session_id: str) -> None:
        self.call("stop", {"session_id": session_id})

    def call(self, name: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The JSON answer of ``/v1/streaming.name``. Raises ServiceError."""
        now = time.monotonic()
        if now - self._used > _KEPT:
            self._connection.close()
        self._used = now
        self._connection.request(
            "POST",
            f"/v1/streaming.{name}",
            body=json.dumps(body),
            headers={"content-type": "application/json", "x-api-key": KEY},
        )
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise ServiceError(f"streaming.{name}: {answer.status} {content[:200].decode()}")
        value: dict[str, Any] = json.loads(content)
        return value

    def close(self) -> None:
        self._connection.close()
