"""junit.xml: one test case for each kind of verdict, as CI systems read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from contract.clients.sightings import Finding
from contract.clients.summary import Summary, client_did, meaning, other_ways
from contract.clients.verdicts import KINDS, MEANING
from contract.report.junit import case, document, suite


def write_junit(summary: Summary) -> str:
    """The text of junit.xml. A verdict that no plan led to is a case that passed."""
    cases = [_finding(one, summary) for one in summary.findings]
    found = {one.verdict.kind for one in summary.findings}
    if not summary.interrupted and summary.replayed is None:
        cases += [
            _case("verdicts", f"no {kind}: {MEANING[kind]}") for kind in KINDS if kind not in found
        ]
    for one in summary.flaky:
        text = f"seen once, and not again: {one.plan}: {client_did(one)}"
        cases.append(_case("flaky", f"{one.verdict.kind} {one.plan}", "skipped", text))
    cases += [
        _case("run", "could not be judged", "error", problem.split("\n")[0], problem)
        for problem in summary.problems
    ]
    if summary.replayed is not None and not cases:
        cases.append(_case("replay", str(summary.replayed)))
    name = "heygen-contract fuzz"
    return document(suite(name, cases, began=summary.began, seconds=summary.seconds))


def _finding(one: Finding, summary: Summary) -> ET.Element:
    lines = [
        f"{one.verdict.kind}: {meaning(one)}",
        *(f"server: {sentence}" for sentence in summary.server(one.plan)),
        client_did(one),
        f"plan: {one.plan}",
        other_ways(one.also),
        one.verdict.detail or one.outcome.ended.output[-2000:],
    ]
    name = f"{one.verdict.kind} {one.file.removesuffix('.json')}".strip()
    text = "\n".join(line for line in lines if line)
    return _case("findings", name, "failure", client_did(one), text)


def _case(group: str, name: str, kind: str = "", message: str = "", text: str = "") -> ET.Element:
    return case(f"heygen-contract.fuzz.{group}", name, kind, message, text)
