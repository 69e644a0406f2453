"""``heygen-contract grade``, with small real clients and a real fake without media."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contract.cli import main
from contract.commands.grade import name_of
from tests.contract.clients.scripts import client

Capture = pytest.CaptureFixture[str]
CASES = "SIG-UNKNOWN-FIELDS,ERR-LIST-REFUSED,ERR-TOKEN-REFUSED"


def grade(*words: str) -> int:
    try:
        return main(["grade", "--media", "none", *words])
    except SystemExit as ended:  # of the command line's reader
        return int(ended.code or 0)


@pytest.mark.process
def test_a_careful_client_is_graded_and_reported(tmp_path: Path, capsys: Capture) -> None:
    words = client(tmp_path, "careful")
    out = tmp_path / "out"
    assert grade("--only", CASES, "--name", "mine", "-o", str(out), "--", *words) == 0
    assert capsys.readouterr().out.splitlines() == [
        "      ok  non-strict  failed  informational  not exercised",
        "mine   2           0       0              0              1",
        "",
        "1 client in 3 cases: none failed",
        f"report: {out / 'report.html'}",
    ]
    data = json.loads((out / "report.json").read_text())
    assert [(row["id"], row["grade"]) for row in data["clients"][0]["results"]] == [
        ("SIG-UNKNOWN-FIELDS", "ok"),
        ("ERR-TOKEN-REFUSED", "not exercised"),
        ("ERR-LIST-REFUSED", "ok"),
    ]


@pytest.mark.process
def test_two_clients_make_a_matrix_and_a_failure_ends_with_status_1(
    tmp_path: Path, capsys: Capture
) -> None:
    good, leaky = (" ".join(client(tmp_path, name)) for name in ("careful", "leaky"))
    out = tmp_path / "out"
    words = ["--client", f"good={good}", "--client", f"bad={leaky}"]
    assert grade("--only", "ERR-LIST-REFUSED", "-o", str(out), *words) == 1
    said = capsys.readouterr().out
    assert "bad failed:\n  ERR-LIST-REFUSED: it left the session that it knew without" in said
    assert "2 clients in 1 case: 1 failed" in said
    assert json.loads((out / "ERR-LIST-REFUSED.json").read_text()) == [
        {"on": "listSessions", "nth": 1, "do": "status", "row": "internal-error"}
    ]


@pytest.mark.process
def test_a_baseline_accepts_what_was_known_and_no_more(tmp_path: Path, capsys: Capture) -> None:
    words = ["-o", str(tmp_path / "out"), "--name", "mine", "--", *client(tmp_path, "leaky")]
    file = tmp_path / "grades.json"
    only = ["--only", "SIG-UNKNOWN-FIELDS,ERR-LIST-REFUSED"]
    assert grade(*only, "--write-baseline", str(file), *words) == 0
    known = {"mine": {"ERR-LIST-REFUSED": "failed", "SIG-UNKNOWN-FIELDS": "ok"}}
    assert json.loads(file.read_text()) == known
    assert grade(*only, "--baseline", str(file), *words) == 0

    before = {"mine": {**known["mine"], "ERR-LIST-REFUSED": "ok"}, "gone": {"ERR-429": "ok"}}
    file.write_text(json.dumps(before))
    capsys.readouterr()
    assert grade(*only, "--baseline", str(file), *words) == 1
    said = capsys.readouterr().out
    assert "worse: mine ERR-LIST-REFUSED: ok before, failed now" in said
    assert "stale: gone: it was not graded; grade it too, or update the baseline with" in said


@pytest.mark.process
def test_a_client_that_fails_when_healthy_ends_with_status_2(
    tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "grades.json"
    words = ["-o", str(tmp_path / "out"), "--write-baseline", str(file), "--", "false"]
    assert grade("--only", "ERR-429", *words) == 2
    said = capsys.readouterr()
    assert "false could not be graded: the client fails when nothing is wrong" in said.out
    assert "not written, as not all was graded" in said.err
    assert not file.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command: write it after --"),
        (["--client", "true"], "--client 'true': write a name and a command, like new=./client"),
        (["--client", "a=no-such"], "the command 'no-such' is not there"),
        (["--client", "a='"], '--client "a=\'": No closing quotation'),
        (["--client", "a=true", "--client", "a=true"], "two clients are named 'a'; name them"),
        (["--only", "ERR-492", "--", "true"], "there is no such case or group; did you mean ERR-4"),
        (["--only", ",", "--", "true"], "--only ',' names nothing"),
        (["--baseline", "no-such.json", "--", "true"], "--baseline no-such.json: No such file"),
        (["--write-baseline", "no/a.json", "--", "true"], "there is no directory no; make it"),
        (["--write-baseline", "bad.json", "--", "true"], "--write-baseline bad.json is no JSON"),
        (["-o", "bad.json", "--", "true"], "-o bad.json: File exists; give another"),
        (["--jobs", "0", "--", "true"], "'0' is no whole number from 1 on"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    words: list[str], said: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text("{")
    assert grade(*words) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("words", "page", "name"),
    [
        (["python", "clients/mine.py", "--fast"], None, "mine"),
        (["./client"], None, "client"),
        ([], "http://localhost:3000/app.html", "localhost:3000"),
        ([], "file:///srv/app.html", "app"),
    ],
)
def test_a_client_without_a_name_is_called_as_people_would(
    words: list[str], page: str | None, name: str
) -> None:
    assert name_of(argparse.Namespace(client=words, page=page)) == name


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_keep_what_was_graded(number: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-m", "contract", "grade", "--media", "none", "--jobs", "1"]
    running = subprocess.Popen(
        [*words, "-o", str(out), "--", *client(tmp_path, "leaky")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    for line in running.stderr:
        if "ERR-" in line or "SIG-" in line:  # something was graded, and failed
            running.send_signal(number)
            break
    told, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted, " in told
    data = json.loads((out / "report.json").read_text())
    assert data["clients"][0]["interrupted"]
    assert 1 <= len(data["clients"][0]["results"]) < len(data["cases"])
