"""The program: its help, its flags, its exit statuses, and what it does on Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from contract import cli
from contract.cli import COMMANDS, main
from contract.commands import check
from contract.report.summary import Summary
from contract.settings import Settings
from tests.contract.fakes import SPEC
from tests.contract.report.summaries import summary
from tests.program import environment

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of whoever runs the tests, and no handler of signals left behind."""
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    monkeypatch.setattr(cli, "_end_like_an_exception", lambda: None)


def stopped(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    code = caught.value.code
    assert isinstance(code, int)
    return code


def program(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "contract", *arguments],
        env=environment(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("chekc", "there is no command 'chekc'; did you mean check?"),
        (
            "zzz",
            "there is no command 'zzz'; there are check, rules, record, replay, reap, fuzz, grade",
        ),
    ],
)
def test_an_unknown_command_is_told_the_nearest(word: str, hint: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"heygen-contract: {hint}\n"


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_every_command_has_help_version_and_log_level(command: list[str], capsys: Capture) -> None:
    assert stopped(*command, "--help") == 0
    assert "--log-level" in capsys.readouterr().out
    assert stopped(*command, "--version") == 0
    assert capsys.readouterr().out.startswith("heygen-contract 0.")


def test_help_teaches_by_examples_and_names_the_exit_statuses(capsys: Capture) -> None:
    stopped("--help")
    text = capsys.readouterr().out
    assert "heygen-contract check --target real" in text
    assert "130 after Ctrl-C" in text
    assert "guard" not in text.split("COMMAND")[-1]


def test_help_imports_nothing_slow() -> None:
    code = (
        "import sys; from contract.cli import main\n"
        "try: main(['check', '--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'schemathesis', 'hypothesis', 'aiortc', 'av', 'rich', 'asyncio', 'httpx2'}\n"
        "sys.exit(' '.join(slow & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)


ODD = [
    (["--target", "faek"], "target 'faek' is none of fake, real and a URL"),
    (["--target", "https://api.heygen.com"], "use --target real"),
    (["--stimuli", "toor"], "'toor' is none of schemathesis, tour, machine, media"),
    (["--stimuli", ","], "names none"),
    (["--stimuli", "media", "--no-media"], "leaves nothing to run"),
    (["--allow-unreached", "list-reeds"], "did you mean list-reads?"),
    (["--budget", "3"], "--budget is for --target real, not for fake"),
    (["--real-url", "http://x"], "--real-url is for --target real"),
    (["--accepts-any-key"], "--accepts-any-key is for a URL, not for fake"),
    (["--api-key", ""], "a key is a line of printable ASCII"),
    (["--api-key", "a", "--api-key", "b", "--api-key", "c"], "two accounts are enough"),
    (["--deviations", "no/such.yaml"], "no/such.yaml cannot be read: No such file"),
    (["--report-dir", "/dev/null/x"], "--report-dir /dev/null/x: Not a directory; give another"),
    (["--target", "real", "--budget", "1"], "--target real needs the API key: set HEYGEN_API_KEY"),
    (["--target", "real", "--budget", "0"], "leave it out to see the plan"),
    (["--target", "real", "--budget", "1", "--api-key", "k"], "set HEYGEN_API_KEY"),
    (["--target", "real", "--budget", "1", "--minutes", "-1"], "give a number above zero"),
]


@pytest.mark.parametrize(("flags", "words"), ODD, ids=lambda value: " ".join(value)[:40])
def test_a_bad_flag_is_one_line_with_value_and_remedy(
    flags: list[str], words: str, capsys: Capture
) -> None:
    assert main(["check", *flags]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("heygen-contract: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "flags",
    [["--seed", "x"], ["--seed", "-1"], ["--max-connects", "many"], ["--answers", "odd"], ["--x"]],
    ids=str,
)
def test_a_flag_that_cannot_be_read_is_2(flags: list[str], capsys: Capture) -> None:
    assert stopped("check", *flags) == 2
    assert flags[-1] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["check", "--targt", "fake"], "'--targt' is no option of check; did you mean --target?"),
        (["rules", "a", "b"], "'b' is no option of rules; see heygen-contract rules --help"),
        ([], "the following arguments are required: COMMAND; heygen-contract --help tells"),
    ],
    ids=str,
)
def test_what_is_misspelt_is_one_line_with_what_was_meant(
    words: list[str], told: str, capsys: Capture
) -> None:
    assert stopped(*words) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"heygen-contract: {told}")
    assert err.count("\n") == 1


def test_a_missing_extra_is_2_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["check", "--stimuli", "schemathesis"]) == 2
    assert capsys.readouterr().err == (
        'heygen-contract: check needs schemathesis: pip install "heygen-mock[contract]"\n'
    )


def test_a_missing_module_of_ours_is_no_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(args: object) -> int:
        raise ModuleNotFoundError("No module named 'contract.gone'", name="contract.gone")

    monkeypatch.setattr(check, "run", lose)
    with pytest.raises(ModuleNotFoundError):
        main(["check"])


def test_the_real_api_without_a_budget_is_a_plan_that_sends_nothing(capsys: Capture) -> None:
    try:
        status = main(["check", "--target", "real", "--real-url", "http://127.0.0.1:1"])
    finally:
        out, err = capsys.readouterr()
    if "make distil" in err:
        pytest.skip("no probe was distilled")
    assert status == 0
    assert out.startswith("The plan for http://127.0.0.1:1; nothing was sent.")


def settings_of(monkeypatch: pytest.MonkeyPatch, *flags: str) -> Settings:
    """What a check would be run with."""
    seen: list[Settings] = []

    def keep(settings: Settings, *rest: object) -> Summary:
        seen.append(settings)
        return summary(fine=True)

    import contract.check

    monkeypatch.setattr(contract.check, "check", keep)
    assert main(["check", *flags]) == 0
    return seen[0]


def test_the_key_is_the_flag_then_the_variable_then_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    url = ("--target", "http://127.0.0.1:1")
    assert settings_of(monkeypatch, *url).keys == ("test-key",)
    monkeypatch.setenv("HEYGEN_API_KEY", "of-the-variable")
    assert settings_of(monkeypatch, *url).keys == ("of-the-variable",)
    both = settings_of(monkeypatch, *url, "--api-key", "one", "--api-key", "two")
    assert both.keys == ("one", "two")
    assert settings_of(monkeypatch).keys == ()
    assert "of-the-variable" not in "".join(capsys.readouterr())


def test_the_command_to_run_again_has_the_seed_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ["--target", "http://127.0.0.1:1", "--api-key", "sk-1", "--answers", "auto",
             "--no-media", "--allow-unreached", "list-reads", "--stimuli", "tour"]  # fmt: skip
    again = settings_of(monkeypatch, *flags)
    assert again.command == (
        "heygen-contract check --target http://127.0.0.1:1 "
        f"--seed {again.seed} --stimuli tour --answers auto --no-media --allow-unreached list-reads"
    )
    assert settings_of(monkeypatch, *again.command.split()[2:]).seed == again.seed


def test_rules_lists_all_of_them(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    out = capsys.readouterr().out
    assert all(f"{rule} " in out for rule in SPEC.rules)
    assert main(["rules", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(SPEC.rules)
    assert set(rows[0]) == {"id", "sentence", "evidence", "judged_by", "needs"}


def test_one_rule_is_shown_whole(capsys: Capture) -> None:
    assert main(["rules", "stop-twice"]) == 0
    assert capsys.readouterr().out == (
        "stop-twice\n"
        "  A second stopSession is answered with an error.\n"
        "  evidence   inferred: our guess, by the table of states\n"
        "  judged by  machine, sample, schemathesis, tour\n"
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [("stop-twise", "did you mean stop-twice?"), ("qqq", "heygen-contract rules lists them")],
)
def test_an_unknown_rule_is_2(name: str, words: str, capsys: Capture) -> None:
    assert main(["rules", name]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.process
def test_a_reader_that_closes_the_pipe_is_no_error() -> None:
    with program("rules") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(20) == 0


@pytest.mark.process
def test_ctrl_c_is_130_and_shows_what_was_found(tmp_path: Path) -> None:
    directory = str(tmp_path / "report")
    with program("check", "--stimuli", "tour", "--seed", "1", "--report-dir", directory) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        _wait_for("tour: begins", process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Traceback" not in err
        assert "not finished" in out
        assert "Stopped before the end" in out
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert (report["status"], report["interrupted"]) == (130, True)


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="finds the children in /proc")
def test_a_judge_that_is_killed_leaves_no_fake_behind() -> None:
    with program("check", "--stimuli", "tour", "--seed", "1") as process:
        assert process.stderr is not None
        _wait_for("tour: begins", process.stderr)
        family = _descendants(process.pid)
        assert len(family) >= 2
        process.kill()
        process.communicate(timeout=30)
    for number in family:
        _wait_for_end(number)


def _wait_for(line: str, stream: IO[str]) -> None:
    for each in stream:
        if each.rstrip() == line:
            return
    pytest.fail(f"the program never said {line!r}")


def _descendants(number: int) -> list[int]:
    text = Path(f"/proc/{number}/task/{number}/children").read_text()
    children = [int(child) for child in text.split()]
    return children + [far for child in children for far in _descendants(child)]


def _wait_for_end(number: int) -> None:
    """Blocks until the process is gone: a descriptor of it becomes readable then."""
    import select

    try:
        descriptor = os.pidfd_open(number)
    except ProcessLookupError:
        return
    try:
        ready, _, _ = select.select([descriptor], [], [], 20)
        assert ready, f"process {number} is still there"
    finally:
        os.close(descriptor)
