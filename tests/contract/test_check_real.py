"""The whole check of a service that costs money, with the fake or worse in its place."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract import check_real
from contract.cli import main
from mock_server import MockServer
from tests.contract.guard.services import KEY, Heard, Said, fake, open_sessions, service
from tests.mutants.garden import MUTANTS

pytestmark = pytest.mark.process

LISTS = {
    "actions": [["listSessions"], ["listSessions", {"credentials": "none"}]],
    "sessions": 0,
    "requests": 2,
    "rules": ["answer-status", "credentials-required"],
}
STOPS = {
    "actions": [
        ["newSession"],
        ["stopSession", {"session": 0}],
        ["stopSession", {"session": 0}],
        ["listSessions"],
    ],
    "sessions": 1,
    "requests": 4,
    "rules": ["answer-status", "session-id-fresh", "stop-ends", "stop-twice"],
}
LASTS = {
    "actions": [["newSession"], ["newSession"], ["listSessions"]],
    "sessions": 2,
    "requests": 5,
    "rules": ["list-active", "list-status"],
}
TALKS = {"actions": [["newConnected"]], "sessions": 1, "requests": 3, "rules": ["task-blank"]}

Capture = pytest.CaptureFixture[str]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def shared() -> Iterator[MockServer]:
    with fake() as server:
        yield server


@pytest.fixture
def server(shared: MockServer) -> MockServer:
    shared.reset()
    return shared


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """Checks a URL with a probe of a few histories: status, output, errors."""
    probe = tmp_path / "probe.json"
    probe.write_text(json.dumps({"histories": [LISTS, STOPS, LASTS, TALKS]}))
    monkeypatch.setattr(check_real, "default_probe", lambda: probe)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def work(url: str, *flags: str, key: str = KEY) -> tuple[int, str, str]:
        monkeypatch.setenv("HEYGEN_API_KEY", key)
        target = ("--target", "real", "--real-url", url, "--no-media")
        status = main(["check", *target, *flags])
        out, err = capsys.readouterr()
        assert key not in out + err
        return status, out, err

    return work


@contextmanager
def planted(bug: str) -> Iterator[str]:
    """The URL of a fake with that bug."""
    (mutant,) = [mutant for mutant in MUTANTS if mutant.name == bug]
    with MockServer(media="none", api_key=[KEY], max_sessions=0, seams=mutant.seams) as server:
        yield server.url


def test_a_right_service_ends_with_0(server: MockServer, run: Run) -> None:
    status, out, err = run(server.url, "--budget", "3")
    assert "violation" not in out.split("stimulus")[0]
    assert "3 of 3 histories were played to their ends" in err
    assert "3 sessions were opened, 1.5 minutes as billed" in err
    assert status == 0
    assert f"The contract holds: real ({server.url}), seed " in out
    assert open_sessions(server) == []


def test_rules_beyond_the_budget_are_not_reachable_and_say_what_it_takes(
    server: MockServer, run: Run
) -> None:
    status, out, _ = run(server.url, "--budget", "1")
    assert status == 0
    assert "never reached" not in out
    assert "needs --budget 3: list-status" in out
    assert "the probe does not come to it: " in out


def test_without_a_budget_nothing_is_sent(server: MockServer, run: Run) -> None:
    status, out, _ = run(server.url)
    assert status == 0
    assert out.startswith(f"The plan for {server.url}; nothing was sent.")
    assert server.requests() == []


def test_a_broken_rule_is_told_as_it_comes_and_ends_with_1(run: Run) -> None:
    with planted("stop-ends-nothing") as url:
        status, out, err = run(url, "--budget", "1")
    assert status == 1
    assert "VIOLATED  stop-ends" in out
    assert '"${HEYGEN_API_KEY}"' in out
    assert err.index("violation: stop-ends at ") < err.index("histories were played")


def test_a_difference_from_a_guess_is_shown_and_no_failure(run: Run) -> None:
    with planted("stop-again") as url:
        status, out, err = run(url, "--budget", "1")
    assert status == 0
    assert "GUESS  stop-twice  stopSession" in out
    assert "probe: guess: stop-twice at stopSession" in err


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(200, b"<html>", (("content-type", "text/html"),)), "gone: /v1/streaming.list"),
        (Said(404, b"", ()), "gone: /v1/streaming.list is answered with status 404"),
        (Said(401, b'{"code":400112,"message":"Unauthorized"}'), "key refused: the service"),
        (
            Said(429, b"{}", (("content-type", "application/json"), ("retry-after", "3000"))),
            "rate limited: the service answers 429, to be asked again in 3000 s",
        ),
    ],
    ids=["a page", "nothing there", "key refused", "busy for an hour"],
)
def test_a_service_that_cannot_be_judged_is_one_line_and_2(
    run: Run, said: Said, words: str
) -> None:
    with service(lambda heard: said) as (url, _):
        status, out, err = run(url, "--budget", "1")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith(f"heygen-contract: {words}")


def test_a_service_that_fails_in_the_middle_is_2_with_what_was_found(run: Run) -> None:
    def answer(heard: Heard) -> Said:
        if heard.path.endswith("list"):
            return Said(200, b'{"code":100,"message":"success","data":{"sessions":7}}')
        return Said(500, b'{"code":500,"message":"no"}')

    with service(answer) as (url, _):
        status, out, err = run(url, "--budget", "3")
    assert status == 2
    assert "VIOLATED  answer-schema" in out
    assert "a session may be open until the service ends it" in out
    assert "1 session was opened" in err or "sessions were opened" in err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--budget", "3", "--minutes", "0.2"], "--minutes 0.2 is too little for the probe"),
        (["--budget", "1", "--stimuli", "tour"], "is given its own short probe; leave it out"),
    ],
)
def test_flags_with_which_nothing_would_be_done_are_told(
    run: Run, flags: list[str], words: str
) -> None:
    status, out, err = run("http://127.0.0.1:1", *flags)
    assert (status, out) == (2, "")
    assert words in err.splitlines()[-1]


def test_after_ctrl_c_nothing_is_open_and_the_status_is_130(
    server: MockServer, tmp_path: Path
) -> None:
    environment = {
        **os.environ, "HEYGEN_API_KEY": KEY, "XDG_STATE_HOME": str(tmp_path), "NO_COLOR": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "contract", "check", "--target", "real", "--budget", "9"]
    process = subprocess.Popen(
        [*command, "--real-url", server.url, "--no-media"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while not server.requests():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Stopped before the end" in out
    assert "Traceback" not in err
    assert KEY not in out + err
    assert open_sessions(server) == []
