"""What was known of clients, so that CI fails on what got worse and on nothing else."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from contract.clients.grade import GRADES, Grade, Graded
from contract.unable import UnableError

Baseline = Mapping[str, Mapping[str, Grade]]
"""client -> case id -> grade"""

_BADNESS: Mapping[Grade, int] = {
    "ok": 0,
    "informational": 0,
    "non-strict": 1,
    "not exercised": 2,
    "failed": 3,
}
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Change:
    """Where a run and its baseline differ, and what to do about it."""

    of: Literal["worse", "stale"]
    client: str
    case_id: str
    said: str

    def __str__(self) -> str:
        where = f"{self.client} {self.case_id}".rstrip()
        return f"{self.of}: {where}: {self.said}"


def read_baseline(file: Path, *, flag: str = "--baseline") -> Baseline:
    """Raises UnableError that names the flag that asked for it, file and place."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST + 1)
    except OSError as problem:
        raise UnableError(f"{flag} {file}: {problem.strerror or problem}") from None
    if len(text) > _LARGEST:
        raise UnableError(f"{flag} {file}: it has more than {_LARGEST} bytes")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise UnableError(f"{flag} {file} is no JSON: {problem}") from None
    if not isinstance(data, dict):
        raise UnableError(f'{flag} {file}: it must be like {{"client": {{"CASE-ID": "ok"}}}}')
    for client, grades in data.items():
        if not isinstance(grades, dict):
            raise UnableError(f"{flag} {file}: {client}: give an object of case id and grade")
        for case_id, found in grades.items():
            if found not in GRADES:
                raise UnableError(
                    f"{flag} {file}: {client}: {case_id}: {found!r} is none of {', '.join(GRADES)}"
                )
    return cast("Baseline", data)


def text_of(graded: Sequence[Graded], before: Baseline, *, known: Collection[str]) -> str:
    """The baseline of this run. Of cases that it left out, the entries from before stay."""
    found = {
        one.name: {
            **{case: was for case, was in before.get(one.name, {}).items() if case in known},
            **{result.case.id: result.grade for result in one.results},
        }
        for one in graded
    }
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def changes(
    graded: Sequence[Graded], before: Baseline, *, known: Collection[str], chosen: Collection[str]
) -> Iterator[Change]:
    """What got worse, and what in the baseline is out of date.

    ``known`` are the ids of all cases, ``chosen`` those that were to be graded.
    """
    fresh = [one.name for one in graded if one.name not in before]
    now = {one.name: {r.case.id: r.grade for r in one.results} for one in graded}
    for client, was in before.items():
        if client not in now:
            yield Change("stale", client, "", f"it was not graded; {_renamed(client, fresh)}")
            continue
        for case_id, old in was.items():
            if case_id not in known:
                yield Change("stale", client, case_id, f"there is no such case; {_UPDATE}")
            elif case_id in chosen and case_id in now[client]:
                yield from _change(client, case_id, old, now[client][case_id])
    for client, grades in now.items():
        for case_id, grade in grades.items():
            if grade == "failed" and case_id not in before.get(client, {}):
                yield Change("worse", client, case_id, "failed, and the baseline has no entry")


def _renamed(client: str, fresh: Sequence[str]) -> str:
    """What to do about an entry of a client that was not graded, when these are new."""
    same = f"if it is {' or '.join(fresh)} now, call it so with --name {shlex.quote(client)}; "
    return f"{same if fresh else ''}grade it too, or {_UPDATE}"


_UPDATE = "update the baseline with --write-baseline FILE"


def _change(client: str, case_id: str, old: Grade, new: Grade) -> Iterator[Change]:
    if _BADNESS[new] > _BADNESS[old]:
        yield Change("worse", client, case_id, f"{old} before, {new} now")
    elif new != old:
        yield Change("stale", client, case_id, f"{old} before, {new} now; {_UPDATE}")
