"""The fake as a process, and exchanges with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from contract.client import JSON_HEADER
from contract.exchange import Exchange, Headers, Request, Response, Send
from contract.spec import load_spec
from contract.target import FakeProcess
from contract.transport import HttpSend

SPEC = load_spec()


@contextmanager
def running_fake() -> Iterator[tuple[FakeProcess, HttpSend]]:
    with FakeProcess() as fake:
        send = HttpSend(fake.url)
        try:
            yield fake, send
        finally:
            send.close()


def exchange(
    send: Send,
    operation_id: str,
    body: bytes = b"",
    *,
    headers: Headers,
    number: int = 1,
) -> Exchange:
    operation = SPEC.operations[operation_id]
    sent = (*headers, JSON_HEADER) if body else headers
    request = Request(operation.method, operation.path, sent, body)
    return Exchange(number, request, send(request), number, number)


def answered(
    status: int = 200,
    body: bytes = b"{}",
    *,
    request: Request | None = None,
    headers: Mapping[str, str] | None = None,
    began: float = 0.0,
) -> Exchange:
    """An exchange that no server had a part in."""
    sent = request or Request("GET", "/v1/streaming.list", (("x-api-key", "key-of-mine"),))
    kind = headers or {"content-type": "application/json"}
    return Exchange(1, sent, Response(status, tuple(kind.items()), body), began, began)
