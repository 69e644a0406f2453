"""The body of a request: read within limits, and parsed as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.types import Message, Receive

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.web.patience import Patience

MAX_BODY = 1024 * 1024
BODY_TIMEOUT = 30.0
"""Seconds for a whole request body; a slower client is answered 408."""


class DisconnectedError(Exception):
    """The client went away before its request was complete."""


async def read_body(receive: Receive, content_length: str, *, patience: Patience) -> bytes:
    """The whole request body. Raises ApiError (too large, too slow) or DisconnectedError."""
    if content_length.isdecimal() and len(content_length) < 20 and int(content_length) > MAX_BODY:
        raise ApiError(errors.PAYLOAD_TOO_LARGE, f"the limit is {MAX_BODY} bytes")
    try:
        return await patience.wait(_read_all(receive))
    except TimeoutError:
        raise ApiError(errors.REQUEST_TIMEOUT) from None


async def _read_all(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise ApiError(errors.PAYLOAD_TOO_LARGE, f"the limit is {MAX_BODY} bytes")
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def parse_json(raw: bytes, content_type: str) -> Any:
    """A JSON value of RFC 8259, with finite numbers only. Raises ApiError.

    A body without a Content-Type is taken for JSON; any other type is refused.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type and media_type != "application/json":
        raise ApiError(errors.UNSUPPORTED_MEDIA_TYPE, "send application/json")
    if not raw:
        raise ApiError(errors.INVALID_JSON, "the body is empty")
    try:
        return _decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ApiError(errors.INVALID_JSON, f"no UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ApiError(errors.INVALID_JSON, "nested too deeply") from None
    except ValueError as error:
        raise ApiError(errors.INVALID_JSON, str(error)[:200]) from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


_decode = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite).decode
