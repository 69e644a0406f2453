"""The form of an answer: status, content type, schema, and the shape that a server keeps to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.exchange import Exchange
from contract.findings import Findings, Violation
from contract.model.call import Call
from contract.model.expectation import Actual
from contract.model.json_text import FlawedJsonError, NotJsonError, read_json
from contract.spec import SHAPES, Answers, Defect, Operation, Schema, Shape, Spec

_OWN_RULES = {
    ("session_id", "pattern"): "session-id-v1",
    ("task_id", "pattern"): "session-id-v1",
    ("created_at", "maximum"): "list-created-at",
    ("created_at", "minimum"): "list-created-at",
}
"""Constraints of a schema that are also a rule of their own: (field, keyword) -> rule."""

_UNSEEN: Mapping[Shape, Mapping[str, str]] = {
    "documented": {
        "shapes-agree": "the documented answers have each field in one place",
        "start-offer": "the documented answer of startSession has no data",
    },
    "recorded": {"shapes-agree": "the recorded answers have each field in one place"},
}
"""The rules that answers of one shape cannot show, and why."""


@dataclass(frozen=True, slots=True)
class Form:
    """``actual`` is None when the answer is too broken to say anything of the life cycle."""

    actual: Actual | None
    body: Any
    violations: tuple[Violation, ...]


class AnswerForms:
    """Holds answers against the schemas of the file, in the shape asked for."""

    def __init__(
        self, spec: Spec, findings: Findings, answers: Answers, *, decoded: bool = False
    ) -> None:
        """``decoded`` says that bodies are without their content coding, as in a recording."""
        self._spec = spec
        self._findings = findings
        self._decoded = decoded
        self._error = Schema(
            spec.document["components"]["schemas"]["Error"], spec.document["components"]
        )
        self.shape: Shape | None = None if answers == "auto" else answers
        self._sound: set[tuple[str | None, bool]] = set()
        """(operation, refused) whose answers under the operation's own path are all well formed."""

    def read(self, call: Call) -> Form:
        """Judges the form of the exchange's answer."""
        refused = call.exchange.response.status >= 400
        form = self._read(call, alone=call.alias and (call.id, refused) in self._sound)
        if not call.alias:
            known = (call.id, refused)
            (self._sound.discard if form.violations else self._sound.add)(known)
        return form

    def _read(self, call: Call, *, alone: bool) -> Form:
        """``alone`` says that the same is well formed under the operation's own path."""
        exchange, operation = call.exchange, call.operation
        response = exchange.response
        words = f"{response.status} {_excerpt(exchange)}"
        judge = _Judge(self._findings, call.named, exchange, alone)
        if response.status >= 500:
            judge.broken("no-server-error", "a status below 500", words)
            return Form(None, None, judge.found)
        self._findings.held("no-server-error")
        if operation is not None:
            if response.status not in operation.answers:
                statuses = ", ".join(map(str, sorted(operation.answers)))
                judge.broken("answer-status", f"one of the statuses {statuses}", words)
                return Form(None, None, judge.found)
            self._findings.held("answer-status")
        if "response body" in exchange.unknown:
            return Form(_unread(self._spec, call, response.status), None, judge.found)
        if response.media_type != "application/json":
            kind = response.header("content-type") or "no content type"
            judge.broken("answer-content-type", "application/json", kind)
            return Form(None, None, judge.found)
        odd = _odd_type(exchange, decoded=self._decoded)
        if odd is None:
            self._findings.held("answer-content-type")
        else:
            judge.broken("answer-content-type", "application/json in plain UTF-8", odd)
        rule = "error-form" if response.status >= 400 else "answer-schema"
        try:
            body = read_json(response.body)
        except NotJsonError as problem:
            if odd is None:
                judge.broken(rule, "a JSON object", f"{words} ({problem})")
            return Form(None, None, judge.found)
        except FlawedJsonError as problem:
            judge.broken(rule, "JSON that every reader takes", str(problem))
            body = problem.value
        if response.status >= 400:
            return self._refusal(call, body, judge)
        if operation is None:
            return Form(Actual.of_success(words), body, judge.found)
        shapes = operation.success(call.version)
        return self._success(operation, shapes, body, judge, words)

    def _success(
        self,
        operation: Operation,
        shapes: Mapping[Shape, Schema],
        body: Any,
        judge: _Judge,
        words: str,
    ) -> Form:
        if self.shape is None:
            self.shape = _shape_of(operation, shapes, body)
        # Until the shape is known both are asked, and only what neither allows is a defect.
        asked: Sequence[Shape] = (self.shape,) if self.shape else ("documented", "recorded")
        defects = [shapes[shape].defects(body) for shape in asked]
        found = min(defects, key=len) if all(defects) else []
        self._findings.held("answer-schema")
        for rule, why in _UNSEEN.get(self.shape or "union", {}).items():
            self._findings.unable(rule, why)
        names = _names(body)
        for (field, keyword), rule in _OWN_RULES.items():
            if keyword == "pattern" and field in names:
                self._findings.held(rule)
        seen: set[tuple[str | None, str]] = set()
        for defect in found:
            own = _OWN_RULES.get((str(defect.path[-1]) if defect.path else "", defect.keyword))
            place = _general(defect)
            if (own, place) not in seen:
                seen.add((own, place))
                judge.broken(
                    own or "answer-schema",
                    f"an answer that fits the {asked[0]} schema"
                    if len(asked) == 1
                    else "an answer that fits the documented or the recorded schema",
                    defect.message[:300],
                    place=place,
                )
        return Form(Actual.of_success(words), body, judge.found)

    def _refusal(self, call: Call, body: Any, judge: _Judge) -> Form:
        defects = self._error.defects(body)
        status = judge.exchange.response.status
        if defects:
            expected = "an object with an integer code and a string message"
            judge.broken("error-form", expected, defects[0].message[:300], place=defects[0].place)
            return Form(None, None, judge.found)
        self._findings.held("error-form")
        code, message = body["code"], body["message"]
        words = f'{status} {code} "{message[:200]}"'
        if call.operation is None:
            names = {
                row.name
                for row in self._spec.errors.values()
                if (row.status, row.code) == (status, code) and message.startswith(row.message)
            }
            return Form(Actual(words, frozenset(names)), body, judge.found)
        rows = self._spec.meanings(call.operation.id, status, code, message)
        if not rows:
            judge.broken("error-known", f"an error listed for {call.operation.id}", words)
            return Form(None, body, judge.found)
        self._findings.held("error-known")
        names = {row.name for row in rows if _names_session(row.message, message, call)}
        return Form(Actual(words, frozenset(names)), body, judge.found)


@dataclass(slots=True)
class _Judge:
    findings: Findings
    operation: str | None
    exchange: Exchange
    alone: bool = False
    """Whether an older path alone is to blame."""
    found: tuple[Violation, ...] = ()

    def broken(self, rule: str, expected: str, actual: str, place: str | None = None) -> None:
        self.found += (
            self.findings.broken(
                "alias-same" if self.alone else rule,
                expected=expected,
                actual=actual,
                operation=self.operation,
                history=(self.exchange,),
                place=place,
            ),
        )


def _unread(spec: Spec, call: Call, status: int) -> Actual:
    """An answer of which only the status is known can be any row of that status."""
    rows = {
        row.name
        for row in spec.errors.values()
        if row.status == status and (call.id is None or call.id in row.operations)
    }
    return Actual(f"status {status}", frozenset(rows), success=status < 400)


def _shape_of(operation: Operation, shapes: Mapping[Shape, Schema], body: Any) -> Shape | None:
    """The shape that an answer tells; None when it could be any."""
    fits = {shape for shape in SHAPES if not shapes[shape].defects(body)}
    if shapes["union"] is shapes["recorded"] or not fits:
        return None
    if "union" not in fits:
        return "documented" if "documented" in fits else "recorded"
    # A newSession or createToken of the recorded shape fits the documented one as well.
    flat = operation.id in ("startSession", "submitIce", "stopSession", "sendTask", "listSessions")
    return "union" if flat else None


def _names_session(row_message: str, message: str, call: Call) -> bool:
    if "{session_id}" not in row_message or call.session_id is None:
        return True
    return message.startswith(row_message.replace("{session_id}", call.session_id[:200]))


def _odd_type(exchange: Exchange, *, decoded: bool) -> str | None:
    """What the headers say of the body that a reader of plain JSON does not expect."""
    response = exchange.response
    parameters = (response.header("content-type") or "").split(";")[1:]
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in ("utf-8", "utf8"):
            return f"charset {charset}"
    coding = (response.header("content-encoding") or "identity").strip().lower()
    # Who names no coding wants none, whatever RFC 9110 section 12.5.3 lets a server assume.
    if coding != "identity" and not decoded and not exchange.request.header("accept-encoding"):
        return f"content-encoding {coding}, which was not asked for"
    return None


def _names(value: Any) -> set[str]:
    """The names of all fields in an answer, however deep; answers are small."""
    if isinstance(value, dict):
        return set(value).union(*(_names(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(_names(part) for part in value))
    return set()


def _general(defect: Defect) -> str:
    """The place without the numbers of a list: each element breaks the rule in the same way."""
    text = ""
    for step in defect.path:
        text += "[]" if isinstance(step, int) else f".{step}"
    if defect.keyword == "required":
        name = defect.message.partition('"')[2].partition('"')[0]
        text += f".{name}"
    return text.lstrip(".") or "the body"


def _excerpt(exchange: Exchange) -> str:
    return exchange.response.body[:200].decode(errors="replace")
