"""The few calls of the API that tests of viewers make themselves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen


class Calls:
    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def call(self, path: str, body: object = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"x-api-key": self._key, "content-type": "application/json"}
        with urlopen(Request(self._url + path, content, headers), timeout=10) as answer:
            return json.load(answer)

    def new(self, **body: object) -> tuple[str, str]:
        data = self.call("/v1/streaming.new", body)["data"]
        return data["session_id"], data["sdp"]["sdp"]

    def start(self, session_id: str, kind: str, sdp: str) -> str | None:
        body = {"session_id": session_id, "sdp": {"type": kind, "sdp": sdp}}
        data = self.call("/v1/streaming.start", body)["data"]
        return None if data is None else str(data["sdp"]["sdp"])

    def statuses(self) -> list[str]:
        sessions = self.call("/v1/streaming.list")["data"]["sessions"]
        return [session["status"] for session in sessions]

    def eventually(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)
