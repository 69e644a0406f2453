"""junit.xml: one suite for each client, as CI systems read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from contract.clients.grade import Graded
from contract.clients.matrix.matrix import Matrix
from contract.report.junit import clean


def write_junit(matrix: Matrix) -> str:
    """The text of junit.xml. With a baseline only what got worse or is out of date fails."""
    root = ET.Element("testsuites")
    root.extend(_suite(client, matrix) for client in matrix.clients)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(client: Graded, matrix: Matrix) -> ET.Element:
    suite = ET.Element("testsuite", name=clean(f"heygen-contract grade {client.name}"))
    changed = {one.case_id: str(one) for one in matrix.changes or () if one.client == client.name}
    for result in client.results:
        case = _case(suite, client, f"{result.case.id}: {result.case.title}")
        case.set("time", f"{result.outcome.ended.seconds:.3f}")
        text = f"{result.grade}: it {result.said}"
        fails = result.grade == "failed" if matrix.changes is None else result.case.id in changed
        if fails:
            said = changed.get(result.case.id, text)
            plan = f"{text}\nserver: {result.case.server}\nplan: {result.case.plan}"
            ET.SubElement(case, "failure", message=clean(said)).text = clean(plan)
        elif result.grade == "not exercised":
            ET.SubElement(case, "skipped", message=clean(text))
    known = {result.case.id for result in client.results}
    for case_id in changed.keys() - known:
        case = _case(suite, client, case_id or "baseline")
        ET.SubElement(case, "failure", message=clean(changed[case_id]))
    if client.problem:
        case = _case(suite, client, "could be graded")
        ET.SubElement(case, "error", message=clean(client.problem))
    suite.set("tests", str(len(suite)))
    for kind in ("failure", "error"):
        suite.set(f"{kind}s", str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _case(suite: ET.Element, client: Graded, name: str) -> ET.Element:
    group = clean(f"heygen-contract.grade.{client.name}")
    return ET.SubElement(suite, "testcase", classname=group, name=clean(name))
