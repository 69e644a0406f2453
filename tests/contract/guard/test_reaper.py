from __future__ import annotations

import asyncio
import json
from pathlib import Path

from contract.exchange import Request
from contract.guard.journal import Journal
from contract.guard.reaper import reap
from contract.guard.service import Service
from contract.guard.wire import Reaped, reaped_from_json, reaped_to_json
from contract.guard.words import left_by_earlier, on_earlier
from contract.spec import load_spec
from mock_server import MockServer
from tests.contract.guard.services import KEY, Said, open_sessions, service

SPEC = load_spec()


def reaped(url: str, directory: Path, *, key: str = KEY, patience: float = 0) -> Reaped:
    async def work() -> Reaped:
        async with Service(url, timeout=5) as behind:
            return await reap(directory, spec=SPEC, service=behind, key=key, patience=patience)

    return asyncio.run(work())


def opened(server: MockServer) -> str:
    async def work() -> str:
        async with Service(server.url, timeout=5) as behind:
            headers = (("x-api-key", KEY), ("content-type", "application/json"))
            response = await behind.call(Request("POST", "/v1/streaming.new", headers, b"{}"))
            return str(response.json["data"]["session_id"])

    return asyncio.run(work())


def abandoned(directory: Path, url: str, *sessions: str, unanswered: int = 0) -> Path:
    journal = Journal(directory, target=url, key=KEY)
    for number, session in enumerate(sessions):
        journal.intend(number)
        journal.opened(number, session)
    for number in range(unanswered):
        journal.intend(100 + number)
    journal.close(clean=False)
    return journal.path


def test_only_sessions_of_the_journals_are_stopped(server: MockServer, tmp_path: Path) -> None:
    ours, other = opened(server), opened(server)
    path = abandoned(tmp_path, server.url, ours)
    assert reaped(server.url, tmp_path).stopped == (ours,)
    assert open_sessions(server) == [other]
    assert not path.exists()


def test_a_session_that_ended_by_itself_is_told_as_that(server: MockServer, tmp_path: Path) -> None:
    abandoned(tmp_path, server.url, "00000000-0000-11f0-8000-000000000000")
    result = reaped(server.url, tmp_path)
    assert result.ended == ("00000000-0000-11f0-8000-000000000000",)
    assert result.stopped == ()


def test_sessions_of_another_key_are_left_to_it(server: MockServer, tmp_path: Path) -> None:
    session = opened(server)
    path = abandoned(tmp_path, server.url, session)
    result = reaped(server.url, tmp_path, key="another-key-of-ours")
    assert result == Reaped(other_keys=1)
    assert open_sessions(server) == [session]
    assert path.exists()
    (line,) = on_earlier(result)
    assert line == (
        "1 session belongs to runs with another key; heygen-contract reap stops it with that"
    )


def test_runs_against_another_service_are_left_alone(server: MockServer, tmp_path: Path) -> None:
    path = abandoned(tmp_path, "http://127.0.0.1:1", "a")
    assert reaped(server.url, tmp_path) == Reaped()
    assert path.exists()


def test_a_call_without_an_answer_names_who_may_have_come_of_it(
    server: MockServer, tmp_path: Path
) -> None:
    path = abandoned(tmp_path, server.url, unanswered=1)
    session = opened(server)
    result = reaped(server.url, tmp_path)
    assert (len(result.unanswered), result.candidates) == (1, (session,))
    assert open_sessions(server) == [session]
    assert path.exists()
    first, second = on_earlier(result)
    assert "its id was never seen" in first
    assert session in second


def test_a_call_of_hours_ago_is_forgotten(server: MockServer, tmp_path: Path) -> None:
    path = abandoned(tmp_path, server.url, unanswered=1)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[-1]["at"] -= 3601
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert reaped(server.url, tmp_path) == Reaped()
    assert not path.exists()


def test_a_service_that_refuses_the_key_is_asked_once(tmp_path: Path) -> None:
    refusal = Said(401, b'{"code":400112,"message":"Unauthorized"}')
    with service(lambda heard: refusal) as (url, heard):
        path = abandoned(tmp_path, url, "a", "b")
        result = reaped(url, tmp_path)
        assert len(heard) == 1
    assert result.left == ("a", "b")
    assert "401" in (result.problem or "")
    assert path.exists()


def test_a_stop_that_fails_is_tried_again(tmp_path: Path) -> None:
    def answer(_: object) -> Said:
        return Said(500) if len(heard) == 1 else Said(200)

    with service(answer) as (url, heard):
        abandoned(tmp_path, url, "a")
        assert reaped(url, tmp_path, patience=5).stopped == ("a",)
        assert len(heard) == 2


def test_where_no_run_was_nothing_is_left(tmp_path: Path) -> None:
    result = reaped("http://127.0.0.1:1", tmp_path / "none")
    assert result == Reaped()
    assert (on_earlier(result), left_by_earlier(result)) == ([], [])


def test_what_was_reaped_is_told_to_the_parent_as_it_is() -> None:
    told = Reaped(("a",), ("b",), ("c",), (1.5,), ("d",), 2, "why")
    assert reaped_from_json(json.loads(json.dumps(reaped_to_json(told)))) == told
