"""report.html: one page that needs nothing but itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from html import escape
from pathlib import Path

from contract.exchange import Exchange, Headers
from contract.report.masking import Masking
from contract.report.summary import (
    MEANING,
    VERDICTS,
    Finding,
    RuleLine,
    Summary,
    Verdict,
)
from contract.report.template import fill

_TEMPLATE = Path(__file__).parent / "page.html"
_LONGEST = 4000
"""Characters of a body that are shown; the curl script has all."""


def write_page(summary: Summary) -> str:
    """The page as text. It loads nothing, runs from a file, and prints."""
    mask = Masking(summary.secrets)
    parts = {
        "title": escape(f"Contract check of {summary.target}"),
        "outcome": _outcome(summary),
        "verdict": escape(summary.verdict),
        "facts": "".join(_facts(summary, mask)),
        "problems": "".join(_problems(summary, mask)),
        "filters": "".join(_filters(summary)),
        "findings": "".join(_finding(finding, mask) for finding in summary.findings),
        "rules": "".join(_rule(line) for line in _worst_first(summary)),
        "timings": "".join(_timings(summary)),
        "bar": "".join(_bar(summary)),
    }
    return fill(_TEMPLATE, parts)


def _outcome(summary: Summary) -> str:
    if summary.status == 0:
        return "fine"
    return "broken" if summary.status == 1 else "unable"


def _facts(summary: Summary, mask: Masking) -> Iterator[str]:
    when = dt.datetime.fromtimestamp(summary.began, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    for name, value in (
        ("Target", summary.target),
        ("When", f"{when}, for {summary.seconds:.1f} s"),
        ("Seed", str(summary.seed)),
        ("Profile", summary.profile),
        ("Answers", summary.answers),
        ("Contract", summary.spec_version),
        ("Exit status", str(summary.status)),
    ):
        yield f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>"
    if summary.command:
        yield (
            '<div class="wide"><dt>Again</dt>'
            f"<dd><code>{escape(mask(summary.command))}</code></dd></div>"
        )


def _problems(summary: Summary, mask: Masking) -> Iterator[str]:
    for text in summary.problems:
        yield f'<p class="problem">{escape(mask(text))}</p>'
    for row in summary.stale:
        yield (
            f'<p class="problem">The known deviation <code>{escape(row.id)}</code> did not occur, '
            f"though <code>{escape(row.rule)}</code> was checked: take the row out.</p>"
        )
    for row in summary.expired:
        yield (
            f'<p class="note">The known deviation <code>{escape(row.id)}</code> excuses nothing '
            f"since {row.expires}.</p>"
        )
    for text in summary.notes:
        yield f'<p class="note">{escape(mask(text))}</p>'


def _slug(verdict: Verdict) -> str:
    return verdict.replace(" ", "-")


def _bar(summary: Summary) -> Iterator[str]:
    for verdict in VERDICTS:
        if count := summary.count(verdict):
            yield (
                f'<span class="v-{_slug(verdict)}" style="flex-grow:{count}" '
                f'title="{count} {verdict}"></span>'
            )


def _filters(summary: Summary) -> Iterator[str]:
    yield (
        '<button type="button" data-filter="" aria-pressed="true">'
        f"all <b>{len(summary.rules)}</b></button>"
    )
    for verdict in VERDICTS:
        if count := summary.count(verdict):
            yield (
                f'<button type="button" data-filter="{_slug(verdict)}" aria-pressed="false" '
                f'title="{escape(MEANING[verdict])}"><i class="v-{_slug(verdict)}"></i>'
                f"{verdict} <b>{count}</b></button>"
            )


def _finding(finding: Finding, mask: Masking) -> str:
    violation = finding.violation
    rule = violation.rule
    slug = _slug(finding.verdict)
    where = ", ".join(escape(text) for text in (violation.operation, violation.field) if text)
    stimuli = escape(", ".join(finding.stimuli))
    known = ""
    if finding.deviation is not None:
        row = finding.deviation
        known = (
            f"<div><dt>known as</dt><dd><code>{escape(row.id)}</code> until {row.expires}: "
            f"{escape(row.why)} <small>({escape(row.evidence)})</small></dd></div>"
        )
    return (
        f'<article data-verdict="{slug}" id="finding-{escape(rule.id)}">'
        f'<header><span class="badge v-{slug}">{finding.verdict}</span> '
        f"<h3>{escape(rule.id)}</h3> <span class=where>{where}</span>"
        f"<span class=times>{finding.times}, by {stimuli}</span></header>"
        f"<p>{escape(rule.sentence)}</p>"
        f"<dl><div><dt>expected</dt><dd>{escape(mask(violation.expected))}</dd></div>"
        f"<div class=got><dt>got</dt><dd>{escape(mask(violation.actual))}</dd></div>"
        f"<div><dt>evidence</dt><dd>{_grade(violation.grade)} {escape(rule.evidence.source)}"
        f"</dd></div>{known}</dl>{_curl(finding)}{_history(finding, mask)}</article>"
    )


def _grade(grade: str) -> str:
    return f'<span class="grade g-{grade}">{grade}</span>'


def _curl(finding: Finding) -> str:
    if not finding.curl:
        return ""
    return (
        '<details class="curl"><summary>Send it again with curl</summary><div class="script">'
        '<button type="button" class="copy">Copy</button>'
        f"<pre><code>{escape(finding.curl)}</code></pre></div></details>"
    )


def _history(finding: Finding, mask: Masking) -> str:
    history = finding.violation.history
    if not history:
        return ""
    steps = "".join(_exchange(exchange, mask) for exchange in history)
    size = "1 request" if len(history) == 1 else f"{len(history)} requests"
    return f"<details><summary>What was said: {size}</summary><ol>{steps}</ol></details>"


def _exchange(exchange: Exchange, mask: Masking) -> str:
    request, response = exchange.request, exchange.response
    status = "good" if response.status < 400 else "bad"
    return (
        f"<li><p><b>{escape(request.method)}</b> <code>{escape(mask(request.path))}</code>"
        f' <span class="status {status}">{response.status}</span></p>'
        f"<pre>{_message(request.headers, request.body, mask)}</pre>"
        f"<pre>{_message(response.headers, response.body, mask)}</pre></li>"
    )


def _message(headers: Headers, body: bytes, mask: Masking) -> str:
    lines = [f"{escape(name)}: {escape(mask(value))}" for name, value in headers]
    text = mask(body.decode(errors="replace"))
    more = ""
    if len(text) > _LONGEST:
        more = f"\n<i>and {len(text) - _LONGEST} characters more</i>"
    head = f"<span class=head>{chr(10).join(lines)}</span>" if lines else ""
    return f"{head}\n\n{escape(text[:_LONGEST])}{more}" if text else head


def _worst_first(summary: Summary) -> list[RuleLine]:
    return sorted(summary.rules, key=lambda line: VERDICTS.index(line.verdict))


def _rule(line: RuleLine) -> str:
    rule = line.rule
    slug = _slug(line.verdict)
    reason = f"<small>{escape(line.reason)}</small>" if line.reason else ""
    name = escape(rule.id)
    if line.verdict in {"violated", "guess", "known deviation"}:
        name = f'<a href="#finding-{name}">{name}</a>'
    return (
        f'<tr data-verdict="{slug}"><td><span class="badge v-{slug}">{line.verdict}</span></td>'
        f"<td><b>{name}</b><p>{escape(rule.sentence)}</p>{reason}</td>"
        f"<td>{_grade(rule.evidence.grade)}<small>{escape(rule.evidence.source)}</small></td>"
        f"<td class=number>{line.checked or ''}</td></tr>"
    )


def _timings(summary: Summary) -> Iterator[str]:
    longest = max((timing.seconds for timing in summary.timings), default=0.0) or 1.0
    for timing in summary.timings:
        share = 100 * timing.seconds / longest
        end = "" if timing.complete else " <small>not finished</small>"
        yield (
            f"<tr><td>{escape(timing.stimulus)}{end}</td>"
            f'<td class=track><span style="width:{share:.1f}%"></span></td>'
            f"<td class=number>{timing.seconds:.1f} s</td>"
            f"<td class=number>{timing.requests}</td></tr>"
        )
