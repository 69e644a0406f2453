"""The program answers by its name and as a module."""

import subprocess
import sys
from pathlib import Path

import pytest

import mock_server

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.process
@pytest.mark.parametrize(
    "command",
    [[str(Path(sys.executable).with_name("heygen-mock"))], [sys.executable, "-m", "mock_server"]],
    ids=["heygen-mock", "python -m mock_server"],
)
def test_the_program_tells_its_version(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*command, "--version"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert mock_server.__version__ in done.stdout
    assert done.stderr == ""
