"""Ends one session of the service, with patience."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from contract.exchange import Headers, Request, Response
from contract.guard.service import NoAnswerError
from contract.spec import Spec

Call = Callable[[Request], Awaitable[Response]]

_GONE = ("session-unknown", "session-not-found", "session-closed")
"""Names of the errors that say that there is nothing left to stop."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0


class NotStoppedError(Exception):
    """The session may still be open. The message says why."""


async def stop(
    call: Call, spec: Spec, session_id: str, *, credentials: Headers, patience: float
) -> Literal["stopped", "ended"]:
    """Stops the session; ``ended`` when it was gone already. Tries again for as long as the next
    try can begin within ``patience`` seconds.

    Raises NotStoppedError.
    """
    operation = spec.operations["stopSession"]
    body = json.dumps({"session_id": session_id}).encode()
    headers = (*credentials, ("content-type", "application/json"))
    request = Request(operation.method, operation.path, headers, body)
    give_up = time.monotonic() + patience
    pause = _FIRST_PAUSE
    while True:
        try:
            response = await call(request)
        except NoAnswerError as problem:
            reason = str(problem)
        else:
            if response.status < 300:
                return "stopped"
            if is_gone(spec, response):
                return "ended"
            reason = f"the service answers {response.status} {response.body[:200]!r}"
            if response.status in {401, 403}:
                raise NotStoppedError(reason)
        if time.monotonic() + pause > give_up:
            raise NotStoppedError(reason)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def is_gone(spec: Spec, response: Response) -> bool:
    """Whether an answer to stopSession says that the session had ended."""
    code = error_code(response)
    return response.status == 400 and code in {spec.errors[name].code for name in _GONE}


def error_code(response: Response) -> int | None:
    """The code of an answer in the API's error form."""
    try:
        body = response.json
    except ValueError:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) else None
