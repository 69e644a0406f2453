"""Every constraint of every response schema is load-bearing: broken, the judge finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from contract.client import Client
from contract.exchange import Exchange, Request, Response
from contract.findings import Findings
from contract.model.call import read_call
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import Shape, Spec, load_spec
from contract.stimuli.actions import Action, put
from contract.stimuli.world import World
from mock_server.settings import Settings
from tests.mutants.constraints import Constraint, Schemas
from tests.mutants.driver import KEY, Fake

HAPPY_PATH = (
    Action("createToken"),
    Action("newSession"),
    Action("listSessions"),
    Action("startSession", 0),
    Action("newSession"),
    Action("startSession", 1, edits=(put("sdp", {"type": "offer", "sdp": "$offer"}),)),
    Action("newSession", edits=(put("version", "v2"),)),
    Action("submitIce", 0),
    Action("sendTask", 0),
    Action("interruptTask", 0),
    Action("keepAlive", 0),
    Action("startListening", 0),
    Action("stopListening", 0),
    Action("listAvatars"),
    Action("listVoices"),
    Action("stopSession", 0),
    Action("stopSession", 0),
    Action("keepAlive", "unknown"),
    Action("listSessions", credentials="none"),
)
SHAPES: tuple[Shape, ...] = ("documented", "recorded")
"""The union is both."""
FORM = frozenset({"answer-schema", "error-form", "session-id-v1", "list-created-at"})
"""The rules of an answer's form: the last two say in words what a schema says too."""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="module")
def exchanges(spec: Spec) -> list[Exchange]:
    """What a correct fake answers on the happy path, with an ICE server to tell of."""
    settings = Settings(media="none", api_key=(KEY,), seed=1, ice_server=("stun:127.0.0.1:3478",))
    fake = Fake(settings=settings)
    kept: list[Exchange] = []
    try:
        subject = fake.subject(spec)

        def send(request: Request) -> Response:
            response = fake.send(request)
            kept.append(Exchange(len(kept) + 1, request, response, fake.now(), fake.now()))
            return response

        subject = replace(subject, send=send, other_key=None)
        monitor = Monitor(spec, subject.findings(), knowledge=Knowledge(keys=frozenset({KEY})))
        World(Client(subject, monitor)).play_all(HAPPY_PATH)
    finally:
        fake.close()
    return kept


def fires(spec: Spec, exchange: Exchange, shape: Shape, body: object) -> bool:
    """Whether the judge finds the exchange, with another body, to be of the wrong form."""
    findings = Findings(spec)
    monitor = Monitor(spec, findings, answers=shape, knowledge=Knowledge(complete=False))
    response = replace(exchange.response, body=json.dumps(body).encode())
    monitor.observe(replace(exchange, response=response))
    return any(violation.rule.id in FORM for violation in findings.violations)


def described(spec: Spec, exchange: Exchange, shape: Shape) -> tuple[str, Mapping[str, Any]]:
    """The name of the schema that the exchange's answer must fit, and the schema."""
    operation = spec.at(exchange.request.method, exchange.request.path)
    assert operation is not None
    status = exchange.response.status
    if status != 200:
        return f"{operation.id} error", {"$ref": "#/components/schemas/Error"}
    version = read_call(spec, exchange).version
    schema = operation.success(version)[shape].source
    return f"{operation.id} {version} {shape}", schema


def test_every_constraint_of_every_answer_is_load_bearing(
    spec: Spec, exchanges: list[Exchange]
) -> None:
    schemas = Schemas(spec.document["components"])
    wanted: set[tuple[str, Constraint]] = set()
    reached: set[tuple[str, Constraint]] = set()
    survivors: set[tuple[str, Constraint]] = set()
    for exchange in exchanges:
        for shape in SHAPES:
            name, schema = described(spec, exchange, shape)
            assert not fires(spec, exchange, shape, exchange.response.json), name
            wanted |= {(name, constraint) for constraint in schemas.constraints(schema)}
            for constraint, body in schemas.broken(schema, exchange.response.json):
                if (name, constraint) in reached:
                    continue
                reached.add((name, constraint))
                if not fires(spec, exchange, shape, body):
                    survivors.add((name, constraint))
    assert {f"{name}: {constraint}" for name, constraint in survivors} == set()
    assert {f"{name}: {constraint}" for name, constraint in wanted - reached} == set()
    assert len(reached) > 300


def test_the_happy_path_calls_every_operation_and_meets_errors(
    spec: Spec, exchanges: list[Exchange]
) -> None:
    called = {
        operation.id
        for exchange in exchanges
        if exchange.response.status == 200
        and (operation := spec.at(exchange.request.method, exchange.request.path)) is not None
    }
    assert called == spec.operations.keys()
    assert {exchange.response.status for exchange in exchanges} == {200, 400, 401}
