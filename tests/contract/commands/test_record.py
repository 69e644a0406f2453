"""``heygen-contract record``, as its user sees it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from contract.cli import main

ROOT = Path(__file__).parents[3]


class Recorder:
    """A running ``heygen-contract record``, and a client of it."""

    def __init__(self, process: subprocess.Popen[str], out: IO[str]) -> None:
        self.process = process
        self.first = out.readline()
        self.url = out.readline().strip().partition("=")[2]
        self.key = out.readline().strip().partition("=")[2]

    def call(self, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Api-Key": self.key, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return json.load(refusal)

    def interrupt(self) -> tuple[int, str, str]:
        """Ctrl-C: the exit status, and what it still said."""
        self.process.send_signal(signal.SIGINT)
        out, error = self.process.communicate(timeout=30)
        return self.process.returncode, out, error


@contextmanager
def recording(file: Path, *arguments: str) -> Iterator[Recorder]:
    command = [sys.executable, "-m", "contract", "record", "-o", str(file), *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Recorder(process, process.stdout)
        finally:
            if process.poll() is None:
                process.terminate()


@pytest.mark.process
def test_what_a_client_and_the_fake_say_is_written_at_ctrl_c(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "talk.har"
    with recording(file) as recorder:
        token = recorder.call("/v1/streaming.create_token", {})["data"]["token"]
        session_id = recorder.call("/v1/streaming.new", {})["data"]["session_id"]
        assert recorder.call("/v1/streaming.task", {"session_id": session_id, "text": "Hi"}) == {
            "code": 10001,
            "message": "session state wrong: new",
        }
        status, out, error = recorder.interrupt()
    # The guard stops what the client has left open: the fourth exchange.
    assert out == (f"{file}: 4 exchanges\nJudge it with: heygen-contract replay {file}\n")
    assert (status, error) == (0, "")
    written = file.read_text()
    assert session_id in written
    assert token not in written
    assert recorder.key not in written
    assert main(["replay", str(file), "--profile", "strict"]) == 0
    assert "4 exchanges" in capsys.readouterr().out


@pytest.mark.process
def test_a_recording_of_nothing_is_status_2_and_no_file(tmp_path: Path) -> None:
    file = tmp_path / "talk.har"
    with recording(file, "--target", "http://127.0.0.1:9") as recorder:
        assert recorder.key == "(your own)"
        status, out, error = recorder.interrupt()
    assert (status, out) == (2, "")
    assert error.startswith(f"heygen-contract: nothing was recorded, {file} is not written")
    assert not file.exists()


def test_the_real_api_without_a_budget_is_a_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--target", "real"]) == 0
    assert "nothing was sent" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "--port 70000 is no port"),
        (["-o", "/none/of/these/talk.har"], "name a file in a directory that exists"),
        (["--target", "fake", "--budget", "1"], "are for --target real"),
        (["--target", "real", "--budget", "0"], "leaves nothing to record"),
        (["--target", "real", "--budget", "1"], "set HEYGEN_API_KEY"),
    ],
)
def test_what_cannot_be_done_is_status_2_and_one_line(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    assert main(["record", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
