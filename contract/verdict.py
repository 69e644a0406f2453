"""What a run comes to: a verdict on every rule, the findings to show, and the exit status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from contract.curl import write_curl
from contract.deviations import Ruling, judge
from contract.findings import Key, Violation
from contract.guard.config import REAL_URL
from contract.reach import REACH, WHY
from contract.report.masking import Masking
from contract.report.secrets import secrets_of
from contract.report.summary import Finding, RuleLine, Summary, Verdict, worst_first
from contract.run import Run
from contract.settings import Settings
from contract.spec import Rule, Spec

_PLACES = {"fake": "http://127.0.0.1:8000", "real": REAL_URL}
"""Where a script goes that sends a history again, if nothing else was said."""
_UNCONNECTED = (
    "not one session could be connected, so that nothing behind a connection was judged; "
    "see that UDP passes to the server, or leave those rules out with --no-media"
)


def summarize(settings: Settings, spec: Spec, run: Run, *, began: float, seconds: float) -> Summary:
    """The whole of a run. ``began`` is in Unix seconds, ``seconds`` what it took."""
    ruling = judge(
        settings.deviations,
        [violation for _, violation in run.violations],
        target=settings.target,
        checked=run.checked,
        calls=run.calls,
        today=dt.datetime.fromtimestamp(began, dt.UTC).date(),
    )
    exchanges = [exchange for _, violation in run.violations for exchange in violation.history]
    secrets = {*settings.keys, *run.keys, *secrets_of(exchanges)}
    findings = _findings(settings, run, ruling, Masking(secrets))
    rules = tuple(_line(rule, settings, run, findings) for rule in spec.rules.values())
    problems = (*run.problems, *_unconnected(run))
    unreached = not run.interrupted and any(line.verdict == "never reached" for line in rules)
    broken = any(f.verdict == "violated" for f in findings) or bool(ruling.stale)
    return Summary(
        target=str(settings.target),
        seed=settings.seed,
        profile=settings.profile,
        answers=settings.answers,
        spec_version=spec.version,
        tool_version=settings.tool_version,
        command=settings.command,
        began=began,
        seconds=seconds,
        status=_status(
            interrupted=run.interrupted,
            unable=bool(problems),
            broken=broken,
            unreached=unreached,
        ),
        interrupted=run.interrupted,
        rules=rules,
        findings=findings,
        timings=tuple(course.timing for course in run.courses.values()),
        stale=ruling.stale,
        expired=ruling.expired,
        problems=problems,
        notes=tuple(run.notes),
        secrets=tuple(sorted(secrets)),
    )


def _status(*, interrupted: bool, unable: bool, broken: bool, unreached: bool) -> int:
    """What could not be done weighs most: its findings, or their absence, prove little.

    Findings weigh more than rules that were not reached, because often they are why.
    """
    if interrupted:
        return 130
    if unable:
        return 2
    if broken:
        return 1
    return 2 if unreached else 0


def _unconnected(run: Run) -> list[str]:
    counts = [ended.connections for ended in run.ended if ended.connections is not None]
    if run.interrupted or not counts or any(counts):
        return []
    return [_UNCONNECTED]


def _findings(settings: Settings, run: Run, ruling: Ruling, mask: Masking) -> tuple[Finding, ...]:
    groups: dict[Key, list[tuple[str, Violation]]] = {}
    for name, violation in run.violations:
        groups.setdefault(violation.key, []).append((name, violation))
    moves = {ended.stimulus: ended.moves for ended in run.ended}
    keys = {ended.stimulus: ended.keys for ended in run.ended}
    findings = []
    for key, members in groups.items():
        name, shown = min(members, key=lambda member: _length(member[1]))
        curl = ""
        if shown.history:
            curl = write_curl(
                shown.history,
                url=settings.target.url or _PLACES[settings.target.kind],
                keys=keys.get(name) or settings.keys,
                moves=moves.get(name, ()),
                title=f"{shown.rule.id}: expected {shown.expected}, got {shown.actual}",
            )
        findings.append(
            Finding(
                shown,
                len(members),
                tuple(dict.fromkeys(stimulus for stimulus, _ in members)),
                mask(curl),
                ruling.excused.get(key),
            )
        )
    return worst_first(findings)


def _length(violation: Violation) -> tuple[bool, int, int]:
    """Shortest first, in requests and then in bytes; one that nothing shows comes last."""
    history = violation.history
    return (not history, len(history), sum(len(exchange.request.body) for exchange in history))


def _line(rule: Rule, settings: Settings, run: Run, findings: Sequence[Finding]) -> RuleLine:
    mine = [finding for finding in findings if finding.violation.rule.id == rule.id]
    reach = REACH[rule.id]
    probed = settings.target.kind == "real"
    judges = tuple(name for name in settings.chosen if probed or name in reach.judged_by)
    checked = run.checked[rule.id]

    def line(verdict: Verdict, reason: str = "") -> RuleLine:
        return RuleLine(rule, verdict, checked, judges, reason)

    if mine:
        return line(mine[0].verdict)
    if checked:
        return line("held")
    if rule.id in run.unjudged:
        return line("not judged", run.unjudged[rule.id])
    if rule.id in run.unreachable:
        return line("not reachable", run.unreachable[rule.id])
    if probed:
        return line("never reached")
    if not reach.judged_by & settings.wanted:
        return line("not chosen", f"judged by {', '.join(sorted(reach.judged_by))}")
    if lacking := sorted(reach.needs - settings.has):
        return line("not reachable", "; ".join(WHY[need] for need in lacking))
    if not reach.sure & set(settings.chosen):
        return line("not chosen", f"{', '.join(judges)} comes to it by chance only")
    if rule.id in settings.allow_unreached:
        return line("allowed unreached", "--allow-unreached")
    spent = sum(ended.connections or 0 for ended in run.ended) >= settings.max_connects > 0
    hint = f"all {settings.max_connects} connections of --max-connects were spent" if spent else ""
    return line("never reached", hint)
