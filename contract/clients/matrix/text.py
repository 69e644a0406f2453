"""Graded clients for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from contract.clients.grade import GRADES, Graded
from contract.clients.matrix.matrix import Matrix
from contract.clients.verdicts import advice, leak_cost

_SHORT = 500


def write_text(matrix: Matrix) -> str:
    """A row of counts for each client, what failed, and what the baseline says."""
    return "\n".join(_lines(matrix)) + "\n"


def _lines(matrix: Matrix) -> Iterator[str]:
    width = max((len(client.name) for client in matrix.clients), default=0)
    yield f"{'':{width}}  {'  '.join(GRADES)}"
    for client in matrix.clients:
        row = "  ".join(f"{client.count(grade):>{len(grade)}}" for grade in GRADES)
        yield f"{client.name:{width}}  {row}"
    for client in matrix.clients:
        yield from _failures(client)
        if client.problem:
            yield f"\n{client.name} could not be graded: {client.problem}"
    if matrix.changes:
        yield ""
        yield from (str(change) for change in matrix.changes)
    yield f"\n{matrix.sentence}"


def _failures(client: Graded) -> Iterator[str]:
    failed = [result for result in client.results if result.grade == "failed"]
    if failed:
        yield f"\n{client.name} failed:"
    for result in failed:
        said = result.said if len(result.said) <= _SHORT else f"{result.said[:_SHORT]}..."
        yield f"  {result.case.id}: it {said}"
        yield f"    the server: {result.case.server}"
        yield f"    a good client: {result.case.good}"
    kinds = {kind for result in failed for kind in result.verdicts}
    if "leaked-session" in kinds:  # once: it is the same for each
        yield f"  a session without a stop: {leak_cost(1)}"
    if hint := advice(kinds):
        yield f"  ({hint})"
