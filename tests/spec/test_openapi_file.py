"""openapi.yaml itself: valid, complete, graded, and at one with the fake's error rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from mock_server.core.errors import ROWS
from mock_server.spec import find_contract, load_contract
from mock_server.spec.evidence import GRADES, fields, statements
from mock_server.spec.operation import Answers
from mock_server.spec.source import read_document

DOCUMENT = read_document(find_contract())
CONTRACT = load_contract()
ANSWERS: tuple[Answers, ...] = ("union", "documented", "recorded")

IDS = {
    "newSession", "startSession", "submitIce", "sendTask", "listSessions", "stopSession",
    "interruptTask", "createToken", "keepAlive", "startListening", "stopListening", "listAvatars",
    "listVoices",
}  # fmt: skip

PATHS = {
    ("POST", "/v1/streaming.new"): "newSession",
    ("POST", "/v1/streaming.start"): "startSession",
    ("POST", "/v1/streaming.ice"): "submitIce",
    ("POST", "/v1/streaming.task"): "sendTask",
    ("GET", "/v1/streaming.list"): "listSessions",
    ("POST", "/v1/streaming.stop"): "stopSession",
    ("POST", "/v1/streaming.interrupt"): "interruptTask",
    ("POST", "/v1/streaming.create_token"): "createToken",
    ("POST", "/v1/streaming.keep_alive"): "keepAlive",
    ("POST", "/v1/streaming.start_listening"): "startListening",
    ("POST", "/v1/streaming.stop_listening"): "stopListening",
    ("GET", "/v1/streaming/avatar.list"): "listAvatars",
    ("GET", "/v2/voices"): "listVoices",
    ("POST", "/v1/realtime.new"): "newSession",
    ("POST", "/v1/realtime.start"): "startSession",
    ("POST", "/v1/realtime.ice"): "submitIce",
    ("POST", "/v1/realtime.task"): "sendTask",
    ("POST", "/v1/realtime.stop"): "stopSession",
}


def _schemas(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from _schemas(value)


def test_it_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_schemathesis_loads_every_operation() -> None:
    config = SchemathesisConfig.from_dict({})
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=config)
    results = list(schema.get_all_operations())
    loaded = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(results) == len(loaded)
    assert {(one.method.upper(), one.path) for one in loaded} == PATHS.keys()


@pytest.mark.parametrize("operation_id", sorted(IDS))
def test_bodies_that_schemathesis_draws_are_accepted(operation_id: str) -> None:
    operation = CONTRACT.operation(operation_id)
    if not operation.has_body:
        return
    config = SchemathesisConfig.from_dict({})
    schema = schemathesis.openapi.from_dict(DOCUMENT, config=config)
    strategy = schema[operation.path][operation.method].as_strategy()

    @settings(max_examples=15, deadline=None, database=None, phases=[Phase.generate])
    @given(case=strategy)
    def judge(case: Any) -> None:
        if isinstance(case.body, dict):
            assert operation.request_problem(case.body) is None

    judge()


def test_it_has_every_operation_at_its_path_and_the_older_paths() -> None:
    found = {(one.method, one.path): one.operation_id for one in CONTRACT.operations}
    assert found == PATHS
    assert set(CONTRACT.grades) == IDS


def test_older_paths_are_deprecated_and_share_everything_with_the_newer() -> None:
    for path, item in DOCUMENT["paths"].items():
        if not path.startswith("/v1/realtime."):
            continue
        older, newer = (
            item["post"],
            DOCUMENT["paths"][path.replace("realtime", "streaming")]["post"],
        )
        assert older["deprecated"] is True
        assert "operationId" not in older
        assert older["x-alias-of"] == newer["operationId"]
        assert older["requestBody"] == newer["requestBody"]
        assert older["responses"] == newer["responses"]


def test_credentials_are_key_or_token_except_for_making_tokens() -> None:
    for operation in CONTRACT.operations:
        expected = (
            ("apiKey",) if operation.operation_id == "createToken" else ("apiKey", "sessionToken")
        )
        assert operation.security == expected


def test_every_statement_has_a_grade_and_a_source() -> None:
    for section, what, evidence in statements(DOCUMENT):
        assert evidence.keys() == {"grade", "source"}, (section, what)
        assert evidence["grade"] in GRADES, (section, what)
        assert evidence["source"].strip(), (section, what)


def test_every_field_has_a_type_and_a_description() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for place, field in fields(DOCUMENT, schema):
            assert "type" in field or "$ref" in field, (name, place)
            assert field.get("description"), (name, place)


def test_guesses_do_not_pass_for_more() -> None:
    for _, what, evidence in statements(DOCUMENT):
        guessed = "our guess" in evidence["source"]
        assert not guessed or evidence["grade"] == "inferred", what


def test_errors_equal_the_rows_of_the_fake() -> None:
    assert [case.row for case in CONTRACT.errors] == list(ROWS)


def test_error_rows_name_operations_that_document_their_status() -> None:
    for case in CONTRACT.errors:
        assert case.operations
        assert len(set(case.operations)) == len(case.operations)
        for name in case.operations:
            assert case.row.status in CONTRACT.operation(name).responses, (case.row.name, name)


def test_every_documented_status_of_an_operation_has_an_error_row() -> None:
    for operation in CONTRACT.operations:
        rows = {
            case.row.status for case in CONTRACT.errors if operation.operation_id in case.operations
        }
        assert set(operation.responses) == rows | {200}, operation.operation_id


def test_rules_have_unique_ids_and_full_sentences() -> None:
    ids = [rule.id for rule in CONTRACT.rules]
    assert len(set(ids)) == len(ids)
    for rule in CONTRACT.rules:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
        assert rule.sentence.endswith(".")


def test_no_schema_offers_alternatives() -> None:
    for node in _schemas(DOCUMENT["components"]["schemas"]):
        assert not node.keys() & {"anyOf", "oneOf"}


def test_each_success_has_both_shapes_and_its_schema_demands_both() -> None:
    for name, response in DOCUMENT["components"]["responses"].items():
        schema = response["content"]["application/json"]["schema"]
        if "x-shapes" not in response:
            assert schema == {"$ref": "#/components/schemas/Error"}, name
            continue
        shapes = response["x-shapes"]
        assert list(shapes) == ["documented", "recorded"]
        assert schema == {"allOf": [shapes["documented"], shapes["recorded"]]}, name


def test_versions_have_both_shapes_and_examples_that_fit_each() -> None:
    versions = DOCUMENT["components"]["responses"]["NewSession"]["x-versions"]
    assert list(versions) == ["v2"]
    operation = CONTRACT.operation("newSession")
    v1 = DOCUMENT["components"]["responses"]["NewSession"]["content"]["application/json"]
    for example in versions["v2"]["examples"].values():
        for shape in ANSWERS:
            body = example["value"]
            assert operation.response_problem(200, body, answers=shape, version="v2") is None
            assert operation.response_problem(200, body, answers=shape) is not None
    for example in v1["examples"].values():
        assert operation.response_problem(200, example["value"], version="v2") is not None
    assert operation.response_problem(400, {"code": 1, "message": "x"}, version="v2") is None


def test_links_lead_from_new_session_only_and_hand_on_its_id() -> None:
    linked = {
        name: response["links"]
        for name, response in DOCUMENT["components"]["responses"].items()
        if "links" in response
    }
    assert linked.keys() == {"NewSession"}
    assert {link["operationId"] for link in linked["NewSession"].values()} == {
        "startSession", "submitIce", "sendTask", "stopSession", "interruptTask", "keepAlive",
        "startListening", "stopListening",
    }  # fmt: skip
    for link in linked["NewSession"].values():
        assert link["requestBody"] == {"session_id": "$response.body#/data/session_id"}


def test_no_component_is_left_over() -> None:
    text = json.dumps(DOCUMENT)
    for kind in ("schemas", "responses", "requestBodies"):
        for name in DOCUMENT["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, name


@pytest.mark.parametrize("operation_id", sorted(IDS))
def test_examples_of_requests_fit_their_schema(operation_id: str) -> None:
    operation = CONTRACT.operation(operation_id)
    if not operation.has_body:
        return
    reference = DOCUMENT["paths"][operation.path]["post"]["requestBody"]["$ref"].rsplit("/", 1)[1]
    media = DOCUMENT["components"]["requestBodies"][reference]["content"]["application/json"]
    assert media["examples"]
    for example in media["examples"].values():
        assert operation.request_problem(example["value"]) is None


@pytest.mark.parametrize("operation_id", sorted(IDS))
def test_examples_of_answers_fit_their_schema_in_every_shape(operation_id: str) -> None:
    operation = CONTRACT.operation(operation_id)
    node = DOCUMENT["paths"][operation.path][operation.method.lower()]
    for status, reference in node["responses"].items():
        name = reference["$ref"].rsplit("/", 1)[1]
        media = DOCUMENT["components"]["responses"][name]["content"]["application/json"]
        assert media["examples"]
        for example in media["examples"].values():
            body = example["value"]
            assert operation.response_problem(int(status), body) is None
            assert operation.response_problem(int(status), body, answers="documented") is None
            assert operation.response_problem(int(status), body, answers="recorded") is None
