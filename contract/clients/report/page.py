"""report.html of a fuzz run: one page that needs nothing but itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from html import escape
from pathlib import Path

from contract.clients.outcome import Call, Outcome
from contract.clients.report.data import CALLS, OUTPUT
from contract.clients.sightings import Finding
from contract.clients.summary import Summary, by_hand, client_did, meaning
from contract.clients.verdicts import advice
from contract.report.template import fill

_TEMPLATE = Path(__file__).parent / "page.html"


def write_page(summary: Summary, *, directory: Path | None = None) -> str:
    """The page as text. It loads nothing, runs from a file, and prints."""
    parts = {
        "title": escape(f"Fuzzing of {summary.name}"[:160]),
        "outcome": {0: "fine", 1: "broken"}.get(summary.status, "unable"),
        "sentence": escape(summary.sentence),
        "facts": "".join(_facts(summary)),
        "problems": "".join(
            f'<p class="problem">{escape(problem)}</p>' for problem in summary.problems
        ),
        "findings": "".join(_finding(one, summary, directory) for one in summary.findings)
        or "<p class=soft>None.</p>",
        "flaky": _flaky(summary),
        "left": _left(summary),
        "healthy": _healthy(summary),
    }
    return fill(_TEMPLATE, parts)


def _facts(summary: Summary) -> Iterator[str]:
    counts = summary.counts
    when = dt.datetime.fromtimestamp(summary.began, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    sweep = str(counts.sweep)
    if counts.sweep != counts.planned:
        sweep += f" of {counts.planned}"
    for name, value in (
        ("When", f"{when}, for {summary.seconds:.1f} s"),
        ("Healthy run", f"{summary.healthy.seconds:.2f} s, {summary.healthy.requests} requests"),
        ("Limit", f"{summary.limit:.1f} s"),
        ("Single deviations", sweep),
        ("Combinations", str(counts.combinations)),
        ("To shrink and confirm", str(counts.shrinking)),
        ("Seed", str(summary.seed)),
        ("Exit status", str(summary.status)),
    ):
        yield f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>"
    client = f"<code>{escape(summary.name)}</code>"
    yield f'<div class="wide"><dt>Client</dt><dd>{client}</dd></div>'


def _finding(one: Finding, summary: Summary, directory: Path | None) -> str:
    server = "".join(f"<li>{escape(sentence)}</li>" for sentence in summary.server(one.plan))
    file = str(directory / one.file) if directory is not None and one.file else one.file
    again = ""
    if file:
        again = (
            f"<div><dt>again</dt><dd><code>{escape(summary.again(file))}</code></dd></div>"
            f"<div><dt>by hand</dt><dd><code>{escape(by_hand(file))}</code></dd></div>"
        )
    also = ""
    if one.also:
        rows = "".join(f"<li><code>{escape(str(other))}</code></li>" for other in one.also)
        also = (
            f"<details><summary>{len(one.also)} other single deviations lead to the same</summary>"
            f"<ul>{rows}</ul></details>"
        )
    badge = "" if one.confirmed else ' <span class="soft">not confirmed</span>'
    hint = advice([one.verdict.kind])
    hint = f" <span class=soft>({escape(hint)})</span>" if hint else ""
    detail = f"<pre>{escape(one.verdict.detail)}</pre>" if one.verdict.detail else ""
    return (
        f'<article><header><span class="badge">{one.verdict.kind}</span> '
        f"<h3>{escape(meaning(one))}</h3>{badge}</header>"
        f"<dl><div><dt>server</dt><dd><ul>{server}</ul></dd></div>"
        f"<div class=got><dt>client</dt><dd>{escape(client_did(one))}{hint}{detail}</dd></div>"
        f"<div><dt>plan</dt><dd><pre>{escape(one.plan.text.strip())}</pre></dd></div>{again}</dl>"
        f"{_run(one.outcome)}{also}</article>"
    )


def _run(outcome: Outcome) -> str:
    calls = outcome.after.calls
    rows = "".join(_call(call) for call in calls[:CALLS])
    more = f"<p>and {len(calls) - CALLS} more</p>" if len(calls) > CALLS else ""
    total = outcome.after.total
    requests = "1 request" if total == 1 else f"{total} requests"
    head = f"{requests} in {outcome.ended.seconds:.2f} s, {outcome.ended.how}"
    return (
        f"<details><summary>What the fake was asked: {escape(head)}</summary>"
        "<table><tr><th>s</th><th>operation</th><th>status</th><th>ms</th><th></th></tr>"
        f"{rows}</table>{more}</details>{_output(outcome)}"
    )


def _call(call: Call) -> str:
    good = call.status is not None and call.status < 400
    status = "nothing" if call.status is None else str(call.status)
    bent = "deviation " + ", ".join(str(at + 1) for at in call.faults) if call.faults else ""
    name = call.operation or f"{call.method} {call.path}"
    return (
        f"<tr><td class=number>{max(0.0, call.began):.3f}</td><td>{escape(name)}</td>"
        f'<td class="status {"good" if good else "bad"}">{status}</td>'
        f"<td class=number>{1000 * (call.ended - call.began):.0f}</td><td>{bent}</td></tr>"
    )


def _output(outcome: Outcome) -> str:
    text = outcome.ended.output[-OUTPUT:].strip()
    if not text:
        return ""
    return f"<details><summary>What it printed</summary><pre>{escape(text)}</pre></details>"


def _flaky(summary: Summary) -> str:
    if not summary.flaky:
        return ""
    rows = "".join(
        f"<tr><td>{one.verdict.kind}</td><td><code>{escape(str(one.plan))}</code></td>"
        f"<td>{escape(client_did(one))}</td></tr>"
        for one in summary.flaky
    )
    return (
        "<h2>Seen once, and not again</h2><p class=soft>No findings: with nothing else running, "
        "the client did well.</p>"
        "<div class=card><table><tr><th>verdict</th><th>plan</th><th></th></tr>"
        f"{rows}</table></div>"
    )


def _left(summary: Summary) -> str:
    if not summary.not_applied:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(str(one.deviation))}</code></td><td>{escape(one.reason)}</td></tr>"
        for one in summary.not_applied
    )
    return (
        f"<h2>Not applied</h2><details class=card><summary>{len(summary.not_applied)} deviations "
        f"could not show with this client</summary><table>{rows}</table></details>"
    )


def _healthy(summary: Summary) -> str:
    calls = ", ".join(f"{name} {count}" for name, count in summary.healthy.calls.items())
    one = summary.healthy.milestones
    return (
        "<h2>The healthy run</h2><article>"
        f"<p>Calls: {escape(calls)}.</p><p>Sessions: {one.opened} opened, {one.connected} "
        f"connected, {one.ended} stopped. Tasks: {one.accepted} accepted, {one.spoken} spoken to "
        f"the end.</p>{_run(summary.healthy_run)}</article>"
    )
