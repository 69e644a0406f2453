"""The program itself, with its cheap rows; figures are not judged here, the machine is busy."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.process
@pytest.mark.peers
def test_cheap_rows_give_a_table_and_their_figures(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    names = ("frame", "room", "room-first-picture", "churn")
    chosen = [word for name in names for word in ("--only", name)]
    done = _bench("--quick", *chosen, "--json", str(figures))
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows] == [
        "| what",
        "| CPU per delivered frame, 720p25, VP8 and Opus",
        "| CPU per delivered frame of a v2 session, against v1",
        "| streaming.new to the first decoded frame of a v2 room, against v1, median",
        "| 500 sessions opened, watched and closed, against before",
    ]
    frame, room, picture, churn = json.loads(figures.read_text(encoding="utf-8"))["rows"]
    assert frame["ratio"] > 1
    assert room["ratio"] > 0
    assert len(picture["ours_ms"]) == len(picture["theirs_ms"]) == 3
    assert churn["before"]["files"] == churn["after"]["files"]
    assert "round 1 of 1" in done.stderr


def test_an_unknown_row_is_refused() -> None:
    done = _bench("--only", "nonsense")
    assert done.returncode == 2
    assert "frame" in done.stderr
