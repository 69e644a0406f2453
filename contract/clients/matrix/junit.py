"""junit.xml: one suite for each client, as CI systems read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from contract.clients.grade import Graded, Result
from contract.clients.matrix.matrix import Matrix
from contract.report.junit import case, document, suite


def write_junit(matrix: Matrix) -> str:
    """The text of junit.xml. With a baseline only what got worse or is out of date fails."""
    return document(*(_suite(client, matrix) for client in matrix.clients))


def _suite(client: Graded, matrix: Matrix) -> ET.Element:
    name = f"heygen-contract grade {client.name}"
    seconds = sum(result.outcome.ended.seconds for result in client.results)
    return suite(name, list(_cases(client, matrix)), began=matrix.began, seconds=seconds)


def _cases(client: Graded, matrix: Matrix) -> Iterator[ET.Element]:
    group = f"heygen-contract.grade.{client.name}"
    changed = {one.case_id: str(one) for one in matrix.changes or () if one.client == client.name}
    for result in client.results:
        made = _result(result, group, matrix, changed.get(result.case.id))
        made.set("time", f"{result.outcome.ended.seconds:.3f}")
        yield made
    for case_id in changed.keys() - {result.case.id for result in client.results}:
        yield case(group, case_id or "baseline", "failure", changed[case_id])
    if client.problem:
        yield case(group, "could be graded", "error", client.problem)


def _result(result: Result, group: str, matrix: Matrix, change: str | None) -> ET.Element:
    name = f"{result.case.id}: {result.case.title}"
    text = f"{result.grade}: it {result.said}"
    fails = result.grade == "failed" if matrix.changes is None else change is not None
    if fails:
        more = f"{text}\nserver: {result.case.server}\nplan: {result.case.plan}"
        return case(group, name, "failure", change or text, more)
    if result.grade == "not exercised":
        return case(group, name, "skipped", text)
    return case(group, name)
