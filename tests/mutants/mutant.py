"""What a planted bug is, and the few ways in which most of them are planted."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from mock_server.core import effects as ef
from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.errors import ApiError, ErrorRow
from mock_server.core.session import Session, SessionConfig
from mock_server.core.transitions import TRANSITIONS, State
from mock_server.seams import Seams
from mock_server.seams import request_problem as right_problem
from mock_server.spec import Operation
from mock_server.web.answers import Answer, HttpAnswer
from mock_server.web.handlers import HANDLERS, Call, Handler
from mock_server.web.services import Services

Layer = Literal["tables", "scenarios", "rooms", "voice", "states", "machine", "media"]
"""What catches a mutant, the cheapest first; the first five are the tour's parts."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """``rule`` must fire, at ``operation`` where one is to blame; ``breaks`` completes "the fake".

    ``field`` is the place in the request, answer, packet or event that the bug touches; empty for
    one that touches the life of a session or the whole of an answer. No two mutants of one rule
    have the same operation and field.

    ``layer`` is the cheapest that catches it; ``scenario`` the one of the media probe, where it
    is not that which shows the rule best.
    """

    name: str
    rule: str
    operation: str | None
    field: str
    breaks: str
    seams: Seams
    layer: Layer = "tables"
    scenario: str | None = None


def answers(operation: str, change: Callable[[Body], object]) -> Seams:
    """One operation's answers of status 200, changed in place."""

    def edit(called: str, body: Body) -> Body:
        if called == operation:
            body = deepcopy(body)
            change(body)
        return body

    return Seams(answer=edit)


def handles(
    operation: str, handler: Callable[[Handler, Services, Call], Awaitable[Answer]]
) -> Seams:
    """One operation done otherwise; the handler is given the right one."""
    right = HANDLERS[operation]

    async def wrong(services: Services, call: Call) -> Answer:
        return await handler(right, services, call)

    return Seams(handlers={**HANDLERS, operation: wrong})


def turns_away(operation: str, state: State) -> Seams:
    """One operation refused in one state, by a listed error that is not the state's own."""

    async def wrong(right: Handler, services: Services, call: Call) -> Answer:
        if services.session(call.caller, call.body, operation).state is state:
            raise ApiError(errors.SESSION_NOT_FOUND)
        return await right(services, call)

    return handles(operation, wrong)


def refuses(operation: str, change: Callable[[ApiError], ApiError]) -> Seams:
    """One operation's errors, told otherwise."""
    return Seams(refusal=lambda called, error: change(error) if called == operation else error)


def tells(operation: str, told: ErrorRow, *, instead_of: ErrorRow) -> Seams:
    """One operation's error of one row, told as another row."""
    return refuses(operation, lambda e: ApiError(told) if e.row is instead_of else e)


def sends(path: str, change: Callable[[HttpAnswer], HttpAnswer]) -> Seams:
    """What goes out for one path in answer to its own method, changed."""
    return Seams(
        http=lambda method, called, answer: (
            change(answer) if called == path and answer.status != 405 else answer
        )
    )


def with_json(answer: HttpAnswer, body: object) -> HttpAnswer:
    """The answer with another body."""
    return answer._replace(content=json.dumps(body).encode())


def loosened(operation: str, field: str) -> Seams:
    """A field that is not checked any more: a wrong one is taken for an absent one."""

    def problem(called: Operation, body: object) -> str | None:
        found = right_problem(called, body)
        if called.operation_id != operation or not str(found).startswith(field):
            return found
        assert isinstance(body, dict)
        body.pop(field.partition(".")[0], None)
        return right_problem(called, body)

    return Seams(request_problem=problem)


def stricter(operation: str, refused: Callable[[Any], bool]) -> Seams:
    """Bodies that fit the schema, and are refused all the same."""

    def problem(called: Operation, body: object) -> str | None:
        if called.operation_id == operation and isinstance(body, dict) and refused(body):
            return "the body: it is not liked"
        return right_problem(called, body)

    return Seams(request_problem=problem)


def configured(change: Callable[[SessionConfig], SessionConfig]) -> Seams:
    """Sessions that are made otherwise than was asked for."""
    return Seams(session=lambda config, **rest: Session(change(config), **rest))


def edited(change: Callable[[Session, ev.Event, list[ef.Effect]], list[ef.Effect]]) -> Seams:
    """Sessions whose events have other effects."""

    class Edited(Session):
        def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
            return change(self, event, super().handle(event, now))

    return Seams(session=Edited)


def without(kind: type[ef.Effect], *, on: type[ev.Event]) -> Seams:
    """Sessions in which one kind of event lacks one kind of effect."""

    def drop(session: Session, event: ev.Event, effects: list[ef.Effect]) -> list[ef.Effect]:
        return [e for e in effects if not (isinstance(event, on) and isinstance(e, kind))]

    return edited(drop)


def leads(state: State, event: type[ev.Event], target: State | None) -> Seams:
    """A transition table with one entry changed, or taken out."""
    row = {known: to for known, to in TRANSITIONS[state].items() if known is not event}
    return Seams(
        transitions={**TRANSITIONS, state: row if target is None else {**row, event: target}}
    )
