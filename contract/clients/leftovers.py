"""Plan files that an earlier run left in a directory of reports."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from contract.clients.plan import plan_of
from contract.unable import UnableError


def clear(directory: Path, *, keep: Collection[str]) -> None:
    """Deletes the plan files that the report.json in there names as its own, but ``keep``.

    What was edited since stays, and so does all when the report cannot be read: it may be another
    program's. Raises OSError for a file that is there and cannot be deleted.
    """
    try:
        report = json.loads((directory / "report.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    with suppress(KeyError, TypeError, AttributeError, UnableError):
        for name, text in list(_plans(report)):
            file = directory / name
            # The report is a file too: it may say anything, also of other directories.
            if name not in keep and Path(name).name == name and _holds(file, text):
                file.unlink(missing_ok=True)


def _plans(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each."""
    if report["kind"] == "fuzz":
        rows = [(one["file"], one["plan"]) for one in report["findings"]]
    else:
        plans = {case["id"]: case["plan"] for case in report["cases"]}
        rows = [
            (f"{one['id']}.json", plans[one["id"]])
            for client in report["clients"]
            for one in client["results"]
            if one["grade"] == "failed"
        ]
    yield from ((name, plan_of(plan).text) for name, plan in rows if name)


def _holds(file: Path, text: str) -> bool:
    try:
        return file.read_bytes() == text.encode()
    except (OSError, ValueError):  # of a name that no file can have
        return False
