"""Schemathesis as a stimulus: what it sends, what it finds, and what it leaves behind."""

from __future__ import annotations

import _thread
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis.core.failures
import schemathesis.openapi.checks
from schemathesis.core.failures import Failure

from contract.exchange import Request, Response, UnreachableError
from contract.findings import Findings
from contract.monitor import Monitor
from contract.spec import Answers, Spec, load_spec
from contract.stimuli.schemathesis import RULES, Phase, configuration, document, engine_run
from contract.subject import Subject
from contract.transport import HttpSend
from contract.viewers.paper import PaperViewer
from mock_server import MockServer
from mock_server.seams import Seams
from mock_server.spec import Operation
from mock_server.web.answers import HttpAnswer

KEY = "test-key"
QUICK: tuple[Phase, ...] = ("examples", "fuzzing", "stateful")
EACH_ONCE: tuple[Phase, ...] = ("examples", "fuzzing")
"""Examples are of bodies; fuzzing calls the operations that have none."""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


class Wire:
    """Sends, and remembers what went out and came back."""

    def __init__(self, url: str) -> None:
        self._http = HttpSend(url)
        self.seen: list[tuple[Request, Response]] = []

    def __call__(self, request: Request) -> Response:
        response = self._http(request)
        self.seen.append((request, response))
        return response

    def count(self, spec: Spec, operation_id: str, status: int) -> int:
        return sum(
            (operation := spec.at(request.method, request.path)) is not None
            and (operation.id, response.status) == (operation_id, status)
            for request, response in self.seen
        )


class Trial:
    """A fake in this process, and what a run of the stimulus finds in it."""

    def __init__(self, spec: Spec, server: MockServer, *, answers: Answers = "union") -> None:
        self.spec = spec
        self.server = server
        self.wire = Wire(server.url)
        self.answers = answers
        self.max_sessions = 3

    def subject(self, seed: int = 1) -> Subject:
        return Subject(
            self.spec,
            self.server.url,
            self.wire,
            KEY,
            answers=self.answers,
            viewer=PaperViewer(connects=True),
            max_sessions=self.max_sessions,
            seed=seed,
        )

    def run(
        self,
        phases: tuple[Phase, ...] = QUICK,
        *,
        seed: int = 1,
        max_examples: int = 1,
        monitor: Monitor | None = None,
        progress: Callable[..., None] = lambda *_: None,
    ) -> Findings:
        subject = self.subject(seed)
        findings = subject.findings()
        engine_run(
            subject, findings, progress, phases=phases, max_examples=max_examples, monitor=monitor
        )
        return findings

    def checks_alone(self, phases: tuple[Phase, ...]) -> Findings:
        """What Schemathesis' own checks find: the Monitor writes its findings elsewhere."""
        monitor = Monitor(self.spec, self.subject().findings())
        return self.run(phases, monitor=monitor)

    def left_open(self) -> list[str]:
        return [row["session_id"] for row in self.server.sessions() if row["status"] != "closed"]


@pytest.fixture
def try_with(spec: Spec) -> Iterator[Callable[..., Trial]]:
    servers: list[MockServer] = []

    def make(seams: Seams | None = None, *, answers: Answers = "union", **settings: Any) -> Trial:
        shape = "recorded" if answers == "auto" else answers
        server = MockServer(
            seams=seams, media="none", api_key=KEY, seed=1, answers=shape, **settings
        )
        server.start()
        servers.append(server)
        return Trial(spec, server, answers=answers)

    yield make
    for server in servers:
        server.stop()


def only(spec: Spec, *names: str) -> Spec:
    """The contract with few of its paths, which is quicker to enumerate."""
    wanted = {f"/v1/streaming.{name}" for name in names}
    paths = {path: item for path, item in spec.document["paths"].items() if path in wanted}
    return replace(spec, document={**spec.document, "paths": paths})


def found(findings: Findings) -> set[tuple[str, str | None]]:
    return {(violation.rule.id, violation.operation) for violation in findings.violations}


@pytest.mark.parametrize("seed", [1, 20261122])
def test_a_correct_server_passes_and_no_session_stays_open(
    try_with: Callable[..., Trial], seed: int
) -> None:
    trial = try_with()
    findings = trial.run(seed=seed, max_examples=2)
    assert findings.violations == []
    assert findings.unjudged == {}
    assert findings.checked["answer-schema"] > 20
    assert findings.checked["schema-refused"] > 5
    assert trial.left_open() == []


def test_a_correct_server_passes_all_that_the_schemas_enumerate(
    try_with: Callable[..., Trial],
) -> None:
    trial = try_with()
    trial.spec = only(trial.spec, "start", "ice", "task", "stop", "create_token")
    findings = trial.run(("coverage",))
    assert findings.violations == []
    assert findings.unjudged == {}
    for rule in ("method-refused", "media-type-refused", "schema-refused", "valid-accepted"):
        assert findings.checked[rule] > 5, rule
    methods = {request.method for request, _ in trial.wire.seen}
    assert {"TRACE", "DELETE", "PATCH", "PUT"} <= methods


def test_histories_follow_links_into_connected_sessions(try_with: Callable[..., Trial]) -> None:
    trial = try_with()
    findings = trial.run(("stateful",), max_examples=6)
    assert findings.violations == []
    assert trial.wire.count(trial.spec, "startSession", 200) > 2
    reached = [
        name
        for name in ("sendTask", "interruptTask", "keepAlive", "submitIce", "startListening")
        if trial.wire.count(trial.spec, name, 200)
    ]
    assert len(reached) >= 3


def test_the_limit_of_sessions_is_never_met(try_with: Callable[..., Trial]) -> None:
    trial = try_with(max_sessions=1)
    trial.max_sessions = 1
    assert trial.run(("examples", "stateful")).violations == []
    assert trial.wire.count(trial.spec, "newSession", 200) > 8
    assert not [1 for _, response in trial.wire.seen if b"10007" in response.body]


@pytest.mark.parametrize("answers", ["documented", "recorded", "auto"])
def test_the_shape_of_answers_is_that_of_the_subject(
    try_with: Callable[..., Trial], answers: Answers
) -> None:
    findings = try_with(answers=answers).run(EACH_ONCE)
    assert findings.violations == []
    assert findings.checked["answer-schema"] > 20


def test_a_shape_of_which_half_is_missing_breaks_the_schema(
    try_with: Callable[..., Trial],
) -> None:
    trial = try_with(answers="documented")
    trial.answers = "union"
    assert ("answer-schema", "listSessions") in found(trial.checks_alone(EACH_ONCE))


def test_equal_seeds_send_equal_requests_and_others_do_not(
    try_with: Callable[..., Trial],
) -> None:
    sent = []
    for seed in (5, 5, 6):
        trial = try_with()
        trial.run(("fuzzing", "stateful"), seed=seed)
        sent.append([request for request, _ in trial.wire.seen])
    assert sent[0] == sent[1] != sent[2]


def _wrong(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
    """A planted bug in each of four operations, and none in the others."""
    body = json.loads(answer.content)
    match path.rpartition(".")[2] if method == "POST" else path:
        case "/v2/voices" if answer.status == 200:
            return answer._replace(status=203)
        case "/v1/streaming/avatar.list" if answer.status == 200:
            return HttpAnswer(500, answer.headers, b'{"code": 500, "message": "Oops"}')
        case "/v1/streaming.list":
            return answer._replace(headers=[(b"content-type", b"text/html")])
        case "new" if answer.status == 200:
            del body["data"]["session_duration_limit"]
            return answer._replace(content=json.dumps(body).encode())
    return answer


def test_its_own_checks_name_the_rules(try_with: Callable[..., Trial]) -> None:
    findings = try_with(Seams(http=_wrong)).checks_alone(EACH_ONCE)
    assert found(findings) == {
        ("answer-status", "listVoices"),
        ("no-server-error", "listAvatars"),
        ("answer-content-type", "listSessions"),
        ("answer-schema", "newSession"),
    }
    schema = next(one for one in findings.violations if one.rule.id == "answer-schema")
    assert schema.field == "data"
    assert schema.actual == 'status 200: "session_duration_limit" is a required property'
    assert schema.history[-1].response.status == 200


def test_what_the_monitor_has_said_is_not_said_again(try_with: Callable[..., Trial]) -> None:
    findings = try_with(Seams(http=_wrong)).run(EACH_ONCE)
    said = [(one.rule.id, one.history[-1].number) for one in findings.violations]
    assert len(said) == len(set(said))
    assert {"answer-status", "no-server-error", "answer-schema"} <= {rule for rule, _ in said}


def test_a_server_that_asks_for_no_credentials_is_found_and_cleared_up(
    try_with: Callable[..., Trial],
) -> None:
    def anyone(operation: Operation, registry: Any, sent: Any, settings: Any, now: float) -> Any:
        return registry.authenticate(KEY, None, keys=(KEY,), token_life=1.0, now=now)

    trial = try_with(Seams(authenticate=anyone))
    findings = trial.checks_alone(EACH_ONCE)
    assert ("credentials-required", "newSession") in found(findings)
    assert ("credentials-required", "listVoices") in found(findings)
    assert {rule for rule, _ in found(findings)} == {"credentials-required"}
    assert trial.left_open() == []


def test_the_enumerated_cases_find_what_is_let_in_kept_out_and_not_allowed(
    try_with: Callable[..., Trial],
) -> None:
    def problem(operation: Operation, body: object) -> str | None:
        if operation.operation_id == "createToken":
            return None
        if operation.operation_id == "stopListening" and isinstance(body, dict) and len(body) == 1:
            return "more: required"
        return operation.request_problem(body)

    def http(method: str, path: str, answer: HttpAnswer) -> HttpAnswer:
        if answer.status != 405 or path != "/v1/streaming.stop":
            return answer
        return answer._replace(headers=[row for row in answer.headers if row[0] != b"allow"])

    trial = try_with(Seams(request_problem=problem, http=http))
    trial.spec = only(trial.spec, "create_token", "stop_listening", "stop")
    assert found(trial.checks_alone(("coverage",))) == {
        ("schema-refused", "createToken"),
        ("valid-accepted", "stopListening"),
        ("method-refused", "stopSession"),
    }


def test_ctrl_c_ends_it_and_every_session(try_with: Callable[..., Trial]) -> None:
    trial = try_with()

    def interrupt(done: int, total: int | None = None, note: str = "") -> None:
        if done == 20:
            _thread.interrupt_main()

    with pytest.raises(KeyboardInterrupt):
        trial.run(progress=interrupt)
    assert 20 <= len(trial.wire.seen) < 60
    assert trial.left_open() == []


def test_a_server_that_is_gone_is_told_as_such(try_with: Callable[..., Trial]) -> None:
    trial = try_with()

    def stop(done: int, total: int | None = None, note: str = "") -> None:
        if done == 10:
            trial.server.stop()

    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:\d+"):
        trial.run(progress=stop)
    assert len(trial.wire.seen) == 10


def test_no_file_of_the_working_directory_is_read(
    try_with: Callable[..., Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "schemathesis.toml").write_text('base-url = "${NOT_SET_ANYWHERE}"\nseed = "x"\n')
    monkeypatch.chdir(tmp_path)
    assert try_with().run(("examples",)).violations == []
    assert [path.name for path in tmp_path.iterdir()] == ["schemathesis.toml"]


def test_every_failure_of_the_checks_that_run_has_a_rule(spec: Spec) -> None:
    subject = Subject(spec, "http://127.0.0.1:1", Wire("http://127.0.0.1:1"), KEY)
    configured = configuration(subject, 1, ())["checks"]
    assert isinstance(configured, dict)
    off = {name for name, values in configured.items() if values.get("enabled") is False}
    modules = (schemathesis.openapi.checks, schemathesis.core.failures)
    kinds = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Failure)
    }
    raised = {kind for kind in kinds if set(kind.checks) - off - {"max_response_time"}}
    assert raised - set(RULES) == {schemathesis.openapi.checks.DiscriminatorMismatch}
    assert {rule for rule, _ in RULES.values()} <= set(spec.rules)


def test_the_document_has_every_path_and_no_annotations(spec: Spec) -> None:
    whole = document(spec, "recorded")
    assert set(whole["paths"]) == set(spec.paths)
    assert "/v1/realtime.new" in whole["paths"]
    assert "x-" not in "".join(_keys(whole))
    answer = whole["components"]["responses"]["SendTask"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/SendTaskRecorded"}
    assert "x-rules" in spec.document


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{name}\n" if str(name).startswith("x-") else ""
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)
