from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from contract.commands import reap
from contract.exchange import Exchange, Request, Response, UnreachableError
from contract.guard.config import GuardConfig
from contract.guard.process import GuardProcess, take_key
from contract.spec import load_spec
from contract.transport import HttpSend
from contract.unable import UnableError
from mock_server import MockServer
from tests.contract.guard.services import KEY, Heard, Said, open_sessions, service

pytestmark = pytest.mark.process

SPEC = load_spec()


def new(guard: GuardProcess) -> Response:
    headers = (("x-api-key", guard.sentinel), ("content-type", "application/json"))
    return send(guard, Request("POST", "/v1/streaming.new", headers, b"{}"))


def send(guard: GuardProcess, request: Request) -> Response:
    with closing(HttpSend(guard.url)) as to_guard:
        return to_guard(request)


@contextmanager
def running(server: MockServer, state: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A run with one session open, as processes of their own; and the guard's process id."""
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.guard.parent", server.url, str(state), KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        guard, status = (int(word) for word in parent.stdout.readline().split())
        assert status == 200
        assert len(open_sessions(server)) == 1
        try:
            yield parent, guard
        finally:
            parent.kill()
            with suppress(ProcessLookupError):
                os.kill(guard, signal.SIGTERM)


def within(seconds: float, true: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while not true():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        shown = subprocess.run(["ps", "-p", str(pid)], stdout=subprocess.DEVNULL, check=False)
        return shown.returncode != 0
    return state == "Z"  # nobody waits for the child of a killed process in a container


def test_when_the_parent_is_killed_nothing_stays_open(server: MockServer, tmp_path: Path) -> None:
    with running(server, tmp_path) as (parent, guard):
        parent.kill()
        assert within(10, lambda: not open_sessions(server))
        assert within(10, lambda: is_gone(guard))
    assert list(tmp_path.iterdir()) == []


def test_what_both_left_when_killed_is_reaped(
    server: MockServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = tmp_path / "heygen-contract"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with running(server, state) as (parent, guard):
        (session,) = open_sessions(server)
        assert reaped(server, monkeypatch, capsys) == "nothing was left open\n"  # it is alive
        os.kill(guard, signal.SIGKILL)
        parent.kill()
        assert within(10, lambda: is_gone(guard))
        assert open_sessions(server) == [session]
    assert (
        reaped(server, monkeypatch, capsys)
        == f"stopped {session}, which an earlier run left open\n"
    )
    assert open_sessions(server) == []
    assert reaped(server, monkeypatch, capsys) == "nothing was left open\n"
    assert list(state.iterdir()) == []


def reaped(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setenv("HEYGEN_API_KEY", KEY)
    assert reap.run(argparse.Namespace(real_url=server.url)) == 0
    assert "HEYGEN_API_KEY" not in os.environ
    return capsys.readouterr().out


def test_reap_needs_the_key() -> None:
    answer = subprocess.run(
        [sys.executable, "-P", "-m", "contract", "reap"],
        env={name: value for name, value in os.environ.items() if name != "HEYGEN_API_KEY"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert "set HEYGEN_API_KEY" in answer.stderr


def test_the_next_guard_stops_what_a_killed_one_left(server: MockServer, tmp_path: Path) -> None:
    config = GuardConfig(target=server.url, state=tmp_path)
    with GuardProcess(config, spec=SPEC, key=KEY) as killed:
        session = new(killed).json["data"]["session_id"]
        os.kill(killed.pid, signal.SIGKILL)
        with pytest.raises(UnreachableError, match="heygen-contract reap"):
            killed.stop()
    with GuardProcess(config, spec=SPEC, key=KEY) as guard:
        assert guard.reaped.stopped == (session,)
        assert open_sessions(server) == []


def test_a_signal_ends_it_with_a_report(server: MockServer, tmp_path: Path) -> None:
    with GuardProcess(GuardConfig(target=server.url, state=tmp_path), spec=SPEC, key=KEY) as guard:
        assert os.getsid(guard.pid) != os.getsid(0)  # the terminal's Ctrl-C does not reach it
        session = new(guard).json["data"]["session_id"]
        os.kill(guard.pid, signal.SIGINT)
        assert within(10, lambda: not open_sessions(server))
        report = guard.stop()
    assert (report.opened, report.stopped, report.left_open) == (1, (session,), ())
    assert report.minutes == 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_key_is_nowhere_but_in_the_guard(
    server: MockServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", KEY)
    key = take_key(os.environ)
    assert key == KEY
    assert "HEYGEN_API_KEY" not in os.environ
    seen: list[Exchange] = []
    config = GuardConfig(target=server.url, state=tmp_path)
    with GuardProcess(config, spec=SPEC, key=key, on_exchange=seen.append) as guard:
        new(guard)
        process = Path(f"/proc/{guard.pid}")
        outside = [
            Path(guard.journal).read_bytes(),
            (process / "cmdline").read_bytes(),
            (process / "environ").read_bytes(),
        ]
        report = guard.stop()
    outside += [repr(part).encode() for part in (seen, report, guard.config, guard.reaped)]
    outside += [text.encode() for text in capfd.readouterr()]
    assert len(seen) == 2
    assert [part for part in outside if KEY.encode() in part] == []


def test_violations_of_its_own_calls_come_with_the_exchanges_that_show_them(tmp_path: Path) -> None:
    def answer(heard: Heard) -> Said:
        said = b'{"code":100,"message":"success","data":{"session_id":"a"}}'
        return Said(200, said if heard.path.endswith("new") else b"[]")

    with (
        service(answer) as (url, _),
        GuardProcess(GuardConfig(target=url, state=tmp_path), spec=SPEC, key=KEY) as guard,
    ):
        key = (("x-api-key", guard.sentinel), ("content-type", "application/json"))
        send(guard, Request("POST", "/v1/streaming.new", key, b"{}"))
        report = guard.stop()
    assert {violation.operation for violation in report.violations} == {"stopSession"}
    violation = report.violations[0]
    assert violation.history[-1].request.path == "/v1/streaming.stop"


def test_a_taken_port_is_told(server: MockServer, tmp_path: Path) -> None:
    port = int(server.url.rpartition(":")[2])
    config = GuardConfig(target=server.url, state=tmp_path, port=port)
    with (
        pytest.raises(UnableError, match=f"port {port} of 127.0.0.1: Address already in use"),
        GuardProcess(config, spec=SPEC, key=KEY),
    ):
        pass
