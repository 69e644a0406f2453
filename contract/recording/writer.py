"""Writes recordings as HAR 1.2 that developer tools open."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from contract.exchange import Exchange, Headers
from contract.recording.recording import RecordingError


def write_har(
    exchanges: Iterable[Exchange],
    path: Path,
    *,
    base_url: str,
    spec_version: str,
    tool_version: str,
    date: float,
    comment: str = "",
) -> None:
    """Writes the exchanges, completely or not at all: a file of that name is replaced at the end.

    ``base_url`` stands before every path; ``date`` is in Unix seconds. Nothing is scrubbed here.
    Raises RecordingError.
    """
    when = _time(date)
    about = f"Contract {spec_version} of the HeyGen Streaming API, recorded {when}"
    document = {
        "log": {
            "version": "1.2",
            "creator": {"name": "heygen-contract", "version": tool_version},
            "pages": [],
            "entries": [_entry(exchange, base_url.rstrip("/")) for exchange in exchanges],
            "comment": f"{about}. {comment}" if comment else about,
            "_contract": {"spec": spec_version, "tool": tool_version, "date": when},
        }
    }
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(document, indent=1) + "\n", encoding="ascii")
        part.replace(path)
    except OSError as problem:
        raise RecordingError(f"{path} cannot be written: {problem.strerror}") from problem
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _entry(exchange: Exchange, base_url: str) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    took = max(0.0, exchange.ended - exchange.began) * 1000
    sent: dict[str, Any] = {
        "method": request.method,
        "url": base_url + request.path,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": _query(request.path),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    media_type = request.header("content-type") or ""
    if "request body" in exchange.unknown:
        sent["bodySize"] = -1
    elif request.body:
        sent["postData"] = {"mimeType": media_type, "params": [], **_text(request.body, "_")}
    content: dict[str, Any] = {
        "size": len(response.body),
        "mimeType": response.header("content-type") or "",
    }
    if "response body" not in exchange.unknown:
        content |= _text(response.body, "")
    entry = {
        "startedDateTime": _time(exchange.began),
        "time": round(took, 3),
        "request": sent,
        "response": {
            "status": response.status,
            "statusText": _reason(response.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(response.headers),
            "content": content,
            "redirectURL": response.header("location") or "",
            "headersSize": -1,
            "bodySize": len(response.body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(took, 3), "receive": 0},
    }
    if exchange.unknown:
        entry["_contract"] = {"unknown": sorted(exchange.unknown)}
    return entry


def _text(body: bytes, prefix: str) -> dict[str, str]:
    """HAR 1.2 has ``encoding`` for answers only; elsewhere a name of one's own begins with _."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), f"{prefix}encoding": "base64"}


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _query(path: str) -> list[dict[str, str]]:
    pairs = parse_qsl(path.partition("?")[2], keep_blank_values=True)
    return [{"name": name, "value": value} for name, value in pairs]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
