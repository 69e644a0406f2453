"""Writes a summary into a directory: junit.xml, report.json, report.html and curl scripts."""

from __future__ import annotations

from pathlib import Path

from contract.report.data import write_json
from contract.report.junit import write_junit
from contract.report.page import write_page
from contract.report.summary import Summary
from contract.unable import UnableError


def prepare(directory: Path, *, flag: str = "--report-dir") -> None:
    """Makes the directory, before anything has run. Raises UnableError where it cannot be, naming
    the flag that asked for it.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise UnableError(f"{flag} {directory}: {problem.strerror}; give another") from None


def write_files(summary: Summary, directory: Path) -> dict[int, Path]:
    """Writes all. The curl scripts by the index of their finding; those of earlier runs go.

    Raises UnableError where the disk does not take them.
    """
    try:
        scripts = _scripts(summary, directory)
        for name, text in (
            ("junit.xml", write_junit(summary)),
            ("report.json", write_json(summary)),
            ("report.html", write_page(summary)),
        ):
            (directory / name).write_text(text, encoding="utf-8", errors="replace")
    except OSError as problem:
        raise UnableError(f"--report-dir {directory}: {problem.strerror}; give another") from None
    return scripts


def _scripts(summary: Summary, directory: Path) -> dict[int, Path]:
    for old in directory.glob("finding-*.sh"):
        old.unlink()
    scripts = {}
    for index, finding in enumerate(summary.findings):
        if finding.curl:
            path = directory / f"finding-{index + 1}-{finding.violation.rule.id}.sh"
            path.write_text(finding.curl, encoding="utf-8", errors="replace")
            scripts[index] = path
    return scripts
