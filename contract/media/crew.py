"""What the scenarios of one run share, from whichever thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from contract.client import Client
from contract.exchange import Exchange
from contract.findings import Findings
from contract.media.loop import MediaLoop
from contract.media.rules import OPERATIONS
from contract.media.verdict import Broken, Held, Unable, Verdict

Result = TypeVar("Result")

_LOOK_EVERY = 0.01


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait at most for what does not come: a connection, the first picture, the last
    event of a task, the end of the peer, the end of a session whose viewer is gone.
    """

    connection: float = 10.0
    picture: float = 10.0
    event: float = 2.0
    end: float = 2.0
    viewer_lost: float = 35.0


class UnfitError(Exception):
    """The scenario cannot go on. The message says why."""


class StoppedError(Exception):
    """The run is being ended from outside."""


class Crew:
    """Calls one after the other, so that their order is known; verdicts into the findings."""

    def __init__(self, client: Client, findings: Findings, patience: Patience) -> None:
        self.client = client
        self.loop = MediaLoop()
        self.patience = patience
        self.stopped = threading.Event()
        self._findings = findings
        self._lock = threading.RLock()
        self._open: dict[str, None] = {}
        self._unable: dict[str, str] = {}
        self._avatars: list[str] | None = None

    def call(self, operation_id: str, body: object = None) -> Exchange:
        """Calls an operation. Raises StoppedError, UnreachableError."""
        with self._lock:
            if self.stopped.is_set():
                raise StoppedError
            exchange = self.client.call(operation_id, body)
            self._keep_book(operation_id, body, exchange)
            return exchange

    def tell_monitor(self, news: Callable[[str], None], session_id: str) -> None:
        """Tells the Monitor of a viewer."""
        with self._lock:
            news(session_id)

    def avatars(self) -> list[str]:
        """The ids of listAvatars, asked for once."""
        with self._lock:
            if self._avatars is None:
                self._avatars = _avatar_ids(self.call("listAvatars"))
            return self._avatars

    def judge(self, rule_id: str, verdict: Verdict, history: tuple[Exchange, ...] = ()) -> None:
        """Writes a verdict down."""
        with self._lock:
            match verdict:
                case Held():
                    self._findings.held(rule_id)
                case Broken(expected, actual):
                    self._findings.broken(
                        rule_id,
                        expected=expected,
                        actual=actual,
                        operation=OPERATIONS[rule_id],
                        history=history,
                    )
                case Unable(why):
                    self._unable.setdefault(rule_id, why)

    def wait(self, condition: Callable[[], Result], seconds: float) -> Result:
        """The condition's value as soon as it is true, or after that time. Raises StoppedError."""
        deadline = time.monotonic() + seconds
        while not (value := condition()) and time.monotonic() < deadline:
            if self.stopped.wait(_LOOK_EVERY):
                raise StoppedError
        return value

    def pause(self, seconds: float) -> None:
        """Lets media flow. Raises StoppedError."""
        if self.stopped.wait(seconds):
            raise StoppedError

    def release(self, session_id: str) -> None:
        """Stops a session that is still open, so that its slot is free. Raises UnreachableError."""
        with self._lock:
            if session_id in self._open:
                self.client.call("stopSession", {"session_id": session_id})
                self._open.pop(session_id, None)

    def finish(self) -> None:
        """Stops every session that is still open, and says what could not be judged.

        Raises UnreachableError.
        """
        self.stopped.set()
        with self._lock:
            try:
                for session_id in list(self._open):
                    self.release(session_id)
            finally:
                self.loop.close()
                for rule_id, why in self._unable.items():
                    if not self._findings.checked[rule_id]:
                        self._findings.unable(rule_id, why)

    def _keep_book(self, operation_id: str, body: object, exchange: Exchange) -> None:
        if exchange.response.status != 200:
            return
        if operation_id == "newSession":
            session_id = text_at(exchange, "data.session_id")
            if session_id is not None:
                self._open[session_id] = None
        elif operation_id == "stopSession" and isinstance(body, dict):
            self._open.pop(body["session_id"], None)


def value_at(exchange: Exchange, *paths: str) -> object:
    """What the answer has at the first of the paths that leads anywhere; None without one."""
    for path in paths:
        try:
            value = exchange.response.json
        except ValueError:
            return None
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def text_at(exchange: Exchange, *paths: str) -> str | None:
    """The same, if it is a string."""
    value = value_at(exchange, *paths)
    return value if isinstance(value, str) else None


def _avatar_ids(exchange: Exchange) -> list[str]:
    rows = value_at(exchange, "data.avatars", "data")
    ids = (
        [row.get("avatar_id") for row in rows if isinstance(row, dict)]
        if isinstance(rows, list)
        else []
    )
    return [one for one in ids if isinstance(one, str)]
