"""The finite tables: what is enumerated, because chance would miss a part of it.

Each row is played in the state that enables its operation, so that a server which does not look
at what is wrong with it would really do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from contract.spec import Operation, Spec
from contract.stimuli import credentials, descriptions
from contract.stimuli.actions import REQUEST, Action, Edit, put
from contract.stimuli.bodies import BAD_JSON, BAD_TYPES, GOOD_FORMS
from contract.stimuli.schema_rows import bad_edits, good_edits

Ground = Literal["nothing", "new", "connected"]
"""What there has to be: no session, session 0 as new, or session 0 connected."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_UNKNOWN_PATHS = (
    "/v1", "/v1/streaming", "/v1/streaming.nothing", "/v1/streaming.new.old",
    "/v1/Streaming.new", "/v1/streaming.new/", "/v2/streaming.new", "/v1/streaming/new",
    "/v1/realtime.nothing", "/streaming.new", "/v1/streaming.lis", "/v1/streaming.list.json",
)  # fmt: skip
_BEFORE_START = frozenset({"startSession", "submitIce", "stopSession"})
_LONG_ID = "1" * 5000

_PAPER = put("sdp.sdp", "$paper")
"""Rows bring an answer with nobody behind it: a real viewer would be made for nothing."""

BAD_TEXTS = (" ", "\n\t \r\n", "\u00a0\u2003", "x" * 1001, "\U0001f600" * 1001, "a b " * 500)
GOOD_TEXTS = (
    "x", "y" * 1000, "\U0001f600" * 1000, "日本語のテキストを読みます。", "Hi \u0000 there",
    "<speak>Hello &amp; <break/></speak>", " padded ", "\u202ereversed", "12:30, 3.14 and 50 %",
)  # fmt: skip
BAD_CANDIDATES = (
    "nonsense", "candidate:", "candidate:1 1 udp", "candidate:1 1 udp 1 127.0.0.1 99999 typ host",
    "candidate:1 x udp 1 127.0.0.1 9 typ host", "candidate:1 1 udp 1 127.0.0.1 9 typ nothing",
    "candidate:1 1 udp 1 127.0.0.1 9", "x" * 5000, " ", "\u0000",
    "candidate:1 1 udp 99999999999 127.0.0.1 9 typ host",
)  # fmt: skip
GOOD_CANDIDATES = (
    "", "candidate:1 1 udp 2130706431 192.168.1.7 40000 typ host",
    "candidate:2 1 UDP 2130706431 fe80::1 40000 typ host generation 0 network-id 1",
    "candidate:3 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active",
    "candidate:4 1 udp 1686052607 203.0.113.9 40000 typ srflx raddr 0.0.0.0 rport 0",
    "candidate:5 1 udp 2113937151 0a1b2c3d-0000-4000-8000-1234567890ab.local 5000 typ host",
    "candidate:6 1 udp 41885439 203.0.113.9 50000 typ relay raddr 0.0.0.0 rport 0 ufrag abcd",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """An action, and the state it is played in."""

    ground: Ground
    action: Action


def rows(spec: Spec, *, other: bool) -> Iterator[Row]:
    """Every row, grouped by its ground; ``other`` says that there is another account."""
    order: tuple[Ground, ...] = ("nothing", "new", "connected")
    every = [
        *bad_bodies(spec),
        *bad_credentials(spec, other=other),
        *orders(spec),
        *wrong_methods(spec),
        *unknown_paths(),
        *aliases(spec),
        *good_bodies(spec),
    ]
    return (row for ground in order for row in every if row.ground == ground)


def plain(operation: Operation) -> Row:
    """The operation's plain call; one that starts a session does it on paper."""
    ground: Ground = "nothing"
    session = None
    edits: tuple[Edit, ...] = ()
    if operation.id == "startSession":
        edits = (_PAPER,)
    if _takes_session(operation):
        session = 0
        ground = "new" if operation.id in _BEFORE_START else "connected"
    return Row(ground, Action(operation.id, session, edits))


def bad_bodies(spec: Spec) -> Iterator[Row]:
    """Bodies that must be refused, and change nothing."""
    for operation in _with_body(spec):
        row = plain(operation)
        yield from _edited(row, bad_edits(spec, operation))
        for form in (*BAD_JSON, *BAD_TYPES, "too large", "empty text/plain"):
            if operation.body_required or not form.startswith("empty"):
                yield _with(row, form=form)
        if _takes_session(operation):
            yield _with(row, session="unknown")
            yield _with(row, session="malformed")
            for value in (" ", "\u0000", _LONG_ID, "../" * 9):
                yield from _edited(row, [put("session_id", value)])
    task = plain(spec.operations["sendTask"])
    yield from _edited(task, (put("text", text) for text in BAD_TEXTS))
    start = plain(spec.operations["startSession"])
    odd = (*descriptions.UNUSABLE, *descriptions.ODD)
    yield from _edited(start, (put("sdp.sdp", f"$paper/{name}") for name in odd))
    yield from _edited(start, [Edit("sdp"), Edit("sdp.type"), put("sdp.type", "offer")])
    ice = plain(spec.operations["submitIce"])
    yield from _edited(ice, (put("candidate.candidate", text) for text in BAD_CANDIDATES))


def good_bodies(spec: Spec) -> Iterator[Row]:
    """Bodies that must be taken, odd as they are."""
    for operation in _with_body(spec):
        row = plain(operation)
        yield from (_with(row, form=form) for form in ("json", *GOOD_FORMS))
        if not operation.body_required:
            yield from (_with(row, form=form) for form in ("empty", "empty, no content type"))
        yield from _edited(row, good_edits(spec, operation))
    task = plain(spec.operations["sendTask"])
    yield from _edited(task, (put("text", text) for text in GOOD_TEXTS))
    start = plain(spec.operations["startSession"])
    yield from _edited(start, (put("sdp.sdp", f"$paper/{name}") for name in descriptions.GOOD))
    offer = (put("sdp.type", "offer"), put("sdp.sdp", "$paper-offer"))
    yield _with(start, edits=offer)
    yield _with(start, edits=(Edit("sdp.type"), put("sdp.sdp", "$paper-offer")))
    ice = plain(spec.operations["submitIce"])
    yield from _edited(ice, (put("candidate.candidate", text) for text in GOOD_CANDIDATES))


def bad_credentials(spec: Spec, *, other: bool) -> Iterator[Row]:
    """Who is nobody, or not the one, with an otherwise valid request; and who is somebody."""
    for operation in spec.operations.values():
        row = plain(operation)
        bad = credentials.BAD + (credentials.BAD_WITH_OTHER if other else ())
        yield from (_with(row, credentials=name) for name in bad)
        yield from (_with(row, credentials=name) for name in credentials.GOOD)
        if other and operation.id not in ("newSession", "createToken"):
            yield _with(row, credentials="other key")


def orders(spec: Spec) -> Iterator[Row]:
    """Several faults in one request: the answer is of the first in the order of checks."""
    for operation in _with_body(spec):
        row = plain(operation)
        wrong = put("", [])
        for form in ("not JSON", "text/plain", "not JSON, text/plain", "too large"):
            yield _with(row, form=form, credentials="none")
        yield _with(row, edits=(wrong,), credentials="wrong key")
        yield _with(row, form="not JSON, text/plain")
        if _takes_session(operation):
            first = next(iter(bad_edits_beside_session(spec, operation)), None)
            yield _with(row, session="unknown", credentials="none")
            if first is not None:
                yield _with(row, session="unknown", edits=(*row.action.edits, first))
                yield _with(row, edits=(*row.action.edits, first), credentials="none")
    task = plain(spec.operations["sendTask"]).action
    for text in (" ", "x" * 1001):
        yield Row("new", replace(task, edits=(put("text", text),)))
        yield Row("new", replace(task, session="unknown", edits=(put("text", text),)))
    start = plain(spec.operations["startSession"]).action
    for edit in (Edit("sdp"), put("sdp.sdp", "nonsense")):
        yield Row("connected", replace(start, edits=(edit,)))
        yield Row("new", replace(start, session="unknown", edits=(edit,)))
    ice = plain(spec.operations["submitIce"]).action
    bad = put("candidate.candidate", "nonsense")
    yield Row("new", replace(ice, session="unknown", edits=(bad,)))


def bad_edits_beside_session(spec: Spec, operation: Operation) -> Iterator[Edit]:
    """The bad edits that leave the session_id as it is."""
    for edit in bad_edits(spec, operation):
        if edit.place not in ("", "session_id"):
            yield edit


def wrong_methods(spec: Spec) -> Iterator[Row]:
    """Every other method on every path, older paths among them."""
    for path, known in spec.paths.items():
        for method in _METHODS:
            if method not in known:
                for name in ("key", "none"):
                    action = Action(REQUEST, method=method, path=path, credentials=name)
                    yield Row("nothing", action)


def unknown_paths() -> Iterator[Row]:
    """Paths that are nearly right."""
    for path in _UNKNOWN_PATHS:
        for name in ("key", "none"):
            for method in ("GET", "POST"):
                yield Row("nothing", Action(REQUEST, method=method, path=path, credentials=name))


def aliases(spec: Spec) -> Iterator[Row]:
    """The older paths, with a right call and three wrong ones each."""
    for operation in spec.operations.values():
        for path in operation.aliases:
            row = _with(plain(operation), path=path)
            yield _with(row, credentials="none")
            if operation.has_body:
                yield _with(row, edits=(put("", "text"),))
            if _takes_session(operation):
                yield _with(row, session="unknown")
            yield row
        yield _with(plain(operation), path=f"{operation.path}?x=1&y=%20")


def _with_body(spec: Spec) -> Iterator[Operation]:
    return (operation for operation in spec.operations.values() if operation.has_body)


def _takes_session(operation: Operation) -> bool:
    """Whether the operation is on a session; createToken only looks like it."""
    return operation.body_required and operation.id != "newSession"


def _with(row: Row, **changes: object) -> Row:
    return Row(row.ground, replace(row.action, **changes))  # type: ignore[arg-type]


def _edited(row: Row, edits: Iterable[Edit]) -> Iterator[Row]:
    for edit in edits:
        yield Row(row.ground, replace(row.action, edits=(*row.action.edits, edit)))
