"""The program's commands and flags."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields

import pytest

from mock_server import __version__
from mock_server.cli import main
from mock_server.core import errors
from mock_server.core.catalogue import AVATARS, VOICES
from mock_server.settings import Settings
from mock_server.web.stack import MismatchError
from tests.program import run, serve

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    import os

    for name in list(os.environ):
        if name.startswith("HEYGEN_MOCK_"):
            monkeypatch.delenv(name)


def stopped(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    code = caught.value.code
    assert isinstance(code, int)
    return code


def test_help_lists_every_setting(capsys: Capture) -> None:
    assert stopped("serve", "--help") == 0
    text = capsys.readouterr().out
    for item in fields(Settings):
        flag = "--no-magic" if item.name == "magic" else f"--{item.name.replace('_', '-')}"
        assert f"{flag} " in text or f"{flag}\n" in text
    assert "HEYGEN_MOCK_X_Y" in text


@pytest.mark.parametrize("command", [[], ["serve"], ["avatars"], ["errors"]], ids=str)
def test_every_command_has_help_and_version(command: list[str], capsys: Capture) -> None:
    assert stopped(*command, "--help") == 0
    assert "--log-level" in capsys.readouterr().out
    assert stopped(*command, "--version") == 0
    assert capsys.readouterr().out == f"heygen-mock {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["serve", "--nonsense"],
        ["serve", "--port", "x"],
        ["serve", "--answers", "both"],
        ["serve", "--log-level", "loud"],
        ["serve", "extra"],
        ["avatars", "--port", "1"],
    ],
    ids=str,
)
def test_a_bad_flag_is_exit_2(arguments: list[str], capsys: Capture) -> None:
    assert stopped(*arguments) == 2
    assert "usage: heygen-mock" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "99999"], "port: 99999 is not a whole number from 0 to 65535"),
        (["--max-sessions", "-1"], "max_sessions: -1 is not a whole number"),
        (["--api-key", ""], "api_key: ('',) is not a list of non-empty texts"),
        (["--media-ports", "5"], "media_ports: '5' is no range of ports"),
        (["--media", "none", "--host", "a..b"], "--host a..b: "),
    ],
    ids=str,
)
def test_a_bad_value_is_exit_2_and_named(arguments: list[str], told: str, capsys: Capture) -> None:
    assert main(["serve", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"heygen-mock: {told}")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "x", "HEYGEN_MOCK_PORT: 'x' is not a whole number"),
        ("MAGIC", "maybe", "HEYGEN_MOCK_MAGIC: 'maybe' is neither true nor false"),
        ("ANSWERS", "both", "answers: 'both' is none of union, documented, recorded"),
    ],
)
def test_a_bad_variable_is_exit_2_and_named(
    name: str, value: str, told: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"HEYGEN_MOCK_{name}", value)
    assert main(["serve"]) == 2
    assert capsys.readouterr().err.startswith(f"heygen-mock: {told}")


def test_a_bad_log_level_in_the_environment_is_exit_2(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEYGEN_MOCK_LOG_LEVEL", "loud")
    assert stopped("avatars") == 2
    assert "HEYGEN_MOCK_LOG_LEVEL: 'loud' is none of debug, info" in capsys.readouterr().err


def test_the_avatars_are_listed(capsys: Capture) -> None:
    assert main(["avatars"]) == 0
    text = capsys.readouterr().out
    assert all(avatar.avatar_id in text for avatar in AVATARS)
    assert all(voice.voice_id in text for voice in VOICES)
    assert "high 1920x1080, medium 1280x720, low 854x480" in text
    assert "Excited, Serious, Friendly, Soothing, Broadcaster" in text


def test_the_avatars_are_listed_as_json(capsys: Capture) -> None:
    assert main(["avatars", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["avatar_id"] for one in listed["avatars"]] == [one.avatar_id for one in AVATARS]
    assert [one["name"] for one in listed["voices"]] == ["Emma", "Liam", "Sofia", "Noah"]
    assert listed["qualities"] == {"high": [1920, 1080], "medium": [1280, 720], "low": [854, 480]}


def test_the_errors_are_listed_with_their_magic_ids(capsys: Capture) -> None:
    assert main(["errors"]) == 0
    text = capsys.readouterr().out
    for row in errors.ROWS:
        (line,) = [line for line in text.splitlines() if f" mock:{row.name} " in line]
        assert line.startswith(f"{row.status} ")
        assert f" {row.code} " in line
        assert line.endswith(row.message)


def test_the_errors_are_listed_as_json(capsys: Capture) -> None:
    assert main(["errors", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in listed} == {row.name for row in errors.ROWS}
    first = next(one for one in listed if one["name"] == "unauthorized")
    assert first["magic_avatar_id"] == "mock:unauthorized"
    assert (first["code"], first["status"]) == (400112, 401)
    assert first["evidence"]["grade"] == "recorded"


def test_a_contract_that_does_not_fit_is_exit_2_and_told(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object, **more: object) -> None:
        raise MismatchError("openapi.yaml has operations without a handler: ['sing']")

    monkeypatch.setattr("mock_server.server.serve", fails)
    assert main(["serve", "--port", "0"]) == 2
    assert capsys.readouterr().err == (
        "heygen-mock: openapi.yaml has operations without a handler: ['sing']\n"
    )


@pytest.mark.process
def test_a_flag_wins_over_the_environment_which_wins_over_the_default() -> None:
    with serve("--max-text", "7", HEYGEN_MOCK_MAX_TEXT="8", HEYGEN_MOCK_MAX_SESSIONS="9") as fake:
        settings = fake.call("GET", "/__mock__/settings")
        fake.end()
    assert (settings["max_text"], settings["max_sessions"], settings["idle_timeout"]) == (7, 9, 120)


@pytest.mark.process
def test_settings_of_clients_are_not_read() -> None:
    with serve(HEYGEN_API_KEY="of-a-client", HEYGEN_BASE_URL="http://elsewhere") as fake:
        assert fake.call("GET", "/__mock__/settings")["api_key"] == []
        assert fake.call("GET", "/v1/streaming.list")["code"] == 100
        fake.end()


@pytest.mark.process
def test_a_reader_that_closes_early_is_no_error() -> None:
    command = f"{sys.executable} -m mock_server errors --json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[", "")


@pytest.mark.process
@pytest.mark.parametrize(("level", "told"), [("debug", True), ("info", False)])
def test_the_log_level_changes_what_is_logged(level: str, told: bool) -> None:
    quiet = run("--log-level", level, "avatars", "--json")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    with serve("--log-level", level) as fake:
        fake.call("GET", "/__mock__/health")
        _, log, _ = fake.end()
    assert ("INFO Started server process" in log) is told
    assert log == "" or told
