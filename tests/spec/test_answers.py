"""What an answer must hold, in each shape."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.spec import Contract, load_contract


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


TASK: dict[str, Any] = {
    "code": 100,
    "message": "success",
    "data": {"task_id": "2b1f7e4c-bd4e-11ef-8f3a-0242ac110002", "duration_ms": 2480.0},
    "task_id": "2b1f7e4c-bd4e-11ef-8f3a-0242ac110002",
    "duration_ms": 2480.0,
}


def test_union_needs_both_shapes_and_each_shape_only_its_own(contract: Contract) -> None:
    task = contract.operation("sendTask")
    flat = {key: TASK[key] for key in ("task_id", "duration_ms")}
    enveloped = {key: TASK[key] for key in ("code", "message", "data")}
    assert task.response_problem(200, TASK) is None
    assert task.response_problem(200, flat, answers="documented") is None
    assert task.response_problem(200, enveloped, answers="recorded") is None
    assert task.response_problem(200, flat) == "code is missing"
    assert task.response_problem(200, enveloped) == "duration_ms is missing"
    assert task.response_problem(200, flat, answers="recorded") == "code is missing"
    assert task.response_problem(200, enveloped, answers="documented") == "duration_ms is missing"


UUID1 = "^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"code": "100"}, "code: '100' is not an integer"),
        ({"code": 101}, "code: 101 is not 100"),
        ({"message": "fine"}, "message: 'fine' is not one of success, Success, SUCCESS"),
        ({"duration_ms": -1}, "duration_ms: -1 is less than 0"),
        ({"data": None}, "data: null is not an object"),
        (
            {"data": {"task_id": "2b1f7e4c-bd4e-41ef-8f3a-0242ac110002", "duration_ms": 1}},
            f"data.task_id: '2b1f7e4c-bd4e-41ef-8f3a-0242ac110002' does not match {UUID1}",
        ),
    ],
)
def test_each_constraint_of_an_answer_is_held(
    contract: Contract, change: dict[str, Any], problem: str
) -> None:
    assert contract.operation("sendTask").response_problem(200, TASK | change) == problem


def test_creation_time_in_milliseconds_is_refused(contract: Contract) -> None:
    listing = contract.operation("listSessions")
    session = {
        "session_id": "1f86a0a2-bd4e-11ef-8f3a-0242ac110002",
        "status": "new",
        "created_at": 1734651255,
    }
    assert listing.response_problem(200, {"sessions": [session]}, answers="documented") is None
    session["created_at"] = 1734651255000
    assert listing.response_problem(200, {"sessions": [session]}, answers="documented") == (
        "sessions[0].created_at: 1734651255000 is greater than 99999999999"
    )


def test_closed_sessions_are_not_listed(contract: Contract) -> None:
    listing = contract.operation("listSessions")
    session = {"session_id": "x", "status": "closed", "created_at": 1}
    assert listing.response_problem(200, {"sessions": [session]}, answers="documented") == (
        "sessions[0].status: 'closed' is not one of new, connecting, connected"
    )


def test_status_that_the_operation_does_not_have_is_refused(contract: Contract) -> None:
    assert contract.operation("listVoices").response_problem(413, {}) == (
        "status 413 is not one of 200, 400, 401, 405, 429, 500"
    )


@pytest.mark.parametrize("answers", ["union", "documented", "recorded"])
def test_errors_look_the_same_in_every_shape(contract: Contract, answers: Any) -> None:
    new = contract.operation("newSession")
    good = {"code": 10007, "message": "Concurrent limit reached"}
    assert new.response_problem(400, good, answers=answers) is None
    assert new.response_problem(400, {"code": 10007}, answers=answers) == "message is missing"
    text = good | {"code": "10007"}
    assert new.response_problem(400, text, answers=answers) == "code: '10007' is not an integer"
