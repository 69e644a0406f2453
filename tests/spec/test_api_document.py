"""The contract held against the API's own document.

The tables below are written from the document by hand: field, type, and where it names them the
allowed values and the default.
"""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.spec import find_contract
from mock_server.spec.schema import resolve
from mock_server.spec.source import read_document

DOCUMENT = read_document(find_contract())

REQUESTS: dict[str, dict[str, tuple[str, set[str], object]]] = {
    "/v1/streaming.new": {
        "quality": ("string", {"high", "medium", "low"}, ...),
        "avatar_id": ("string", set(), ...),
        "voice": ("object", set(), ...),
        "voice.voice_name": ("string", set(), ...),
        "voice.rate": ("number", set(), 1),
        "voice.emotion": (
            "string", {"Excited", "Serious", "Friendly", "Soothing", "Broadcaster"}, ...,
        ),
        "video_encoding": ("string", {"H264", "VP8"}, "VP8"),
        "knowledge_base": ("string", set(), ...),
        "version": ("string", set(), "V1"),
        "knowledge_base_id": ("string", set(), ...),
    },
    "/v1/streaming.start": {
        "session_id": ("string", set(), ...),
        "sdp": ("object", set(), ...),
        "sdp.type": ("string", {"offer"}, "offer"),
        "sdp.sdp": ("string", set(), ...),
    },
    "/v1/streaming.ice": {
        "session_id": ("string", set(), ...),
        "candidate": ("object", set(), ...),
        "candidate.candidate": ("string", set(), ...),
        "candidate.sdpMid": ("string", set(), ...),
        "candidate.sdpMLineIndex": ("integer", set(), ...),
        "candidate.usernameFragment": ("string", set(), ...),
    },
    "/v1/streaming.task": {
        "session_id": ("string", set(), ...),
        "text": ("string", set(), ...),
        "task_mode": ("string", {"sync", "async"}, "sync"),
        "task_type": ("string", {"repeat", "chat"}, ...),
    },
    "/v1/streaming.stop": {"session_id": ("string", set(), ...)},
    "/v1/streaming.interrupt": {"session_id": ("string", set(), ...)},
}  # fmt: skip

ANSWERS: dict[str, dict[str, str | tuple[str, str]]] = {
    "/v1/streaming.new": {
        "code": "integer",
        "message": "string",
        "data": "object",
        "data.ice_servers": "array",
        "data.sdp": "object",
        "data.session_id": "string",
    },
    "/v1/streaming.start": {"status": "string"},
    "/v1/streaming.ice": {"status": "string"},
    "/v1/streaming.task": {"duration_ms": "number", "task_id": "string"},
    "/v1/streaming.list": {
        "sessions": "array",
        "sessions[].session_id": "string",
        "sessions[].status": "string",
        "sessions[].created_at": "number",
    },
    "/v1/streaming.stop": {"status": "string"},
    "/v1/streaming.create_token": {
        "error": ("integer", "null"),
        "data": "object",
        "data.token": "string",
    },
}


def _follow(node: dict[str, Any]) -> dict[str, Any]:
    return {**resolve(DOCUMENT, node["$ref"]), **node} if "$ref" in node else node


def _field(schema: dict[str, Any], place: str) -> dict[str, Any]:
    node = _follow(schema)
    for step in place.replace("[]", ".[]").split("."):
        node = _follow(node["items"] if step == "[]" else node["properties"][step])
    return node


def _types(node: dict[str, Any]) -> set[str]:
    types = node["type"]
    return set(types) if isinstance(types, list) else {types}


@pytest.mark.parametrize(
    ("path", "place"), [(path, place) for path, table in REQUESTS.items() for place in table]
)
def test_request_field_of_the_document_is_in_the_contract(path: str, place: str) -> None:
    kind, values, default = REQUESTS[path][place]
    body = _follow(DOCUMENT["paths"][path]["post"]["requestBody"])
    field = _field(body["content"]["application/json"]["schema"], place)
    assert _types(field) - {"null"} == {kind}
    assert values <= set(field.get("enum", values))
    assert default is ... or field["default"] == default
    assert field["x-evidence"]["grade"] == "documented"


@pytest.mark.parametrize(
    ("path", "place"), [(path, place) for path, table in ANSWERS.items() for place in table]
)
def test_answer_field_of_the_document_is_in_the_documented_shape(path: str, place: str) -> None:
    kind = ANSWERS[path][place]
    item = DOCUMENT["paths"][path]
    operation = item["get"] if "get" in item else item["post"]
    shape = _follow(operation["responses"]["200"])["x-shapes"]["documented"]
    field = _field(shape, place)
    assert _types(field) == ({kind} if isinstance(kind, str) else set(kind))
    assert field["x-evidence"]["grade"] == "documented"
    above, _, name = place.rpartition(".")
    parent = _field(shape, above) if above else _follow(shape)
    assert name in parent["required"]


def test_the_five_emotions_of_the_document_are_there_in_both_cases() -> None:
    schema = DOCUMENT["components"]["schemas"]["VoiceSetting"]["properties"]["emotion"]
    named = {"Excited", "Serious", "Friendly", "Soothing", "Broadcaster"}
    assert set(schema["enum"]) == named | {name.lower() for name in named} | {None}
