"""What was found in a recording, as text for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from contract.findings import Findings, Violation
from contract.recording.compare import MEANING, Difference
from contract.recording.recording import Recording
from contract.report.text import wrapped

_CELL = 30


def describe(recording: Recording) -> str:
    """What the file holds, and what it leaves out."""
    first = min(exchange.began for exchange in recording.exchanges)
    last = max(exchange.ended for exchange in recording.exchanges)
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (first, last))
    count = len(recording.exchanges)
    hosts = ", ".join(recording.hosts)
    span = f"{begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S} UTC"
    plural = "" if count == 1 else "s"
    lines = [f"{recording.name}: {count} exchange{plural} with {hosts}, {span}"]
    for note in recording.notes:
        lines += wrapped("note", note)
    return "\n".join(lines)


def describe_findings(findings: Findings) -> str:
    """Each violation with rule, evidence, entry and request; then the count of rules."""
    blocks = ["\n".join(_violation(violation)) for violation in findings.violations]
    broken = {v.rule.id for v in findings.violations if v.verdict == "violation"}
    guesses = {v.rule.id for v in findings.violations} - broken
    held = len(findings.checked) - len(broken) - len(guesses)
    words = [f"{held} held"]
    words += [f"{len(broken)} violated"] if broken else []
    words += [f"{len(guesses)} differ from a guess"] if guesses else []
    blocks.append(f"{len(findings.checked)} rules were checked: {', '.join(words)}")
    return "\n\n".join(blocks)


def describe_differences(differences: Sequence[Difference]) -> str:
    """The two sides beside each other, request by request; then what the verdicts mean."""
    blocks = []
    numbers = dict.fromkeys(difference.number for difference in differences)
    for number in numbers:
        own = [difference for difference in differences if difference.number == number]
        lines = [f"entry {number}  {own[0].request}", _row("", "recorded", "target", "verdict")]
        for difference in own:
            lines += _cells(difference)
        blocks.append("\n".join(lines))
    verdicts = Counter(difference.verdict for difference in differences)
    if not verdicts:
        return "no differences"
    blocks.append("\n".join(f"{n} x {name}: {MEANING[name]}" for name, n in verdicts.items()))
    return "\n\n".join(blocks)


def _violation(violation: Violation) -> Iterator[str]:
    word = "VIOLATED" if violation.verdict == "violation" else "GUESS"
    where = ""
    if violation.history:
        last = violation.history[-1]
        place = f", {violation.field}" if violation.field else ""
        where = f"  entry {last.number}: {last.request.method} {last.request.path}{place}"
    yield f"{word}  {violation.rule.id}{where}"
    yield from wrapped("", violation.rule.sentence)
    yield from wrapped("evidence", f"{violation.grade}: {violation.rule.evidence.source}")
    yield from wrapped("expected", violation.expected)
    yield from wrapped("got", violation.actual)
    earlier = [exchange.number for exchange in violation.history[:-1]]
    if earlier:
        yield from wrapped("after", f"entries {', '.join(map(str, earlier))}")


def _cells(difference: Difference) -> Iterator[str]:
    columns = [
        textwrap.wrap(text, _CELL, break_on_hyphens=False) or [""]
        for text in (difference.place, difference.recorded, difference.replayed)
    ]
    for line in range(max(map(len, columns))):
        cells = [column[line] if line < len(column) else "" for column in columns]
        yield _row(*cells, difference.verdict if line == 0 else "")
    for violation in difference.violations:
        rule = violation.rule
        yield from wrapped("because", f"{rule.id} ({violation.grade}): {rule.sentence}")


def _row(*cells: str) -> str:
    return "  " + "  ".join(f"{cell:<{_CELL}}" for cell in cells).rstrip()
