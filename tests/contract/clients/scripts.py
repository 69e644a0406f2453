"""Small clients as files: they use urllib, and a description that fits any offer on paper."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from contract.clients.command import CommandRunner
from contract.clients.runner import Why

_BEGIN = """\
import json, os, sys, time, urllib.error, urllib.request

BASE, KEY = os.environ["HEYGEN_BASE_URL"], os.environ["HEYGEN_API_KEY"]


def call(operation, body=None, method="POST", timeout=0.5):
    request = urllib.request.Request(
        f"{BASE}/v1/streaming.{operation}",
        method=method,
        data=json.dumps(body or {}).encode() if method == "POST" else None,
        headers={"X-Api-Key": KEY, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


"""

_CAREFUL = """\
class FailedError(Exception):
    pass


def data(answer, name, kind):
    found = answer.get("data") if isinstance(answer, dict) else None
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, kind):
        raise FailedError(f"no {name} in the answer")
    return value


def main():
    session = data(call("new", {"quality": "low"}), "session_id", str)
    try:
        listed = data(call("list", method="GET"), "sessions", list)
        print(len(listed), "sessions")
    finally:
        call("stop", {"session_id": session})


try:
    main()
except (FailedError, OSError, ValueError) as problem:
    sys.exit(f"failed: {problem}")
except Exception as problem:
    import http.client

    if isinstance(problem, http.client.HTTPException):
        sys.exit(f"failed: {problem!r}")
    raise
"""

LEAKY = """\
session = call("new", {"quality": "low"})["data"]["session_id"]
try:
    call("list", method="GET")
except Exception as problem:
    sys.exit(f"failed: {problem!r}")
call("stop", {"session_id": session})
"""

_CLIENTS = {"careful": _CAREFUL, "leaky": LEAKY}

Name = Literal["careful", "leaky"]


def client(directory: Path, name: Name) -> tuple[str, ...]:
    """The command of a small client."""
    return script(directory, _CLIENTS[name], name=name)


def script(directory: Path, code: str, *, name: str = "client") -> tuple[str, ...]:
    """The command of a client with that code; ``call(operation, body, method)`` is there."""
    file = directory / f"{name}.py"
    file.write_text(_BEGIN + code)
    return (sys.executable, str(file))


def runner(*command: str, **variables: str) -> CommandRunner:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV_")}
    return CommandRunner(command, environment={**kept, **variables})


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def unwatched() -> Why | None:
    return None
