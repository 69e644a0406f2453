"""Looks at an address before it is judged: is it there, is it this API, does it take the key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from contract.exchange import Exchange, Request, Send, UnreachableError
from contract.findings import Findings
from contract.spec import Spec
from contract.unable import UnableError

RULE = "credentials-required"


@dataclass(frozen=True, slots=True)
class Examination:
    """``open_sessions`` had been there before anything was done."""

    accepts_any_key: bool
    open_sessions: tuple[str, ...]


def examine(
    send: Send,
    spec: Spec,
    *,
    url: str,
    keys: tuple[str, ...],
    key_source: str,
    accepts_any_key: bool,
    findings: Findings,
) -> Examination:
    """Asks for the list of sessions with each key, then with a wrong one.

    A server that takes any key, and was not said to, breaks one rule, once; that goes into the
    findings. ``key_source`` is where the first key is from, for instance ``--api-key``.
    Raises UnableError for an address that cannot be judged.
    """
    operation = spec.operations["listSessions"]

    def ask(number: int, key: str) -> Exchange:
        request = Request(operation.method, operation.path, (("x-api-key", key),))
        try:
            return Exchange(number, request, send(request), 0.0, 0.0)
        except UnreachableError as problem:
            raise UnableError(f"{problem}; is the target {url} running?") from None

    first = ask(1, keys[0])
    _hold(first, url=url, key_source=key_source)
    for key in keys[1:]:
        _hold(ask(2, key), url=url, key_source="the second --api-key")
    wrong = ask(3, f"no-key-{secrets.token_hex(8)}")
    takes_any = wrong.response.status == 200
    if takes_any and not accepts_any_key:
        findings.broken(
            RULE,
            operation=operation.id,
            expected="unauthorized for a key that nobody was given",
            actual="200: the server takes any key; if it is meant to, say --accepts-any-key",
            history=(wrong,),
        )
    elif not takes_any:
        findings.held(RULE)
    return Examination(takes_any, _sessions(first))


def _hold(exchange: Exchange, *, url: str, key_source: str) -> None:
    response = exchange.response
    asked = f"{exchange.request.method} {exchange.request.path} answered {response.status}"
    if response.status in {401, 403}:
        raise UnableError(f"{url} refuses the key from {key_source}: {asked}; give --api-key KEY")
    if response.status == 429 or response.status >= 500:
        raise UnableError(f"{url} is not in service: {asked}; try again later")
    try:
        value = response.json
    except ValueError:
        value = None
    if response.status in {404, 405} or response.status < 200 or not isinstance(value, dict):
        kind = response.media_type or "no content type"
        raise UnableError(f"{url} is not this API: {asked} with {kind}")


def _sessions(exchange: Exchange) -> tuple[str, ...]:
    body = exchange.response.json
    data = body.get("data")
    rows = data.get("sessions") if isinstance(data, dict) else body.get("sessions")
    if not isinstance(rows, list):
        return ()  # what is wrong with it is the Monitor's matter
    return tuple(str(row.get("session_id")) for row in rows if isinstance(row, dict))
