"""A summary as text for people: what was found first, then what was checked."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from contract.report.masking import Masking
from contract.report.summary import (
    MEANING,
    VERDICTS,
    Finding,
    RuleLine,
    Summary,
    Verdict,
)

WIDTH = 96
Paint = Callable[[str, str], str]
"""Colours a text: ``paint("red", text)``."""

_COLOURS: dict[Verdict, str] = {
    "violated": "red",
    "guess": "yellow",
    "known deviation": "yellow",
    "held": "green",
    "not judged": "yellow",
    "never reached": "red",
    "not reachable": "dim",
    "allowed unreached": "dim",
    "not chosen": "dim",
}
_SGR = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


def no_paint(colour: str, text: str) -> str:
    """Leaves the text as it is."""
    return text


def ansi_paint(colour: str, text: str) -> str:
    """Colours it for a terminal, by ECMA-48."""
    return f"\x1b[{_SGR[colour]}m{text}\x1b[0m"


def write_text(
    summary: Summary, *, paint: Paint = no_paint, scripts: dict[int, Path] | None = None
) -> str:
    """The whole report. ``scripts`` are files with the curl script of each finding, by index."""
    mask = Masking(summary.secrets)
    blocks = [
        *(
            _finding(finding, (scripts or {}).get(index), paint, mask)
            for index, finding in enumerate(summary.findings)
        ),
        *_reasons(summary, paint),
        _timings(summary),
        *_deviations(summary),
        _end(summary, paint),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _finding(finding: Finding, script: Path | None, paint: Paint, mask: Masking) -> str:
    violation = finding.violation
    rule = violation.rule
    title = paint(_COLOURS[finding.verdict], f"{finding.verdict.upper()}  {rule.id}")
    where = "" if violation.operation is None else f"  {violation.operation}"
    where += "" if violation.field is None else f", {violation.field}"
    lines = [
        f"{paint('bold', title)}{where}  ({finding.times}, by {', '.join(finding.stimuli)})",
        *wrapped("", rule.sentence),
        *wrapped("evidence", f"{violation.grade}: {rule.evidence.source}"),
        *wrapped("expected", mask(violation.expected)),
        *wrapped("got", mask(violation.actual)),
    ]
    if finding.deviation is not None:
        row = finding.deviation
        lines += wrapped("known as", f"{row.id}, until {row.expires}: {row.why}")
    if script is not None:
        lines += wrapped("again", f"bash {script}")
    elif finding.curl and finding.verdict == "violated":
        lines.append("  again")
        lines += [f"    {line}" for line in finding.curl.rstrip().split("\n")]
    return "\n".join(lines)


def _reasons(summary: Summary, paint: Paint) -> Iterator[str]:
    """The rules that neither held nor broke, and why."""
    for verdict in ("never reached", "not judged", "allowed unreached", "not reachable"):
        lines = summary.lines(verdict)
        if lines and not (summary.interrupted and verdict == "never reached"):
            title = paint(_COLOURS[verdict], f"{verdict}: {MEANING[verdict]}")
            yield "\n".join([title, *_by_reason(lines)])


def _by_reason(lines: list[RuleLine]) -> Iterator[str]:
    reasons = dict.fromkeys(line.reason for line in lines)
    for reason in reasons:
        ids = ", ".join(line.rule.id for line in lines if line.reason == reason)
        text = f"{reason}: {ids}" if reason else ids
        yield textwrap.fill(
            text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )


def _timings(summary: Summary) -> str:
    if not summary.timings:
        return ""
    rows = [f"{'stimulus':<14}{'seconds':>8}{'requests':>10}{'violations':>12}"]
    for timing in summary.timings:
        end = "" if timing.complete else "  not finished"
        rows.append(
            f"{timing.stimulus:<14}{timing.seconds:>8.1f}{timing.requests:>10}"
            f"{timing.violations:>12}{end}"
        )
    requests = sum(timing.requests for timing in summary.timings)
    violations = sum(timing.violations for timing in summary.timings)
    rows.append(f"{'in all':<14}{summary.seconds:>8.1f}{requests:>10}{violations:>12}")
    return "\n".join(rows)


def _deviations(summary: Summary) -> Iterator[str]:
    for row in summary.stale:
        yield (
            f"stale: the known deviation {row.id} did not occur, though {row.rule} was checked; "
            "take the row out"
        )
    for row in summary.expired:
        yield f"expired: the known deviation {row.id} excuses nothing since {row.expires}"


def _end(summary: Summary, paint: Paint) -> str:
    counts = ", ".join(
        paint(_COLOURS[verdict], f"{count} {verdict}")
        for verdict in VERDICTS
        if (count := summary.count(verdict))
    )
    lines = [f"{len(summary.rules)} rules: {counts}"]
    lines += [paint("red", f"problem: {problem}") for problem in summary.problems]
    colour = "green" if summary.status == 0 else "red"
    lines.append(paint(colour, f"{summary.verdict}: {summary.target}, seed {summary.seed}"))
    return "\n".join(lines)


def wrapped(name: str, text: str) -> list[str]:
    """The lines of a named text; those after the first stand below its beginning."""
    lead = f"  {name:<10}" if name else "  "
    flat = " ".join(text.split())
    return textwrap.wrap(
        flat, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False
    ) or [lead.rstrip()]
