"""heygen-contract fuzz: its exit statuses, its files, and what it says."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contract import cli
from contract.cli import main
from contract.clients.plan import parse_plan
from tests.contract.clients.scripts import LEAKY, client, python, script
from tests.program import environment

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.process

LIST_FAILS = '[{"on": "listSessions", "nth": 1, "do": "status", "row": "internal-error"}]'


@pytest.fixture(autouse=True)
def _terms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of its own, no key, no terminal, and no handler of signals left behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    monkeypatch.setattr(cli, "_end_like_an_exception", lambda: None)
    for name in [name for name in os.environ if name.startswith("COV_")]:
        monkeypatch.delenv(name)


def fuzz(*words: str) -> int:
    return main(["fuzz", "--media", "none", *words])


def test_findings_are_exit_1_and_their_plans_play_again(tmp_path: Path, capsys: Capture) -> None:
    words = client(tmp_path, "leaky")
    assert fuzz("--only", "field-entries", "--sweep-only", "--jobs", "1", "--", *words) == 0
    only = ("--only", "status", "--sweep-only", "--seed", "5")
    assert fuzz(*only, "--", *words) == 1
    said = capsys.readouterr()
    assert "\nLEAKED-SESSION\n" in said.out
    assert "seed 5\n" in said.out
    assert said.out.endswith("report: heygen-fuzz/report.html\n")
    assert "sweep: " in said.err
    report = json.loads(Path("heygen-fuzz/report.json").read_text())
    assert (report["only"], report["sweep_only"], report["minutes"]) == (["status"], True, None)
    leak = next(one for one in report["findings"] if one["verdict"] == "leaked-session")
    file = Path("heygen-fuzz", leak["file"])
    assert parse_plan(file.read_text()).data == leak["plan"]
    assert f"heygen-mock serve --plan {file}" in said.out
    again = shlex.split(leak["again"])
    assert again[:2] == ["heygen-contract", "fuzz"]
    assert main(again[1:]) == 1
    assert capsys.readouterr().out.startswith("LEAKED-SESSION\n")
    assert {"junit.xml", "report.html"} <= {one.name for one in Path("heygen-fuzz").iterdir()}


def test_a_client_that_copes_is_exit_0(tmp_path: Path, capsys: Capture) -> None:
    plan = Path("plan.json")
    plan.write_text(LIST_FAILS)
    assert fuzz("--plan", "plan.json", "--", *client(tmp_path, "careful")) == 0
    assert capsys.readouterr().out.startswith("fine: 1 plan, in ")
    assert not Path("heygen-fuzz").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command: write it after --"),
        (["--", "no-such-client"], "the command 'no-such-client' is not there"),
        (["--only", "stauts", "--", "true"], "--only 'stauts' is no kind, family or target; did"),
        (["--only", " , ", "--", "true"], "--only ' , ' names nothing"),
        (["--plan", "gone.json", "--", "true"], "--plan gone.json: No such file"),
        (["--plan", "bad.json", "--", "true"], "--plan bad.json: [0].do is missing"),
        (["--plan", "bad.json", "--minutes", "1", "--", "true"], "--minutes chooses what is tried"),
        (["-o", "bad.json", "--sweep-only", "--", "true"], "-o bad.json: File exists"),
        (["--sweep-only", "--", "true"], "it made no request; it must take the server's address"),
        (["--sweep-only", "--", "false"], "it ended with status 1; it printed nothing"),
    ],
)
def test_what_cannot_run_is_exit_2_and_says_why(
    words: list[str], said: str, capsys: Capture
) -> None:
    Path("bad.json").write_text('[{"on": "sendTask"}]')
    assert fuzz(*words) == 2
    assert said in capsys.readouterr().err


def test_what_was_found_is_told_though_it_cannot_be_written(
    tmp_path: Path, capsys: Capture
) -> None:
    words = client(tmp_path, "leaky")
    code = Path(words[1]).read_text()
    # The client puts a file in the place of the directory.
    Path(words[1]).write_text(
        "import os, shutil\nshutil.rmtree('out', ignore_errors=True)\nopen('out', 'w')\n" + code
    )
    only = ("--only", "status", "--sweep-only", "-o", "out")
    assert fuzz(*only, "--", *words) == 2
    said = capsys.readouterr()
    assert "LEAKED-SESSION\n" in said.out
    assert "-o out: File exists" in said.err


def test_a_letter_that_the_terminal_does_not_have_costs_no_report(tmp_path: Path) -> None:
    words = client(tmp_path, "leaky")
    Path("plan.json").write_text(LIST_FAILS)
    code = Path(words[1]).read_text().replace("failed:", "\\u00e9chou\\u00e9:")
    Path(words[1]).write_text(code)
    done = subprocess.run(
        [
            sys.executable, "-m", "contract", "fuzz", "--media", "none", "--plan", "plan.json",
            "--", "env", "PYTHONIOENCODING=utf-8", *words,
        ],
        env=environment(
            {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONIOENCODING": "ascii:strict"}
        ),
        capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert rb"\xe9chou\xe9: " in done.stdout


def test_a_plan_that_the_fake_does_not_know_is_exit_2(tmp_path: Path, capsys: Capture) -> None:
    Path("plan.json").write_text('[{"on": "sendTask", "do": "stauts"}]')
    assert fuzz("--plan", "plan.json", "--", *client(tmp_path, "careful")) == 2
    assert "[0].do" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flag", [("--minutes", "0"), ("--jobs", "0"), ("--timeout", "x"), ("--seed", "-1")]
)
def test_an_odd_number_is_refused(flag: tuple[str, str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        fuzz(*flag, "--", "true")
    assert ended.value.code == 2
    assert flag[0] in capsys.readouterr().err


def test_without_hypothesis_there_is_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert fuzz("--", "true") == 2
    assert capsys.readouterr().err == (
        'heygen-contract: fuzz needs hypothesis: pip install "heygen-mock[contract]"\n'
    )


@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGINT, 1), (signal.SIGINT, 3), (signal.SIGTERM, 1)]
)
def test_ctrl_c_and_sigterm_are_exit_130_with_what_was_found(
    number: signal.Signals, times: int, tmp_path: Path
) -> None:
    # Not ended by TERM, so that there is time to press it once more.
    words = script(
        tmp_path,
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open('port', 'w').write(BASE.rpartition(':')[2])\n{LEAKY}",
    )
    process = subprocess.Popen(
        [
            sys.executable, "-m", "contract", "fuzz", "--media", "none", "--sweep-only",
            "--jobs", "1", "--only", "listSessions", "--", *words,
        ],
        env=environment({"PYTHONPATH": str(Path(__file__).parents[3])}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("leaked-session"):
            break
    for _ in range(times):
        process.send_signal(number)
        time.sleep(0.05)  # signals that come together are one
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "LEAKED-SESSION  (not confirmed)" in out
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(Path("port").read_text())))
    assert json.loads(Path("heygen-fuzz/report.json").read_text())["interrupted"] is True


def test_ctrl_c_before_the_first_run_is_over_leaves_nothing_running(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    words = python(
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "contract", "fuzz", "--media", "none", "--", *words],
        env=environment({"PYTHONPATH": str(Path(__file__).parents[3])}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
