"""Writes a fuzz run into a directory: a plan file for each finding, and three reports."""

from __future__ import annotations

from pathlib import Path

from contract.clients.leftovers import clear
from contract.clients.report.data import write_json
from contract.clients.report.junit import write_junit
from contract.clients.report.page import write_page
from contract.clients.summary import Summary
from contract.unable import UnableError


def write_files(summary: Summary, directory: Path) -> None:
    """Writes all. The plan files of the report that is replaced go with it.

    Raises UnableError where the disk does not take them.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)  # a client may have tidied up
        clear(directory, keep=[finding.file for finding in summary.findings])
        for finding in summary.findings:
            if finding.file:
                (directory / finding.file).write_text(finding.plan.text, encoding="utf-8")
        for name, text in (
            ("junit.xml", write_junit(summary)),
            ("report.json", write_json(summary, directory=directory)),
            ("report.html", write_page(summary, directory=directory)),
        ):
            (directory / name).write_text(text, encoding="utf-8", errors="replace")
    except OSError as problem:
        raise UnableError(f"-o {directory}: {problem.strerror}; give another") from None
