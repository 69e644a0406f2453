"""The generated pages of docs/ are up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.core.errors import ROWS
from mock_server.core.faults.catalogue import make_catalogue
from mock_server.spec import find_contract, load_contract
from mock_server.spec.error_page import page as error_page
from mock_server.spec.evidence import page as evidence_page
from mock_server.spec.fault_page import page as fault_page
from mock_server.spec.source import read_document

ROOT = Path(__file__).parents[2]


def test_the_page_of_evidence_is_as_generated() -> None:
    expected = evidence_page(read_document(find_contract()))
    assert (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8") == expected


def test_the_page_of_errors_is_as_generated() -> None:
    expected = error_page(load_contract())
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == expected


def test_the_page_of_faults_is_as_generated() -> None:
    expected = fault_page(make_catalogue(load_contract().answer_fields()))
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8") == expected


def test_the_page_of_errors_has_a_magic_id_for_each_row() -> None:
    text = error_page(load_contract())
    for row in ROWS:
        assert f"| `mock:{row.name}` |" in text


@pytest.mark.parametrize(
    ("module", "file"),
    [("evidence", "evidence.md"), ("error_page", "errors.md"), ("fault_page", "faults.md")],
)
def test_the_command_that_a_page_names_writes_it(module: str, file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"mock_server.spec.{module}"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    assert done.stdout == (ROOT / "docs" / file).read_bytes()
