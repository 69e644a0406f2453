"""The shapes of answers: what was recorded, what the document says, and the union of both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.types import Message

from mock_server.core.errors import ApiError

SUCCESS = 100
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer. ``documented`` is None where the document shows no body of its own.

    The union of both lets the recorded value win, which holds the documented one.
    """

    recorded: Mapping[str, Any]
    documented: Mapping[str, Any] | None = None

    def body(self, answers: str) -> dict[str, Any]:
        """The JSON object in one of the shapes ``union``, ``documented``, ``recorded``."""
        if self.documented is None or answers == "recorded":
            return dict(self.recorded)
        if answers == "documented":
            return dict(self.documented)
        return {**self.documented, **self.recorded}


class HttpAnswer(NamedTuple):
    """What goes out for one request; Content-Length is added on the way."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes


def start_message(answer: HttpAnswer) -> Message:
    """The ASGI message that begins an answer."""
    length = str(len(answer.content)).encode()
    return {
        "type": "http.response.start",
        "status": answer.status,
        "headers": [*answer.headers, (b"content-length", length)],
    }


def enveloped(data: Any, documented: Mapping[str, Any] | None = None) -> Answer:
    """The v1 envelope around ``data``, with the flat fields of the document beside it."""
    return Answer({"code": SUCCESS, "message": "success", "data": data}, documented)


STATUS_SUCCESS: Mapping[str, Any] = {"status": "success"}


def error_body(error: ApiError) -> dict[str, Any]:
    """The API's error form."""
    return {"code": error.row.code, "message": error.message}


def to_json(body: object) -> bytes:
    """ASCII JSON: lone surrogates that came in a request stay escapes on the way out."""
    return _encode(body).encode("ascii")
