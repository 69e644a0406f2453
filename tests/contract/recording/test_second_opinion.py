"""openapi-core reads the same contract file, and says of each answer what our own check says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers

from contract.exchange import Exchange
from contract.findings import Findings
from contract.model.answers import AnswerForms
from contract.model.call import read_call
from contract.recording.recording import Recording
from contract.spec import Spec


@dataclasses.dataclass
class AskedRequest:
    """What openapi-core's protocol of a request asks for."""

    exchange: Exchange

    def __post_init__(self) -> None:
        headers = Headers(list(self.exchange.request.headers))
        self.parameters = RequestParameters(header=headers)
        self.host_url = "http://127.0.0.1:8000"
        self.path = self.exchange.request.path
        self.method = self.exchange.request.method.lower()
        self.content_type = self.exchange.request.header("content-type") or ""
        self.body = self.exchange.request.body


@dataclasses.dataclass
class GivenResponse:
    """What openapi-core's protocol of a response asks for."""

    exchange: Exchange

    def __post_init__(self) -> None:
        self.status_code = self.exchange.response.status
        self.content_type = self.exchange.response.media_type
        self.headers = Headers(list(self.exchange.response.headers))
        self.data = self.exchange.response.body


@pytest.fixture(scope="module")
def others(spec: Spec) -> Callable[[Exchange], bool]:
    """Whether openapi-core finds the answer in order."""
    openapi = OpenAPI.from_dict(json.loads(json.dumps(spec.document)))

    def accepts(exchange: Exchange) -> bool:
        try:
            openapi.validate_response(AskedRequest(exchange), GivenResponse(exchange))
        except OpenAPIError:
            return False
        return True

    return accepts


@pytest.fixture(scope="module")
def ours(spec: Spec) -> Callable[[Exchange], bool]:
    """Whether our own check of single answers finds it in order."""

    def accepts(exchange: Exchange) -> bool:
        findings = Findings(spec, "strict")
        AnswerForms(spec, findings, "union").read(read_call(spec, exchange))
        return findings.violations == []

    return accepts


def body(edit: Callable[[Any], object]) -> Callable[[Exchange], Exchange]:
    def change(exchange: Exchange) -> Exchange:
        value = json.loads(exchange.response.body)
        edit(value)
        return answer(exchange, body=json.dumps(value).encode())

    return change


def answer(exchange: Exchange, **changes: Any) -> Exchange:
    return dataclasses.replace(exchange, response=dataclasses.replace(exchange.response, **changes))


def wrong_type(value: Any) -> None:
    name = "code" if "code" in value else "error"
    value[name] = "a word"


def first_gone(value: Any) -> None:
    del value["data" if "data" in value else "code"]


CORRUPTIONS: dict[str, Callable[[Exchange], Exchange]] = {
    "a wrong type": body(wrong_type),
    "a field missing": body(first_gone),
    "an extra field": body(lambda value: value.update(extra=1)),
    "an undocumented status": lambda e: answer(e, status=418),
    "a wrong content type": lambda e: answer(e, headers=(("content-type", "text/html"),)),
    "no JSON": lambda e: answer(e, body=b"<html>"),
    "an array": lambda e: answer(e, body=b"[]"),
    "null": lambda e: answer(e, body=b"null"),
}
ALLOWED = {"an extra field"}


def test_both_accept_every_answer_of_the_recording(
    session: Recording, others: Callable[[Exchange], bool], ours: Callable[[Exchange], bool]
) -> None:
    assert all(others(exchange) and ours(exchange) for exchange in session.exchanges)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_both_say_the_same_of_every_corrupted_answer(
    name: str,
    session: Recording,
    others: Callable[[Exchange], bool],
    ours: Callable[[Exchange], bool],
) -> None:
    verdicts = {}
    for exchange in session.exchanges:
        corrupted = CORRUPTIONS[name](exchange)
        verdicts[exchange.number] = (others(corrupted), ours(corrupted))
    expected = name in ALLOWED
    assert verdicts == {e.number: (expected, expected) for e in session.exchanges}
