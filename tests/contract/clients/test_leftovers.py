"""Of earlier plan files only a run's own go, and only when no report names them any more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.clients.leftovers import clear
from contract.clients.matrix.files import write_files as write_matrix
from contract.clients.matrix.matrix import Matrix
from contract.clients.report.files import write_files
from tests.contract.clients.graded import CASES, client
from tests.contract.clients.report.summaries import BROKEN, FINE, LEAK, SLOW, summary

REPORTS = {"junit.xml", "report.json", "report.html"}


def names(directory: Path) -> set[str]:
    return {file.name for file in directory.iterdir()} - REPORTS


def test_plan_files_of_a_fuzz_run_go_when_it_no_longer_finds_them(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("[]")
    write_files(BROKEN, tmp_path)
    write_files(summary(findings=(LEAK,)), tmp_path)
    assert names(tmp_path) == {"mine.json", "leaked-session-sendTask-status.json"}
    write_files(FINE, tmp_path)
    assert names(tmp_path) == {"mine.json"}


def test_plans_of_cases_go_when_they_no_longer_fail(tmp_path: Path) -> None:
    for grades, left in ((("failed", "failed"), {"EVT-ONE.json", "ERR-TWO.json"}),
                         (("ok", "failed"), {"ERR-TWO.json"})):  # fmt: skip
        write_matrix(Matrix(CASES, (client("a", *grades),), 0.0, 1.0), tmp_path)  # type: ignore[arg-type]
        assert names(tmp_path) == left


def test_a_plan_file_that_was_edited_stays(tmp_path: Path) -> None:
    write_files(BROKEN, tmp_path)
    (tmp_path / LEAK.file).write_text("[]")
    write_files(FINE, tmp_path)
    assert names(tmp_path) == {LEAK.file}


def test_no_file_outside_of_the_directory_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(SLOW.text)
    (tmp_path / "out").mkdir()
    for name in ("../other.json", str(tmp_path / "other.json"), "..", "a\0b", ""):
        report = {"kind": "fuzz", "findings": [{"file": name, "plan": SLOW.data}]}
        (tmp_path / "out" / "report.json").write_text(json.dumps(report))
        clear(tmp_path / "out", keep=())
    assert (tmp_path / "other.json").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"kind": "fuzz"}', '{"kind": "check"}', "[" * 9999]
)
def test_a_report_of_another_program_is_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text)
    clear(tmp_path, keep=())
    assert (tmp_path / "report.json").read_text() == text
