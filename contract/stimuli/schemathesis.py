"""Schemathesis as a stimulus: it knows nothing but openapi.yaml, and the Monitor sees its traffic.

What depends on Schemathesis was tried with 4.32.5. It is given an ASGI application in place of a
URL, which is the one public place where all that it sends comes by, the requests of its own checks
among them; the application hands them to the client of the stimulus, which sends them over HTTP.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from random import Random
from threading import Lock
from typing import Any, Literal

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import (
    AcceptedNegativeData,
    ContentTypeServerError,
    Failure,
    MalformedJson,
    ServerError,
)
from schemathesis.core.transport import Response as CheckedResponse
from schemathesis.engine import events, from_schema
from schemathesis.openapi import checks

from contract.client import Client, monitor_of
from contract.exchange import Exchange, Request, UnreachableError
from contract.findings import Findings
from contract.model.faults import MAX_TEXT
from contract.monitor import Monitor
from contract.spec import Answers, Defect, Spec
from contract.stimuli.slots import Slots
from contract.subject import Progress, Subject

Phase = Literal["examples", "coverage", "fuzzing", "stateful"]
PHASES: tuple[Phase, ...] = ("examples", "coverage", "fuzzing", "stateful")

MAX_EXAMPLES = 10
"""Requests per operation while fuzzing, and histories in the stateful phase."""

STEPS = 12
"""Calls in a history. With the default of 6, most links stay uncovered."""

REFUSED = ("400", "401", "405", "413", "415")
"""The statuses that refuse a bad request. Without 404, which an unknown session may not hide
behind: an operation that validates nothing would answer it to every random id."""

RULES: Mapping[type[Failure], tuple[str, str]] = {
    checks.UndefinedStatusCode: ("answer-status", "a status that the contract lists"),
    checks.MissingContentType: ("answer-content-type", "application/json"),
    checks.MalformedMediaType: ("answer-content-type", "application/json"),
    checks.UndefinedContentType: ("answer-content-type", "application/json"),
    checks.JsonSchemaError: ("answer-schema", "a body that fits the schema"),
    checks.ContentDeserializationError: ("answer-schema", "a body that fits the schema"),
    MalformedJson: ("answer-schema", "a body that is JSON"),
    checks.MissingHeaders: ("method-refused", "the header Allow"),
    checks.UnsupportedMethodResponse: ("method-refused", "status 405 with the header Allow"),
    checks.AllowHeaderMismatch: ("method-refused", "the right methods in Allow"),
    ServerError: ("no-server-error", "a status below 500"),
    ContentTypeServerError: ("no-server-error", "a status below 500"),
    checks.IgnoredAuth: ("credentials-required", "status 401 without valid credentials"),
    AcceptedNegativeData: ("schema-refused", f"one of the statuses {', '.join(REFUSED)}"),
    checks.RejectedPositiveData: ("valid-accepted", "status 200, for the body fits its schema"),
}
"""What each failure of Schemathesis' checks means: a rule, and what was expected."""

_NO_MEANING = (
    # They need DELETE, paths below others, a second identity, or headers that are required.
    "use_after_free", "ensure_resource_availability", "object_level_authorization",
    "missing_required_header",
)  # fmt: skip

_CASE_HEADER = "x-schemathesis-testcaseid"

# Ours to send, or noise in the shortest history.
_OWN_HEADERS = frozenset(
    {
        "host", "connection", "content-length", "transfer-encoding", "accept-encoding", "accept",
        "user-agent", _CASE_HEADER,
    }
)  # fmt: skip

_REPEATS = 3
"""So often one failure of one operation is noted; each further one would say the same."""


def run_schemathesis(subject: Subject, findings: Findings, progress: Progress) -> None:
    """The stimulus, with the budget of a usual check. Raises UnreachableError."""
    engine_run(subject, findings, progress)


def engine_run(
    subject: Subject,
    findings: Findings,
    progress: Progress,
    *,
    monitor: Monitor | None = None,
    max_examples: int = MAX_EXAMPLES,
    phases: Collection[Phase] = PHASES,
) -> None:
    """Runs Schemathesis' engine over the subject; equal seeds send equal requests.

    ``monitor`` is one of this subject where there is one already, with findings of its choice.
    Every session that is open afterwards is stopped. Raises UnreachableError.
    """
    monitor = monitor or monitor_of(subject, findings)
    run = _Run(subject, findings, monitor, progress)
    schema = schemathesis.openapi.from_dict(
        document(subject.spec, subject.answers),
        config=SchemathesisConfig.from_dict(configuration(subject, max_examples, phases)),
    )
    schema.app = run

    @schema.hook
    def filter_failure(
        context: HookContext, failure: Failure, case: Case[Any], response: CheckedResponse
    ) -> bool:
        run.note(failure, case)
        # To the engine the check has passed: it neither ends the history nor repeats it.
        return False

    stream = from_schema(schema).execute()
    try:
        for event in stream:
            run.follow(event)
            if run.problem is not None:
                raise run.problem
    finally:
        stream.stop()
        run.end()


def configuration(
    subject: Subject, max_examples: int, phases: Collection[Phase]
) -> dict[str, object]:
    """Schemathesis' configuration; given explicitly, so that no schemathesis.toml is read."""
    on = {"enabled": True}
    return {
        "base-url": "http://subject",
        "seed": subject.seed,
        "continue-on-failure": True,
        "suppress-health-check": ["all"],
        "cache": {"enabled": False},
        "auth": {"openapi": {"apiKey": {"api_key": subject.key}}},
        "generation": {
            "database": "none",
            "max-examples": max_examples,
            "no-shrink": True,
            # Random credentials beside the right ones are the Monitor's own table.
            "with-security-parameters": False,
        },
        "output": {"sanitization": {"enabled": False}},
        "analysis": {"constants": {"enabled": False}},
        "checks": {
            **{name: {"enabled": False} for name in _NO_MEANING},
            # Which shape is held, the Monitor finds out; a schema has no "either, but always".
            "response_schema_conformance": {"enabled": subject.answers != "auto"},
            "negative_data_rejection": {"expected-statuses": list(REFUSED)},
            # A server that takes any key would be asked to open sessions for accounts of its own.
            "ignored_auth": {"enabled": not subject.accepts_any_key},
        },
        "operations": [
            # What the older names share with the newer is enumerated once.
            {"include-path": alias, "phases": {"coverage": {"enabled": False}}}
            for operation in subject.spec.operations.values()
            for alias in operation.aliases
        ],
        "phases": {
            "examples": on if "examples" in phases else {"enabled": False},
            "coverage": {
                "enabled": "coverage" in phases,
                "unexpected-methods": ["get", "put", "post", "delete", "patch", "trace", "query"],
            },
            "fuzzing": on if "fuzzing" in phases else {"enabled": False},
            "stateful": {
                "enabled": "stateful" in phases,
                "max-steps": STEPS,
                "inference": {"algorithms": []},
            },
        },
    }


def document(spec: Spec, answers: Answers) -> dict[str, Any]:
    """The contract as Schemathesis gets it: with one shape of answers, and no annotations."""
    whole: dict[str, Any] = _plain(copy.deepcopy(dict(spec.document)))
    named = spec.document["components"]["responses"]
    for name, answer in whole["components"]["responses"].items():
        shapes = named[name].get("x-shapes", {})
        if answers in shapes:
            answer["content"]["application/json"]["schema"] = dict(shapes[answers])
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _plain(item) for name, item in value.items() if not str(name).startswith("x-")
        }
    return [_plain(item) for item in value] if isinstance(value, list) else value


class _Run:
    """One run: the application that Schemathesis calls, and what becomes of its failures."""

    def __init__(
        self, subject: Subject, findings: Findings, monitor: Monitor, progress: Progress
    ) -> None:
        self._slots = Slots(Client(subject, monitor), chance=Random(subject.seed))  # noqa: S311
        self.problem: Exception | None = None
        self._spec = subject.spec
        self._findings = findings
        self._progress = progress
        self._sent: dict[str, Exchange] = {}
        self._lock = Lock()
        self._ended = False
        self._phase = ""
        self._noted: Counter[tuple[str, str | None, str]] = Counter()

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """ASGI 3.0, of one request after the other. What the subject refuses is raised."""
        if scope["type"] != "http":
            raise ValueError("no lifespan")  # ASGI: so says who has none
        message = await receive()
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        )
        query = scope["query_string"].decode()
        request = Request(
            method=scope["method"],
            path=scope["raw_path"].decode() + (f"?{query}" if query else ""),
            headers=tuple(header for header in headers if header[0] not in _OWN_HEADERS),
            body=message.get("body", b""),
        )
        with self._lock:
            if self._ended:
                raise UnreachableError("the run has ended")
            try:
                exchange = self._slots.send(request)
            except Exception as problem:
                self.problem = self.problem or problem
                raise
        self._sent[dict(headers).get(_CASE_HEADER, "")] = exchange
        self._progress(len(self._sent), None, self._phase)
        response = exchange.response
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in response.headers
                    if name not in {"content-length", "content-encoding", "transfer-encoding"}
                ],
            }
        )
        await send({"type": "http.response.body", "body": response.body})

    def follow(self, event: events.EngineEvent) -> None:
        """What the engine says of itself."""
        if isinstance(event, events.PhaseStarted):
            self._phase = event.phase.name.value
            self._slots.connecting = self._phase == "stateful"
        elif isinstance(event, events.Interrupted):
            raise KeyboardInterrupt  # which the engine has caught
        elif isinstance(event, events.NonFatalError) and self.problem is None:
            for rule_id, _ in RULES.values():
                why = f"Schemathesis could not go on: {event.info.title}: {event.info.message}"
                self._findings.unable(rule_id, " ".join(why.split())[:300])

    def end(self) -> None:
        """Stops all sessions, after the request that a thread of the engine may still wait for."""
        with self._lock:
            self._ended = True
            self._slots.end()

    def note(self, failure: Failure, case: Case[Any]) -> None:
        """Makes a violation of a failure, unless it is due or the Monitor has said it already."""
        exchange = self._sent.get(failure.case_id or case.id) or self._sent[case.id]
        operation = self._spec.paths[case.operation.path][case.operation.method.upper()].id
        rule_id, expected = RULES[type(failure)]
        if rule_id == "answer-schema" and _opens_room(operation, exchange):
            return  # the document that Schemathesis knows has the answer of v1 alone
        if exchange.response.status >= 400 and rule_id == "answer-schema":
            rule_id = "error-form"
        said_by_monitor = any(
            violation.rule.id == rule_id and violation.history[-1:] == (exchange,)
            for violation in reversed(self._findings.violations)
        )
        if said_by_monitor or (
            rule_id == "valid-accepted" and not self._undue(operation, exchange)
        ):
            return
        self._noted[rule_id, operation, expected] += 1
        if self._noted[rule_id, operation, expected] <= _REPEATS:
            self._findings.broken(
                rule_id,
                expected=expected,
                actual=f"status {exchange.response.status}: {_first(failure.message)}",
                operation=operation,
                history=(exchange,),
                place=_place(failure),
            )

    def _undue(self, operation: str, exchange: Exchange) -> bool:
        """Whether the refusal of a body that fits its schema blames the body, and is wrong.

        That the state or a limit forbids the call has a code of its own, and is the Monitor's to
        judge.
        """
        try:
            error, body = exchange.response.json, exchange.request.json
            code, message = error["code"], error["message"]
        except (ValueError, KeyError, TypeError):
            return False  # Answers that are no errors of the API break other rules.
        rows = self._spec.meanings(operation, exchange.response.status, code, message)
        if not {row.name for row in rows} & {"invalid-parameter", "invalid-json"}:
            return False
        return not _says_more_than_its_schema(operation, body)


def _says_more_than_its_schema(operation: str, body: object) -> bool:
    """Whether a valid body has content that x-rules bind beyond the schema."""
    if not isinstance(body, dict):
        return False
    match operation:
        case "sendTask":
            text = body.get("text")
            return isinstance(text, str) and not 0 < len(text.strip()) <= len(text) <= MAX_TEXT
        case "submitIce":
            candidate = body.get("candidate")
            return isinstance(candidate, dict) and bool(candidate.get("candidate"))
    return False


def _opens_room(operation: str, exchange: Exchange) -> bool:
    """Whether a session of version v2 was opened; what it is answered the Monitor judges."""
    if operation != "newSession" or exchange.response.status != 200:
        return False
    try:
        body = exchange.request.json
    except ValueError:
        return False
    return isinstance(body, dict) and str(body.get("version")).lower() == "v2"


def _place(failure: Failure) -> str | None:
    if not isinstance(failure, checks.JsonSchemaError):
        return None
    return Defect(tuple(failure.instance_path), "", "").place


def _first(message: str) -> str:
    """The first paragraph, on one line; others tell how Schemathesis thinks to mend it."""
    return " ".join(message.partition("\n\n")[0].split())[:200]
