"""One entry of a HAR as an exchange."""

from __future__ import annotations

import base64
import binascii
import math
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from contract.exchange import CREDENTIALS, Exchange, Headers, Part, Request, Response
from contract.recording.recording import RecordingError

Skipped = Literal["preflight", "unanswered", "redirect", "guard"]

_DECODED = frozenset({"content-encoding", "transfer-encoding"})
"""Headers that are no longer true: content.text is the body after both are undone (HAR 1.2)."""
_FILTERED = frozenset({"[filtered]", "[redacted]", "<redacted>", "***"})
"""What tools write in the place of credentials, schemathesis 4 the first of them."""
_GUARD = "x-guard"
"""The header of what the guard itself answered: no server said it."""


def read_entry(
    entry: dict[str, Any], *, number: int, place: str, path: str, own: bool
) -> Exchange | Skipped:
    """The exchange that a HAR entry is, or why it is none. ``path`` is without host and prefix.

    Raises RecordingError that begins with ``place``.
    """
    request, response = entry["request"], entry.get("response")
    method = request.get("method")
    if not isinstance(method, str) or not method:
        raise RecordingError(f"{place} has no request.method; export the recording again")
    if method.upper() == "OPTIONS":
        return "preflight"
    if response is None:
        return "unanswered"
    if not isinstance(response, dict):
        raise RecordingError(f"{place}: response is no object; export the recording again")
    status = response.get("status")
    if status is None or status in (0, -1):  # aborted, blocked, or still waiting
        return "unanswered"
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 999:
        raise RecordingError(f"{place}: response.status is {_short(status)}, not an HTTP status")
    if status == 307 and response.get("statusText") == "Internal Redirect":
        return "redirect"  # Chromium's own, to https: or by an extension; no server said it
    began = _began(entry, place)
    answered = _answered(response, place)
    if any(name == _GUARD for name, _ in answered):
        return "guard"
    unknown: set[Part] = set()
    if own:
        unknown |= _marked(entry)
    asked = _headers(request, f"{place}: request.headers")
    shown = tuple(pair for pair in asked if not _is_filtered(*pair))
    if shown != asked and not any(name in CREDENTIALS for name, _ in shown):
        unknown.add("credentials")
    sent = _request_body(request, shown, place)
    if sent is None:
        unknown.add("request body")
    received = _response_body(response, place)
    if received is None and method.upper() != "HEAD" and status not in (204, 304):
        unknown.add("response body")
    return Exchange(
        number=number,
        request=Request(method, path, shown, sent or b""),
        response=Response(status, answered, received or b""),
        began=began,
        ended=began + _duration(entry),
        unknown=frozenset(unknown),
    )


def _began(entry: dict[str, Any], place: str) -> float:
    text = entry.get("startedDateTime")
    try:
        began = datetime.fromisoformat(text)  # type: ignore[arg-type] # TypeError below
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        return began.timestamp()
    except (TypeError, ValueError, OverflowError):
        raise RecordingError(
            f"{place}: startedDateTime is {_short(text)}, not a time like "
            "2025-05-01T12:00:00.000Z; export the recording again"
        ) from None


def _duration(entry: dict[str, Any]) -> float:
    """Seconds; ``time`` is in milliseconds, and -1 or absent where the exporter has none."""
    time = entry.get("time")
    if isinstance(time, bool) or not isinstance(time, int | float):
        return 0.0
    return time / 1000 if 0 < time < 1e9 and math.isfinite(time) else 0.0


def _headers(message: dict[str, Any], place: str) -> Headers:
    found = message.get("headers")
    if found is None:
        return ()
    if not isinstance(found, list):
        raise RecordingError(f"{place} is no list; export the recording again")
    headers = []
    for header in found:
        name = header.get("name") if isinstance(header, dict) else None
        value = header.get("value") if isinstance(header, dict) else None
        if not isinstance(name, str) or not isinstance(value, str):
            raise RecordingError(f"{place} has {_short(header)}, which is no name and value")
        if not name.startswith(":"):  # pseudo-headers, RFC 9113 section 8.3
            headers.append((name.lower(), value))
    return tuple(headers)


def _answered(response: dict[str, Any], place: str) -> Headers:
    headers = _headers(response, f"{place}: response.headers")
    if headers:
        encoded = any(name in _DECODED for name, _ in headers)
        untrue = _DECODED | ({"content-length"} if encoded else set())
        return tuple(pair for pair in headers if pair[0] not in untrue)
    content = response.get("content")
    media_type = content.get("mimeType") if isinstance(content, dict) else None
    if isinstance(media_type, str) and "/" in media_type and media_type != "x-unknown":
        return (("content-type", media_type),)
    return ()


def _request_body(request: dict[str, Any], headers: Headers, place: str) -> bytes | None:
    """None where there was one that the file leaves out."""
    data = request.get("postData")
    if isinstance(data, dict):
        text = data.get("text")
        if isinstance(text, str):
            return _bytes(text, data.get("encoding", data.get("_encoding")), f"{place}: postData")
        params = data.get("params")
        if isinstance(params, list) and params:
            pairs = [(str(p.get("name")), str(p.get("value") or "")) for p in params if _is_map(p)]
            try:
                return urlencode(pairs).encode()
            except UnicodeEncodeError:
                return None
    declared = next((value for name, value in headers if name == "content-length"), None)
    size = request.get("bodySize")
    if declared is not None:
        return b"" if declared.strip() == "0" else None
    if isinstance(size, int | float) and size >= 0:
        return b"" if size == 0 else None
    typed = any(name == "content-type" for name, _ in headers)
    return None if typed or (not headers and request["method"].upper() == "POST") else b""


def _response_body(response: dict[str, Any], place: str) -> bytes | None:
    """None where the file leaves it out."""
    content = response.get("content")
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(text, str):
        return None
    return _bytes(text, content.get("encoding"), f"{place}: response.content")


def _bytes(text: str, encoding: object, place: str) -> bytes:
    if encoding != "base64":
        # Half a surrogate pair stays what no reader of UTF-8 takes.
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        raise RecordingError(f"{place}.text is not base64; export the recording again") from None


def _is_filtered(name: str, value: str) -> bool:
    bare = value.strip().lower().removeprefix("bearer ")
    return name in CREDENTIALS and bare in _FILTERED


def _marked(entry: dict[str, Any]) -> set[Part]:
    """What this program noted as unknown when it wrote the entry."""
    note = entry.get("_contract")
    parts = note.get("unknown") if isinstance(note, dict) else None
    known: tuple[Part, ...] = ("credentials", "request body", "response body")
    return {part for part in known if isinstance(parts, list) and part in parts}


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
