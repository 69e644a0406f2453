"""The fake behind a proxy that changes one thing in its answers: one rule is named, and it alone.

None of the changes is among the planted bugs, so that the judge is not fitted to those.
"""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from contract.client import Client, monitor_of
from contract.exchange import Request, Response
from contract.spec import load_spec
from contract.stimuli.actions import REQUEST, Action
from contract.stimuli.scenarios import (
    INTERRUPT,
    KEEP_ALIVE,
    LIST,
    LONG,
    NEW,
    PAPER_START,
    SHORT,
    START,
    STOP,
    TOKEN,
    advance,
    by,
    say,
)
from contract.stimuli.world import World
from tests.mutants.driver import Fake

SPEC = load_spec()
Body = dict[str, Any]
Change = Callable[[Request, Response], Response]

STORY: Sequence[Action] = (
    TOKEN, TOKEN, NEW, LIST, START, LIST, say(SHORT), say(LONG), INTERRUPT, KEEP_ALIVE, NEW,
    PAPER_START, LIST, LIST, by("none", LIST), by("wrong key", STOP), by("token 0", NEW), LIST,
    NEW, Action(REQUEST, method="PUT", path="/v1/streaming.interrupt"), STOP, LIST, STOP,
    Action("keepAlive", 1), Action("stopSession", 1), Action("stopSession", 2), LIST, LIST,
)  # fmt: skip
"""Most of what there is, in a few calls."""

LIFE: Sequence[Action] = (
    NEW, advance(100), KEEP_ALIVE, advance(100), LIST, KEEP_ALIVE,
    advance(100), KEEP_ALIVE, advance(100), KEEP_ALIVE, advance(100), KEEP_ALIVE, advance(97), LIST,
    advance(6), LIST, KEEP_ALIVE,
)  # fmt: skip
"""A session that is kept alive until its limit."""


def broken(change: Change, story: Sequence[Action] = STORY) -> list[str]:
    """The rules that the story shows as broken, in that order, each once."""
    fake = Fake()
    subject = fake.subject(SPEC)
    changed = replace(subject, send=lambda request: change(request, fake.send(request)))
    findings = subject.findings()
    world = World(Client(changed, monitor_of(changed, findings)))
    for action in story:
        world.play(action)
    fake.close()
    return list(dict.fromkeys(violation.rule.id for violation in findings.violations))


def at(name: str, status: int, change: Callable[[Response], Response]) -> Change:
    """Changes the answers of one operation that have one status."""
    path = SPEC.operations[name].path

    def changed(request: Request, response: Response) -> Response:
        hit = request.path == path and response.status == status
        return change(response) if hit else response

    return changed


def body(name: str, change: Callable[[Body], object], *, status: int = 200) -> Change:
    """Changes the bodies of one operation in place."""

    def edit(response: Response) -> Response:
        value = json.loads(response.body)
        change(value)
        return replace(response, body=json.dumps(value).encode())

    return at(name, status, edit)


def bytes_of(name: str, change: Callable[[bytes], bytes], *, status: int = 200) -> Change:
    """Changes what is sent for one operation."""
    return at(name, status, lambda answer: replace(answer, body=change(answer.body)))


def header(response: Response, name: str, value: str | None) -> Response:
    kept = tuple(pair for pair in response.headers if pair[0] != name)
    return replace(response, headers=kept if value is None else (*kept, (name, value)))


def both_lists(change: Callable[[list[Body]], object]) -> Change:
    """Changes the list, and the flat one beside it."""
    return body("listSessions", lambda b: [change(b["sessions"]), change(b["data"]["sessions"])])


def both_durations(change: Callable[[float], object]) -> Change:
    def edit(b: Body) -> None:
        b["duration_ms"] = b["data"]["duration_ms"] = change(b["duration_ms"])

    return body("sendTask", edit)


def each_entry(change: Callable[[Body], object]) -> Change:
    return both_lists(lambda entries: [change(entry) for entry in entries])


def without(marker: str) -> Change:
    """The offer without the lines that begin so."""

    def edit(b: Body) -> None:
        lines = b["data"]["sdp"]["sdp"].splitlines(keepends=True)
        b["data"]["sdp"]["sdp"] = "".join(line for line in lines if not line.startswith(marker))

    return body("newSession", edit)


def _gzipped(response: Response) -> Response:
    coded = replace(response, body=gzip.compress(response.body))
    return header(coded, "content-encoding", "gzip")


def _drifting() -> Change:
    number = itertools.count()

    def edit(b: Body) -> None:
        later = next(number)
        for entry in (*b["sessions"], *b["data"]["sessions"]):
            entry["created_at"] += later

    return body("listSessions", edit)


def _stale() -> Change:
    """A session that was stopped is listed once more."""
    known: dict[str, Body] = {}

    def late(entries: list[Body]) -> None:
        gone = [entry for name, entry in known.items() if name not in map(_name, entries)]
        known.clear()
        known.update((_name(entry), entry) for entry in entries)
        entries += gone

    def edit(b: Body) -> None:
        late(b["data"]["sessions"])
        b["sessions"] = b["data"]["sessions"]

    return body("listSessions", edit)


def _name(entry: Body) -> str:
    return str(entry["session_id"])


def _upper(*places: Body) -> None:
    for place in places:
        place["task_id"] = place["task_id"].upper()


def _every_second_token() -> Change:
    given: list[bytes] = []

    def again(content: bytes) -> bytes:
        given.append(content)
        return given[len(given) - 1 & ~1]

    return bytes_of("createToken", again)


FOUND: dict[str, tuple[Change, str, Sequence[Action]]] = {
    "charset": (
        lambda _, answer: header(answer, "content-type", "application/json; charset=latin-1"),
        "answer-content-type", STORY,
    ),
    "text/json": (
        at("listSessions", 200, lambda a: header(a, "content-type", "text/json")),
        "answer-content-type", STORY,
    ),
    "no content type": (
        at("keepAlive", 200, lambda a: header(a, "content-type", None)),
        "answer-content-type", LIFE,
    ),
    "gzip": (at("keepAlive", 200, _gzipped), "answer-content-type", LIFE),
    "gzip in name only": (
        at("newSession", 200, lambda a: header(a, "content-encoding", "gzip")),
        "answer-content-type", STORY,
    ),
    "byte order mark": (
        bytes_of("newSession", lambda b: b"\xef\xbb\xbf" + b), "answer-schema", STORY,
    ),
    "UTF-16": (
        bytes_of("listSessions", lambda b: b.decode().encode("utf-16")), "answer-schema", STORY,
    ),
    "a name twice": (
        bytes_of("newSession", lambda b: b'{"code": 999,' + b[1:]), "answer-schema", STORY,
    ),
    "NaN": (both_durations(lambda _: float("nan")), "answer-schema", STORY),
    "code as text": (body("keepAlive", lambda b: b.update(code="100")), "answer-schema", STORY),
    "type of sdp": (
        body("newSession", lambda b: b["data"]["sdp"].update(type="Offer")), "answer-schema", STORY,
    ),
    "ice_servers2": (
        body("newSession", lambda b: b["data"].update(ice_servers2=None)), "answer-schema", STORY,
    ),
    "limit zero": (
        body("newSession", lambda b: b["data"].update(session_duration_limit=0)),
        "answer-schema", STORY,
    ),
    "limit below zero": (
        body("newSession", lambda b: b["data"].update(session_duration_limit=-600)),
        "answer-schema", STORY,
    ),
    "limit too high": (
        body("newSession", lambda b: b["data"].update(session_duration_limit=900)),
        "duration-limit", LIFE,
    ),
    "limit too low": (
        body("newSession", lambda b: b["data"].update(session_duration_limit=300)),
        "duration-limit", LIFE,
    ),
    "no candidates": (without("a=candidate"), "new-offer-complete", STORY),
    "no fingerprint": (without("a=fingerprint"), "new-offers", STORY),
    "an hour off": (
        each_entry(lambda e: e.update(created_at=e["created_at"] + 3600)), "list-created-at", STORY,
    ),
    "a drifting time": (_drifting(), "list-created-at", STORY),
    "time as text": (
        each_entry(lambda e: e.update(created_at=str(e["created_at"]))), "answer-schema", STORY,
    ),
    "listed twice": (both_lists(lambda es: es.extend(es[:1])), "list-active", STORY),
    "one left out": (both_lists(lambda es: es.__delitem__(slice(1, None))), "list-active", STORY),
    "listed once more": (_stale(), "stop-ends", STORY),
    "two orders": (
        body("listSessions", lambda b: b["sessions"].reverse()), "shapes-agree", STORY,
    ),
    "duration as text": (both_durations(str), "answer-schema", STORY),
    "microseconds": (both_durations(lambda d: d * 1000), "task-duration", STORY),
    "never below 20 s": (both_durations(lambda d: max(d, 20000.0)), "task-duration", STORY),
    "task_id in upper case": (
        body("sendTask", lambda b: _upper(b, b["data"])),
        "session-id-v1", STORY,
    ),
    "token again": (_every_second_token(), "token-fresh", STORY),
    "another code": (
        body("listSessions", lambda b: b.update(code=400), status=401), "error-known", STORY,
    ),
    "another case": (
        body("stopSession", lambda b: b.update(message=b["message"].upper()), status=400),
        "error-known", STORY,
    ),
    "403": (at("stopSession", 401, lambda a: replace(a, status=403)), "answer-status", STORY),
    "404": (at("keepAlive", 400, lambda a: replace(a, status=404)), "answer-status", LIFE),
    "204": (
        at("keepAlive", 200, lambda a: replace(a, status=204, body=b"")), "answer-status", LIFE,
    ),
    "no Allow": (
        at("interruptTask", 405, lambda a: header(a, "allow", None)), "method-refused", STORY,
    ),
    "more in Allow": (
        at("interruptTask", 405, lambda a: header(a, "allow", "POST, DELETE")), "method-refused",
        STORY,
    ),
}  # fmt: skip

FINE: dict[str, Change] = {
    "no change": lambda _, answer: answer,
    "whitespace": lambda _, answer: replace(answer, body=b"\r\n\t " + answer.body + b" \n"),
    "case of the type": lambda _, a: header(a, "content-type", "Application/JSON; charset=UTF-8"),
    "Retry-After": lambda _, answer: header(answer, "retry-after", "1"),
    "100.0": body("keepAlive", lambda b: b.update(code=100.0)),
    "whole milliseconds": both_durations(round),
    "another order": both_lists(lambda entries: entries.reverse()),
    "lines with LF": body(
        "newSession",
        lambda b: b["data"]["sdp"].update(sdp=b["data"]["sdp"]["sdp"].replace("\r\n", "\n")),
    ),
    "a further field": body("stopSession", lambda b: b.update(trace_id="1f86a0a2")),
    "OPTIONS": at("interruptTask", 405, lambda a: header(a, "allow", "OPTIONS, POST")),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_change_is_named_by_its_rule_alone(name: str) -> None:
    change, rule, story = FOUND[name]
    assert broken(change, story) == [rule]


@pytest.mark.parametrize("name", FINE)
def test_a_change_that_no_client_minds_is_no_violation(name: str) -> None:
    assert broken(FINE[name]) == []
    assert broken(FINE[name], LIFE) == []
