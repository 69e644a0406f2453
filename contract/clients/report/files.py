"""Writes a fuzz run into a directory: a plan file for each finding, and three reports."""

from __future__ import annotations

from pathlib import Path

from contract.clients.report.data import write_json
from contract.clients.report.junit import write_junit
from contract.clients.report.page import write_page
from contract.clients.summary import Summary
from contract.unable import UnableError

REPORTS = ("junit.xml", "report.json", "report.html")


def prepare(directory: Path) -> None:
    """Makes the directory, before anything has run. Raises UnableError where it cannot be."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise UnableError(f"-o {directory}: {problem.strerror}; give another") from None


def write_files(summary: Summary, directory: Path) -> None:
    """Writes all. Plan files of earlier runs stay, unless a finding has the same name now.

    Raises UnableError where the disk does not take them.
    """
    try:
        for finding in summary.findings:
            if finding.file:
                (directory / finding.file).write_text(finding.plan.text, encoding="utf-8")
        for name, text in zip(
            REPORTS,
            (
                write_junit(summary),
                write_json(summary, directory=directory),
                write_page(summary, directory=directory),
            ),
            strict=True,
        ):
            (directory / name).write_text(text, encoding="utf-8", errors="replace")
    except OSError as problem:
        raise UnableError(f"-o {directory}: {problem.strerror}; give another") from None
