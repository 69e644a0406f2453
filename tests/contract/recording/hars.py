"""HAR files as tools write them, made from short parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SESSION_ID = "1f86a0a2-bd4e-11ef-8f3a-0242ac110002"


def entry(
    path: str = "/v1/streaming.keep_alive",
    *,
    host: str = "https://api.heygen.com",
    method: str = "POST",
    headers: dict[str, str] | None = None,
    body: object = None,
    answer: object = None,
    **changes: Any,
) -> dict[str, Any]:
    """A whole entry; ``changes`` replace members of the entry, request or response by name.

    A change to None takes the member away.
    """
    sent = json.dumps({"session_id": SESSION_ID} if body is None else body)
    got = json.dumps(
        {"code": 100, "message": "success", "data": None} if answer is None else answer
    )
    given = (
        {"Content-Type": "application/json", "X-Api-Key": "a-key"} if headers is None else headers
    )
    made: dict[str, Any] = {
        "startedDateTime": "2025-05-01T12:00:00.000Z",
        "time": 250.0,
        "request": {
            "method": method,
            "url": host + path,
            "headers": [{"name": name, "value": value} for name, value in given.items()],
            "bodySize": len(sent),
            "postData": {"mimeType": "application/json", "text": sent},
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"size": len(got), "mimeType": "application/json", "text": got},
        },
    }
    for name, value in changes.items():
        place = next(part for part in (made, made["request"], made["response"]) if name in part)
        if value is None:
            del place[name]
        else:
            place[name] = value
    return made


def write(path: Path, *entries: object, **log: object) -> Path:
    """A file with those entries in it."""
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries, **log}}))
    return path
