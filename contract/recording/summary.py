"""A judged recording as a summary, from which every form of report is made."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from contract.findings import Findings, Key, Violation
from contract.recording.recording import Recording
from contract.report.secrets import all_secrets
from contract.report.summary import Finding, RuleLine, Summary, Verdict, worst_first

_BY = ("recording",)


def summarize(
    recording: Recording,
    findings: Findings,
    *,
    answers: str,
    tool_version: str,
    command: str,
) -> Summary:
    """Keys, tokens and cookies of the recording are masked.

    Rules that no exchange could have broken are "not reachable": a recording cannot be asked for
    more than it holds.
    """
    spec = findings.spec
    first = min(exchange.began for exchange in recording.exchanges)
    last = max(exchange.ended for exchange in recording.exchanges)
    found = _found(findings)
    rules = tuple(
        RuleLine(rule, verdict, findings.checked[rule.id], _BY, reason)
        for rule in spec.rules.values()
        for verdict, reason in [_verdict(rule.id, findings)]
    )
    return Summary(
        target=Path(recording.name).name,
        seed=0,
        profile=findings.profile,
        answers=answers,
        spec_version=spec.version,
        tool_version=tool_version,
        command=command,
        began=first,
        seconds=last - first,
        status=1 if any(line.verdict == "violated" for line in rules) else 0,
        interrupted=False,
        rules=rules,
        findings=found,
        timings=(),
        notes=recording.notes,
        secrets=tuple(sorted(all_secrets(recording.exchanges))),
    )


def _found(findings: Findings) -> tuple[Finding, ...]:
    same: dict[Key, list[Violation]] = defaultdict(list)
    for violation in findings.violations:
        same[violation.key].append(violation)
    return worst_first(
        Finding(min(each, key=lambda v: len(v.history)), len(each), _BY, curl="")
        for each in same.values()
    )


def _verdict(rule_id: str, findings: Findings) -> tuple[Verdict, str]:
    own = {v.verdict for v in findings.violations if v.rule.id == rule_id}
    if "violation" in own:
        return "violated", ""
    if own:
        return "guess", ""
    if rule_id in findings.unjudged:
        return "not judged", findings.unjudged[rule_id]
    if findings.checked[rule_id]:
        return "held", ""
    return "not reachable", "nothing in the recording could have broken it"
