"""A fuzz run as text for people: each finding with what it takes to see it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from contract.clients.last_words import last_words
from contract.clients.plain import shortened
from contract.clients.sightings import Finding
from contract.clients.summary import Summary, by_hand, client_did, other_ways
from contract.clients.verdicts import advice
from contract.report.text import Paint, no_paint, wrapped


def write_text(summary: Summary, *, directory: Path | None = None, paint: Paint = no_paint) -> str:
    """The whole. ``directory`` is where the plan files are."""
    blocks = [
        *(_finding(one, summary, directory, paint) for one in summary.findings),
        *_flaky(summary, paint),
        _left_out(summary),
        _end(summary, paint),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _finding(one: Finding, summary: Summary, directory: Path | None, paint: Paint) -> str:
    title = paint("red", one.verdict.kind.upper())
    lines = [paint("bold", title) + ("" if one.confirmed else "  (not confirmed)")]
    for sentence in summary.server(one.plan) or ["nothing was wrong with it"]:
        lines += wrapped("server", sentence)
    lines += wrapped("client", client_did(one))
    if hint := advice([one.verdict.kind]):
        lines += wrapped("", f"({hint})")
    if one.verdict.detail:
        lines += [f"            | {shortened(line)}" for line in one.verdict.detail.splitlines()]
    elif last := last_words(one.outcome):
        lines += wrapped("printed", shortened(last[0]))
        lines += [f"            {shortened(line)}" for line in last[1:]]
    if also := other_ways(one.also):
        lines += wrapped("also", also)
    if directory is not None and one.file:
        file = str(directory / one.file)
        lines.append(f"  plan      {file}")
        lines.append(f"  again     {summary.again(file)}")
        lines.append(f"  by hand   {by_hand(file)}")
    return "\n".join(lines)


def _flaky(summary: Summary, paint: Paint) -> Iterator[str]:
    if summary.flaky:
        lines = [paint("yellow", "seen once, and not again (no finding):")]
        for one in summary.flaky:
            lines += wrapped("", f"{one.verdict.kind}: {one.plan}: the client {one.verdict.said}")
        yield "\n".join(lines)


def _left_out(summary: Summary) -> str:
    if not summary.not_applied:
        return ""
    rows = Counter(one.deviation.do for one in summary.not_applied)
    names = ", ".join(f"{name} {count}" if count > 1 else name for name, count in rows.items())
    what = (
        "1 deviation" if len(summary.not_applied) == 1 else f"{len(summary.not_applied)} deviations"
    )
    text = f"{what} could not show with this client: {names}"
    return "\n".join(wrapped("", text))


def _end(summary: Summary, paint: Paint) -> str:
    counts = summary.counts
    runs = []
    if summary.replayed is None:
        of = f" of {counts.planned}" if counts.sweep != counts.planned else ""
        runs.append(f"{counts.sweep}{of} single deviations")
        if counts.combinations:
            runs.append(f"{counts.combinations} combinations")
        if counts.shrinking:
            one = "run" if counts.shrinking == 1 else "runs"
            runs.append(f"{counts.shrinking} {one} to shrink and confirm")
    else:
        runs.append("1 plan")
    lines = [paint("red", f"problem: {problem}") for problem in summary.problems]
    colour = "green" if summary.status == 0 else "red"
    lines.append(
        paint(colour, summary.sentence)
        + f": {', '.join(runs)}, in {summary.seconds:.1f} s; seed {summary.seed}"
    )
    return "\n".join(lines)
