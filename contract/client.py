"""Calls operations of a subject, and has every exchange judged."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from contract.exchange import Exchange, Headers, Request
from contract.findings import Findings
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import Answers
from contract.subject import Subject

JSON_HEADER = ("content-type", "application/json")


def knowledge_of(subject: Subject) -> Knowledge:
    """What a Monitor may know of the subject beforehand."""
    keys = (subject.key, subject.other_key)
    return Knowledge(
        keys=frozenset(key for key in keys if key is not None),
        accepts_any_key=subject.accepts_any_key,
        max_sessions=subject.max_sessions,
        exclusive=subject.exclusive,
    )


def monitor_of(subject: Subject, findings: Findings, *, answers: Answers | None = None) -> Monitor:
    """A Monitor for the subject; ``answers`` is a shape that was found out before."""
    return Monitor(
        subject.spec,
        findings,
        answers=answers or subject.answers,
        knowledge=knowledge_of(subject),
    )


class Client:
    """One connection to a subject with a Monitor listening. Every stimulus of requests uses it."""

    def __init__(
        self, subject: Subject, monitor: Monitor, *, clock: Callable[[], float] | None = None
    ) -> None:
        self.subject = subject
        self.monitor = monitor
        self._clock = clock or subject.clock
        self._number = 0
        self._lock = threading.Lock()
        self._torn = False

    @property
    def key(self) -> Headers:
        """The header of the subject's own API key."""
        return (("x-api-key", self.subject.key),)

    def send(self, request: Request) -> Exchange:
        """Sends the request and has the exchange judged; from any thread. Raises UnreachableError.

        What is under way in several threads is judged in the order in which it ends. After Ctrl-C
        in the middle of an exchange nothing is judged: whether it was done, nobody knows.
        """
        began = self._clock()
        try:
            response = self.subject.send(request)
            with self._lock:
                self._number += 1
                exchange = Exchange(self._number, request, response, began, self._clock())
                if not self._torn:
                    self.monitor.observe(exchange)
        except KeyboardInterrupt:
            self._torn = True
            raise
        return exchange

    def call(
        self, operation_id: str, body: object = None, *, credentials: Headers | None = None
    ) -> Exchange:
        """Calls an operation; ``credentials`` are the API key's header unless given."""
        operation = self.subject.spec.operations[operation_id]
        headers = self.key if credentials is None else credentials
        content = b""
        if body is not None:
            headers = (*headers, JSON_HEADER)
            content = json.dumps(body).encode()
        return self.send(Request(operation.method, operation.path, headers, content))

    def advance(self, seconds: float) -> None:
        """Moves the subject's clock, and tells the Monitor. For subjects that can."""
        assert self.subject.advance is not None
        self.subject.advance(seconds)
        self.monitor.advance(seconds)
