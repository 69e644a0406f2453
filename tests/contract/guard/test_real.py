from __future__ import annotations

from pathlib import Path

import pytest

from contract.guard.config import GuardConfig
from contract.guard.plan import History, Plan
from contract.guard.real import RealRun, run_real
from contract.spec import load_spec
from contract.unable import UnableError
from contract.viewers.paper import PaperViewer
from mock_server import MockServer
from tests.contract.guard.services import KEY, Heard, Said, open_sessions, service

pytestmark = pytest.mark.process

SPEC = load_spec()

LISTS = History(
    (["listSessions"], ["createToken"], ["listSessions", {"credentials": "none"}]), 0, 3, 0.0
)
TALKS = History(
    (
        ["newConnected"],
        ["sendTask", {"session": 0}],
        ["interruptTask", {"session": 0}],
        ["stopSession", {"session": 0}],
        ["stopSession", {"session": 0}],
    ),
    1,
    6,
    5.0,
)
OPENS = History((["newSession"], ["newSession"], ["listSessions"]), 2, 5, 5.0)


def quiet(done: int, total: int | None = None, note: str = "") -> None:
    pass


def real(url: str, state: Path, *histories: History, key: str = KEY, **more: object) -> RealRun:
    config = GuardConfig(**{"target": url, "state": state, "rate": None, **more})  # type: ignore[arg-type]
    return run_real(
        SPEC,
        Plan(histories),
        config,
        key=key,
        viewer=PaperViewer(connects=True),
        progress=quiet,
        pause=lambda seconds: None,
    )


def test_the_probe_is_played_through_the_guard(server: MockServer, tmp_path: Path) -> None:
    run = real(server.url, tmp_path, LISTS, TALKS, OPENS, sessions=3)
    assert (run.outcome, run.whole, run.histories) == ("judged", 3, 3)
    assert run.findings.violations == []
    assert run.findings.checked.total() > 20
    assert run.report is not None
    assert (run.report.opened, run.report.left_open, run.report.violations) == (3, (), ())
    assert len(run.exchanges) == run.report.exchanges
    assert len(server.sessions()) == 3
    assert open_sessions(server) == []


def test_the_budget_is_held(server: MockServer, tmp_path: Path) -> None:
    run = real(server.url, tmp_path, OPENS, OPENS, sessions=3)
    assert (run.outcome, run.judged, run.whole) == ("budget spent", True, 1)
    assert run.words == "the budget of 3 sessions is spent"
    assert len(server.sessions()) == 3
    assert open_sessions(server) == []


def test_a_session_that_the_guard_ended_spoils_its_history_only(
    server: MockServer, tmp_path: Path
) -> None:
    keeps = History((["newSession"], ["newSession"], ["keepAlive", {"session": 0}]), 2, 5, 5.0)
    run = real(server.url, tmp_path, keeps, LISTS, max_open=1)
    assert (run.outcome, run.whole, run.histories) == ("judged", 1, 2)
    assert run.findings.violations == []


def test_a_broken_rule_is_found(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Said:
        return Said(200, b'{"code":100,"message":"success","data":{"sessions":7}}')

    with service(answer) as (url, _):
        run = real(url, tmp_path, LISTS)
    assert run.outcome == "judged"
    assert "listSessions" in {violation.operation for violation in run.findings.violations}


def test_a_service_that_cannot_be_reached_is_one_verdict(tmp_path: Path) -> None:
    with service(lambda heard: Said(200)) as (url, _):
        pass
    run = real(url, tmp_path, LISTS, OPENS)
    assert (run.outcome, run.judged) == ("unreachable", False)
    assert run.words.startswith(f"{url} cannot be reached: ")
    assert run.findings.violations == []


def test_a_refused_key_is_one_verdict(server: MockServer, tmp_path: Path) -> None:
    run = real(server.url, tmp_path, LISTS, OPENS, key="a-key-of-nobody-at-all")
    assert (run.outcome, run.words) == ("key refused", "the service refuses the key (status 401)")
    assert run.findings.violations == []
    assert len(server.requests()) == 1


def test_a_probe_of_another_form_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match="make distil"):
        real("http://127.0.0.1:1", tmp_path, History(("new",), 1, 1, 0.0))
