"""What may be sent, and how a refusal reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.spec import Contract, load_contract


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


SDK_2_NEW = {
    "avatar_name": "Ada",
    "quality": "high",
    "voice": {
        "voice_id": "6e7f1c0a4d5b4b0e9a1c2f3d4e5b6a70",
        "rate": 1.5,
        "emotion": "excited",
        "elevenlabs_settings": {"stability": 0.75, "model_id": "eleven_flash_v2_5"},
    },
    "language": "en",
    "version": "v2",
    "video_encoding": "H264",
    "source": "sdk",
    "disable_idle_timeout": False,
    "stt_settings": {"provider": "deepgram", "confidence": 0.55},
    "ia_is_livekit_transport": False,
    "silence_response": True,
    "activity_idle_timeout": 120,
}

ALL_NULL = dict.fromkeys(
    [
        "quality", "avatar_id", "avatar_name", "voice", "video_encoding", "knowledge_base",
        "knowledge_base_id", "knowledge_id", "version", "language", "source",
        "disable_idle_timeout", "activity_idle_timeout", "stt_settings",
        "ia_is_livekit_transport", "silence_response", "livekit_settings",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"quality": "high"},
        {"quality": "low", "avatar_name": "", "voice": {"voice_id": ""}},
        {"voice": {"rate": 1}},
        {"voice": {"rate": None, "emotion": None, "voice_id": None, "elevenlabs_settings": None}},
        {"avatarName": "Ada", "session_duration_limit": 60, "token": "x", "nested": {"a": [1]}},
        SDK_2_NEW,
        ALL_NULL,
        {"activity_idle_timeout": 30},
        {"activity_idle_timeout": 3600},
    ],
)
def test_new_session_takes_what_document_and_sdks_send(
    contract: Contract, body: dict[str, Any]
) -> None:
    assert contract.operation("newSession").request_problem(body) is None


@pytest.mark.parametrize(
    ("operation_id", "body", "problem"),
    [
        ("newSession", [], "the body: an array is not an object"),
        ("newSession", None, "the body: null is not an object"),
        ("newSession", {"quality": "ultra"}, "quality: 'ultra' is not one of high, medium, low"),
        ("newSession", {"quality": "High"}, "quality: 'High' is not one of high, medium, low"),
        ("newSession", {"avatar_id": 7}, "avatar_id: 7 is not a string or null"),
        ("newSession", {"voice": "Emma"}, "voice: 'Emma' is not an object or null"),
        ("newSession", {"voice": {"rate": 0.4}}, "voice.rate: 0.4 is less than 0.5"),
        ("newSession", {"voice": {"rate": 1.6}}, "voice.rate: 1.6 is greater than 1.5"),
        ("newSession", {"voice": {"rate": "1"}}, "voice.rate: '1' is not a number or null"),
        (
            "newSession",
            {"voice": {"rate": 10**400}},
            "voice.rate: a number beyond all bounds is greater than 1.5",
        ),
        ("newSession", {"video_encoding": "AV1"}, "video_encoding: 'AV1' is not one of H264, VP8"),
        (
            "newSession",
            {"activity_idle_timeout": 29},
            "activity_idle_timeout: 29 is less than 30",
        ),
        (
            "newSession",
            {"activity_idle_timeout": True},
            "activity_idle_timeout: true is not an integer or null",
        ),
        (
            "newSession",
            {"disable_idle_timeout": "yes"},
            "disable_idle_timeout: 'yes' is not a boolean or null",
        ),
        ("startSession", {}, "session_id is missing"),
        ("startSession", {"session_id": ""}, "session_id: must not be empty"),
        ("startSession", {"session_id": 5}, "session_id: 5 is not a string"),
        (
            "startSession",
            {"session_id": "a", "sdp": {"type": "rollback", "sdp": "x"}},
            "sdp.type: 'rollback' is not one of offer, answer",
        ),
        ("startSession", {"session_id": "a", "sdp": {"type": "offer"}}, "sdp.sdp is missing"),
        (
            "startSession",
            {"session_id": "a", "sdp": {"sdp": ""}},
            "sdp.sdp: must not be empty",
        ),
        ("startSession", {"session_id": "a", "sdp": "v=0"}, "sdp: 'v=0' is not an object or null"),
        ("submitIce", {"session_id": "a"}, "candidate is missing"),
        (
            "submitIce",
            {"session_id": "a", "candidate": {"sdpMid": "0"}},
            "candidate.candidate is missing",
        ),
        (
            "submitIce",
            {"session_id": "a", "candidate": {"candidate": "x", "sdpMLineIndex": "0"}},
            "candidate.sdpMLineIndex: '0' is not an integer or null",
        ),
        ("sendTask", {"session_id": "a"}, "text is missing"),
        ("sendTask", {"session_id": "a", "text": ""}, "text: must not be empty"),
        ("sendTask", {"session_id": "a", "text": ["x"]}, "text: an array is not a string"),
        (
            "sendTask",
            {"session_id": "a", "text": "x", "task_type": "shout"},
            "task_type: 'shout' is not one of repeat, chat, talk",
        ),
        (
            "sendTask",
            {"session_id": "a", "text": "x", "task_mode": "later"},
            "task_mode: 'later' is not one of sync, async",
        ),
        ("stopSession", {}, "session_id is missing"),
        ("interruptTask", {"session_id": {}}, "session_id: an object is not a string"),
        ("keepAlive", {"session_id": None}, "session_id: null is not a string"),
        ("createToken", "x", "the body: 'x' is not an object"),
    ],
)
def test_refusal_names_the_place_and_the_value(
    contract: Contract, operation_id: str, body: object, problem: str
) -> None:
    assert contract.operation(operation_id).request_problem(body) == problem


@pytest.mark.parametrize(
    ("operation_id", "body"),
    [
        ("startSession", {"session_id": "a"}),
        ("startSession", {"session_id": "a", "sdp": {"sdp": "v=0"}}),
        ("startSession", {"session_id": "a", "sdp": {"type": "answer", "sdp": "v=0"}}),
        ("submitIce", {"session_id": "a", "candidate": None}),
        (
            "submitIce",
            {
                "session_id": "a",
                "candidate": {
                    "candidate": "", "sdpMid": None, "sdpMLineIndex": None,
                    "usernameFragment": None,
                },
            },
        ),
        ("sendTask", {"session_id": "a", "text": "x"}),
        ("sendTask", {"session_id": "a", "text": "x", "task_type": "talk", "task_mode": "async"}),
        ("sendTask", {"session_id": "a", "text": "x", "interrupt": True}),
        ("createToken", {}),
        ("createToken", {"session_id": "a", "paid": True}),
    ],
)  # fmt: skip
def test_other_operations_take_what_clients_send(
    contract: Contract, operation_id: str, body: object
) -> None:
    assert contract.operation(operation_id).request_problem(body) is None


def test_operation_without_a_body_has_nothing_to_refuse(contract: Contract) -> None:
    listing = contract.operation("listSessions")
    assert not listing.has_body
    assert listing.request_problem({"anything": 1}) is None


def test_a_token_may_be_made_without_a_body(contract: Contract) -> None:
    assert not contract.operation("createToken").body_required
    assert contract.operation("newSession").body_required


def test_older_path_judges_like_the_newer(contract: Contract) -> None:
    older = contract.at("POST", "/v1/realtime.task")
    assert older is not None
    assert older.operation_id == older.alias_of == "sendTask"
    assert older.request_problem({"session_id": "a"}) == "text is missing"


def test_unknown_call_is_not_found(contract: Contract) -> None:
    assert contract.at("GET", "/v1/streaming.new") is None
    with pytest.raises(KeyError):
        contract.operation("nothing")


def test_long_values_are_cut_in_a_refusal(contract: Contract) -> None:
    problem = contract.operation("newSession").request_problem({"quality": "x" * 100_000})
    assert problem is not None
    assert len(problem) < 120


def test_deep_nesting_is_passed_where_unknown_and_refused_where_known(contract: Contract) -> None:
    deep: list[object] = []
    for _ in range(900):
        deep = [deep]
    new = contract.operation("newSession")
    assert new.request_problem({"unknown": deep}) is None
    assert new.request_problem({"quality": deep}) is not None
    assert new.request_problem(deep) == "the body: is nested too deeply"


def test_half_a_surrogate_pair_is_text_like_any_other_until_it_is_compared(
    contract: Contract,
) -> None:
    task = contract.operation("sendTask")
    assert task.request_problem({"session_id": "a", "text": "\ud83d"}) is None
    odd = {"session_id": "a", "text": "x", "task_type": "\ud83d"}
    assert task.request_problem(odd) == "the body: holds text that is not valid Unicode"
    named = {"session_id": "a", "text": "x", "\ud83d": 1}
    assert task.request_problem(named) == "the body: holds text that is not valid Unicode"


_TEXT = st.text(st.characters(codec=None), max_size=12)  # lone surrogates included
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just(10**500)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["session_id", "text", "quality", "voice", "sdp", "candidate", "task_type", "rate", "emotion",
     "type", "sdpMLineIndex", "activity_idle_timeout", "version", "stt_settings", "confidence"]
)  # fmt: skip
_BODIES = _JSON | st.dictionaries(
    _FIELDS, _JSON | st.dictionaries(_FIELDS, _JSON, max_size=3), max_size=5
)


@given(body=_BODIES, number=st.integers(0, 17))
def test_any_json_is_judged_in_a_short_sentence(
    contract: Contract, body: object, number: int
) -> None:
    problem = contract.operations[number].request_problem(body)
    assert problem is None or 0 < len(problem) < 300
    assert problem is None or "\n" not in problem
    assert problem is None or problem.encode("utf-8")


@given(body=_BODIES, number=st.integers(0, 17), status=st.sampled_from([200, 400, 401, 429, 599]))
def test_any_answer_is_judged_in_a_short_sentence(
    contract: Contract, body: object, number: int, status: int
) -> None:
    problem = contract.operations[number].response_problem(status, body)
    assert problem is None or 0 < len(problem.encode("utf-8")) < 500
