"""Writes graded clients into a directory: three reports, and the plans of what failed."""

from __future__ import annotations

from pathlib import Path

from contract.clients.leftovers import clear
from contract.clients.matrix.data import write_json
from contract.clients.matrix.junit import write_junit
from contract.clients.matrix.matrix import Matrix
from contract.clients.matrix.page import write_page
from contract.unable import UnableError


def write_files(matrix: Matrix, directory: Path) -> None:
    """Writes all. The plan files of the report that is replaced go with it.

    Raises UnableError where the disk does not take them.
    """
    failed = {
        result.case.id: result.case.plan
        for client in matrix.clients
        for result in client.results
        if result.grade == "failed"
    }
    try:
        directory.mkdir(parents=True, exist_ok=True)  # a client may have tidied up
        clear(directory, keep=[f"{case_id}.json" for case_id in failed])
        for case_id, plan in failed.items():
            (directory / f"{case_id}.json").write_text(plan.text, encoding="utf-8")
        for name, text in (
            ("junit.xml", write_junit(matrix)),
            ("report.json", write_json(matrix)),
            ("report.html", write_page(matrix)),
        ):
            (directory / name).write_text(text, encoding="utf-8", errors="replace")
    except OSError as problem:
        raise UnableError(f"-o {directory}: {problem.strerror}; give another") from None
