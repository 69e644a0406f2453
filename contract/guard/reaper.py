"""Stops what earlier guards left open, by their journals and by nothing else.

Sessions that are in no journal are never touched: they may be somebody's who uses the same key.
That leaves one case in which nothing can be done: a guard that was killed between sending
newSession and reading its answer does not know the id. Such calls are reported, with the listed
sessions that began then; the service ends an abandoned session by its own idle time-out.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contract.exchange import Headers, Request
from contract.guard.journal import Leftover, leftovers, note_stopped
from contract.guard.service import NoAnswerError, Service
from contract.guard.stopping import NotStoppedError, stop
from contract.guard.wire import Reaped
from contract.spec import Spec

_FORGOTTEN = 3600.0
"""Seconds after which no session is open any more: streams end after an hour at the latest
(docs.heygen.com, discussion page 56, 2025)."""
_ANSWER_TIME = 90.0
"""Seconds within which a session begins that a call asked for."""


async def reap(
    directory: Path, *, spec: Spec, service: Service, key: str, patience: float = 5.0
) -> Reaped:
    """Stops the sessions of dead runs against the service's URL, each for at most ``patience``
    seconds. Runs that are alive are left alone.
    """
    with leftovers(directory) as found:
        here = [each for each in found if each.target.rstrip("/") == service.url]
        ours = [each for each in here if each.of_key(key)]
        tally = _Tally(other_keys=sum(len(e.sessions) for e in here if e not in ours))
        headers: Headers = (("x-api-key", key),)
        for leftover in ours:
            await _reap_one(
                leftover, tally, spec=spec, service=service, headers=headers, patience=patience
            )
        asked = [at for each in ours for at in each.unanswered if time.time() - at < _FORGOTTEN]
        candidates: tuple[str, ...] = ()
        if asked and tally.problem is None:
            known = {name for each in found for name in (*each.sessions, *each.stopped)}
            candidates = await _begun_near(asked, known, spec, service, headers)
    return Reaped(
        stopped=tuple(tally.stopped),
        ended=tuple(tally.ended),
        left=tuple(tally.left),
        unanswered=tuple(asked),
        candidates=candidates,
        other_keys=tally.other_keys,
        problem=tally.problem,
    )


@dataclass
class _Tally:
    other_keys: int
    stopped: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    problem: str | None = None


async def _reap_one(
    leftover: Leftover,
    tally: _Tally,
    *,
    spec: Spec,
    service: Service,
    headers: Headers,
    patience: float,
) -> None:
    resolved = 0
    for session_id in leftover.sessions:
        if tally.problem is not None:  # the service is gone or refuses: it will for the next too
            tally.left.append(session_id)
            continue
        try:
            how = await stop(service.call, spec, session_id, credentials=headers, patience=patience)
        except NotStoppedError as problem:
            tally.left.append(session_id)
            tally.problem = str(problem)
            continue
        (tally.stopped if how == "stopped" else tally.ended).append(session_id)
        resolved += 1
        with contextlib.suppress(OSError):  # the next to reap it will hear that it has ended
            note_stopped(leftover, session_id)
    fresh = any(time.time() - at < _FORGOTTEN for at in leftover.unanswered)
    if resolved == len(leftover.sessions) and not fresh:
        with contextlib.suppress(OSError):
            leftover.path.unlink()


async def _begun_near(
    asked: Sequence[float], known: set[str], spec: Spec, service: Service, headers: Headers
) -> tuple[str, ...]:
    operation = spec.operations["listSessions"]
    try:
        response = await service.call(Request(operation.method, operation.path, headers))
        body = response.json
    except (NoAnswerError, ValueError):
        return ()
    match body:
        case {"data": {"sessions": list(rows)}} | {"sessions": list(rows)}:
            pass
        case _:
            return ()
    found = []
    for row in rows:
        match row:
            case {"session_id": str(name), "created_at": int() | float() as at}:
                if name not in known and any(-5 <= at - when <= _ANSWER_TIME for when in asked):
                    found.append(name)
            case _:
                pass
    return tuple(found)
