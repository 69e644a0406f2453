"""Why a run against a real service must end: one verdict in the place of a hundred failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from contract.exchange import Request, Response, Send, UnreachableError
from contract.guard.answers import MARK
from contract.guard.pace import retry_after
from contract.spec import Spec
from contract.stimuli.distilled import SpoiledError

Outcome = Literal[
    "judged",
    "unreachable",
    "gone",
    "key refused",
    "no quota",
    "rate limited",
    "budget spent",
    "judge failed",
]
"""``judged`` and ``budget spent`` are judgements; the others say why there is none."""

_NO_QUOTA = frozenset({"quota-not-enough", "trial-limit", "session-full", "no-api-access"})
_REFUSED = frozenset({"forbidden"})
_BUSY_TRIES = 3
_BUSY_PAUSE = 5.0
_LOST_PAUSE = 1.0
_FAILURES = 3
"""So many answers of 5xx in a row are a service that is out of order."""


class OverError(UnreachableError):
    """The run ends here, with this outcome."""

    def __init__(self, outcome: Outcome, words: str) -> None:
        super().__init__(words)
        self.outcome = outcome


def look(send: Send, spec: Spec, key: str) -> None:
    """One call that costs nothing: is this the API, and does it take the key? Raises OverError."""
    operation = spec.operations["listSessions"]
    response = send(Request(operation.method, operation.path, (("x-api-key", key),)))
    if not _speaks(response):
        raise OverError(
            "gone",
            f"{operation.path} is answered with status {response.status} and nothing of the API: "
            "the service has been switched off, or this is another one",
        )
    if response.status in {404, 410}:
        raise OverError("gone", f"{operation.path} is answered with status {response.status}")


def _speaks(response: Response) -> bool:
    """Whether it looks like the API at all; how well is for the judge to say."""
    try:
        body = response.json
    except ValueError:
        return False
    return isinstance(body, dict) and (response.status < 300 or "code" in body)


class Watched:
    """Sends, and ends the run where going on would only repeat one and the same failure."""

    def __init__(
        self,
        send: Send,
        spec: Spec,
        pause: Callable[[float], None],
        *,
        waits: Callable[[str], None] = lambda words: None,
        max_wait: float = 60.0,
    ) -> None:
        """``waits`` is told why nothing happens for a while, at most ``max_wait`` seconds."""
        self._waits = waits
        self._max_wait = max_wait
        self._send = send
        self._spec = spec
        self._pause = pause
        self._failures = 0
        self.spent = ""
        """Why the guard opens no more sessions; empty while it does."""

    def __call__(self, request: Request) -> Response:
        """Raises OverError; SpoiledError when the guard has ended the session, or opens none."""
        response = self._answered(request)
        match response.header(MARK):
            case "unreachable":
                raise OverError("unreachable", _lost(request, response))
            case "key-refused":
                raise OverError("key refused", "the service refuses the key (status 401)")
            case "budget":
                self.spent = _message(response)
                raise SpoiledError(self.spent)
            case "ending":
                raise OverError("unreachable", _message(response))
            case None:
                pass
            case mark:
                raise SpoiledError(mark)
        self._failures = self._failures + 1 if response.status >= 500 else 0
        if self._failures >= _FAILURES:
            words = f"the service fails: status {response.status}, {_FAILURES} times in a row"
            raise OverError("gone", words)
        self._look_at_error(request, response)
        return response

    def _answered(self, request: Request) -> Response:
        """Once more where the service asks for patience: before it, the guard waits as asked."""
        for _ in range(_BUSY_TRIES):
            response = self._sent(request)
            if response.status != 429 or response.header(MARK) is not None:
                return response
            asked = retry_after(response.header("retry-after") or "", time.time())
            if asked is not None and asked > self._max_wait:
                words = f"the service answers 429, to be asked again in {asked:.0f} s"
                raise OverError("rate limited", words)
            self._waits(f"the service answers 429: waiting {asked or _BUSY_PAUSE:.0f} s")
            if asked is None:
                self._pause(_BUSY_PAUSE)
        raise OverError("rate limited", f"the service answers 429, {_BUSY_TRIES} times in a row")

    def _sent(self, request: Request) -> Response:
        """Once more where an answer was lost and asking again does nothing (RFC 9110, 9.2.1)."""
        response = self._send(request)
        if response.header(MARK) == "unreachable" and request.method == "GET":
            self._pause(_LOST_PAUSE)
            response = self._send(request)
        return response

    def _look_at_error(self, request: Request, response: Response) -> None:
        operation = self._spec.at(request.method, request.path)
        if operation is None or response.status < 300:
            return
        code, message = _error(response)
        rows = self._spec.meanings(operation.id, response.status, code, message)
        names = {row.name for row in rows}
        words = f"{operation.id} is answered with {code} {message!r}"
        if names & _NO_QUOTA:
            raise OverError("no quota", words)
        if names & _REFUSED:
            raise OverError("key refused", words)


def _error(response: Response) -> tuple[int, str]:
    try:
        body = response.json
    except ValueError:
        return 0, ""
    match body:
        case {"code": int(code), "message": str(message)}:
            return code, message
    return 0, ""


def _lost(request: Request, response: Response) -> str:
    path = request.path.partition("?")[0]
    why = (
        "not even when asked again" if request.method == "GET" else "and may have been carried out"
    )
    return f"{_message(response)}; {request.method} {path} has no answer, {why}"


def _message(response: Response) -> str:
    return _error(response)[1].removeprefix("guard: ") or f"status {response.status}"
