"""junit.xml: one test case for each rule, as CI systems read it.

The form is that of Jenkins' xunit plug-in (junit-10.xsd), which GitLab and others read too.
"""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from contract.report.masking import Masking
from contract.report.summary import Finding, RuleLine, Summary, Verdict

_SKIPPED: frozenset[Verdict] = frozenset(
    {"guess", "known deviation", "not judged", "allowed unreached", "not reachable", "not chosen"}
)


def write_junit(summary: Summary) -> str:
    """The text of junit.xml. What could not be done, and stale rows, are cases of their own."""
    mask = Masking(summary.secrets)
    cases = [_rule(line, summary, mask) for line in summary.rules]
    cases += [
        _case("run", "could not run", "error", mask(_first(problem)), mask(problem))
        for problem in summary.problems
    ]
    for row in summary.stale:
        text = f"did not occur, though {row.rule} was checked"
        cases.append(_case("deviations", row.id, "failure", text, text))
    whole = suite("heygen-contract", cases, began=summary.began, seconds=summary.seconds)
    properties = ET.Element("properties")
    for name in ("target", "seed", "profile", "answers", "spec_version", "tool_version"):
        ET.SubElement(properties, "property", name=name, value=clean(str(getattr(summary, name))))
    whole.insert(0, properties)
    return document(whole)


def _rule(line: RuleLine, summary: Summary, mask: Masking) -> ET.Element:
    findings = [f for f in summary.findings if f.violation.rule.id == line.rule.id]
    text = "\n\n".join(_words(finding, mask) for finding in findings)
    if line.verdict == "violated" and findings:
        worst = findings[0].violation
        message = f"expected {worst.expected}, got {worst.actual}"
        return _case("rules", line.rule.id, "failure", mask(message), text)
    if line.verdict == "never reached":
        kind = "skipped" if summary.interrupted else "error"
        return _case("rules", line.rule.id, kind, "never reached", line.rule.sentence)
    if line.verdict in _SKIPPED:
        message = f"{line.verdict}: {line.reason}" if line.reason else line.verdict
        return _case("rules", line.rule.id, "skipped", message, text)
    return _case("rules", line.rule.id)


def _words(finding: Finding, mask: Masking) -> str:
    violation = finding.violation
    lines = [
        violation.rule.sentence,
        f"evidence: {violation.grade}: {violation.rule.evidence.source}",
        mask(str(violation)),
        f"{finding.times}, by {', '.join(finding.stimuli)}",
    ]
    if finding.deviation is not None:
        lines.append(f"known as {finding.deviation.id}: {finding.deviation.why}")
    if finding.curl:
        lines.append(finding.curl)
    return "\n".join(lines)


def _case(group: str, name: str, kind: str = "", message: str = "", text: str = "") -> ET.Element:
    return case(f"heygen-contract.{group}", name, kind, message, text)


def case(group: str, name: str, kind: str = "", message: str = "", text: str = "") -> ET.Element:
    """A test case; of the ``kind`` failure, error or skipped, or one that passed."""
    made = ET.Element("testcase", classname=clean(group), name=clean(name))
    if kind:
        said = ET.SubElement(made, kind, message=clean(message))
        said.text = clean(text) or None
    return made


def suite(name: str, cases: Sequence[ET.Element], *, began: float, seconds: float) -> ET.Element:
    """A suite of these cases. ``began`` is in Unix seconds."""

    def count(kind: str) -> str:
        return str(sum(case.find(kind) is not None for case in cases))

    made = ET.Element(
        "testsuite",
        name=clean(name),
        tests=str(len(cases)),
        failures=count("failure"),
        errors=count("error"),
        skipped=count("skipped"),
        time=f"{seconds:.3f}",
        timestamp=dt.datetime.fromtimestamp(began, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S"),
    )
    made.extend(cases)
    return made


def document(*suites: ET.Element) -> str:
    """The text of junit.xml."""
    root = ET.Element("testsuites")
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _first(text: str) -> str:
    return text.strip().split("\n")[0]


def clean(text: str) -> str:
    """Without characters that XML 1.0 cannot hold (section 2.2)."""
    return "".join(
        c if c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff"
        else "\ufffd"
        for c in text
    )  # fmt: skip
