"""report.html: one page that needs nothing but itself."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator
from html import escape
from pathlib import Path

from contract.clients.cases import GROUPS
from contract.clients.cases.case import MEANS, Case
from contract.clients.grade import GRADES, MEANING, Grade, Graded, Result
from contract.clients.matrix.data import output_of
from contract.clients.matrix.matrix import Matrix, counts
from contract.clients.verdicts import advice, leak_cost
from contract.report.template import fill

_TEMPLATE = Path(__file__).parent / "page.html"


def write_page(matrix: Matrix) -> str:
    """The page as text. It loads nothing, runs from a file, and prints."""
    parts = {
        "title": escape(_title(matrix)),
        "outcome": {0: "fine", 1: "broken"}.get(matrix.status, "unable"),
        "sentence": escape(matrix.sentence),
        "facts": "".join(_facts(matrix)),
        "words": "".join(_words(matrix)),
        "problems": "".join(_problems(matrix)),
        "legend": "".join(_legend()),
        "clients": "".join(f"<th scope=col>{escape(c.name)}</th>" for c in matrix.clients),
        "summary": "".join(_summary(matrix)),
        "rows": "".join(_rows(matrix)),
        "cases": "".join(_case(case, matrix) for case in matrix.cases),
    }
    return fill(_TEMPLATE, parts)


def _title(matrix: Matrix) -> str:
    names = [client.name for client in matrix.clients]
    return f"Graded: {', '.join(names)}" if len(names) <= 4 else f"Graded: {len(names)} clients"


def _slug(grade: Grade) -> str:
    return grade.replace(" ", "-")


def _badge(grade: Grade) -> str:
    return f'<span class="badge {_slug(grade)}">{grade}</span>'


def _facts(matrix: Matrix) -> Iterator[str]:
    when = dt.datetime.fromtimestamp(matrix.began, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    facts = [
        ("Cases", str(len(matrix.cases))),
        ("Began", when),
        ("Took", f"{matrix.seconds:.0f} s"),
        ("Tool", f"heygen-mock {matrix.tool_version}"),
    ]
    for name, value in facts:
        yield f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>"


def _words(matrix: Matrix) -> Iterator[str]:
    for client in matrix.clients:
        words = escape(shlex.join(client.client))
        yield f"<div><dt>{escape(client.name)}</dt><dd><code>{words}</code></dd></div>"


def _problems(matrix: Matrix) -> Iterator[str]:
    for client in matrix.clients:
        if client.problem:
            said = f"{client.name} could not be graded: {client.problem}"
            yield f'<div class="problem">{escape(said)}</div>'
    for change in matrix.changes or ():
        yield f'<div class="problem">{escape(str(change))}</div>'


def _legend() -> Iterator[str]:
    for grade in GRADES:
        yield (
            f"<li><label><input type=checkbox checked value={_slug(grade)}> {_badge(grade)}</label>"
            f" <span class=soft>{escape(MEANING[grade])}</span></li>"
        )


def _summary(matrix: Matrix) -> Iterator[str]:
    for client in matrix.clients:
        bar = "".join(
            f'<i class="{_slug(grade)}" style="flex-grow:{client.count(grade)}"></i>'
            for grade in GRADES
            if client.count(grade)
        )
        yield f"<td><div class=bar>{bar}</div><span class=soft>{counts(client)}</span></td>"


def _rows(matrix: Matrix) -> Iterator[str]:
    width = len(matrix.clients) + 1
    for group, cases in matrix.groups():
        name = escape(GROUPS.get(group, group))
        yield f"<tbody><tr class=group><th colspan={width} scope=colgroup>{name}</th></tr>"
        for case in cases:
            found = [matrix.result(client, case) for client in matrix.clients]
            grades = " ".join(_slug(one.grade) for one in found if one is not None)
            cells = "".join(
                f"<td>{_cell(one, client.name)}</td>"
                for one, client in zip(found, matrix.clients, strict=True)
            )
            yield (
                f'<tr data-grades="{grades}"><th scope=row><a href="#{case.id}">{case.id}</a>'
                f"<span class=soft>{escape(case.title)}</span></th>{cells}</tr>"
            )
        yield "</tbody>"


def _cell(result: Result | None, client: str) -> str:
    if result is None:
        return "<span class=soft>not run</span>"
    kinds = ", ".join(result.verdicts) if result.grade == "failed" else ""
    why = f"<span class=soft>{escape(kinds)}</span>" if kinds else ""
    title = escape(f"{client}: it {result.said}")
    return f'<a href="#{result.case.id}" title="{title}">{_badge(result.grade)}</a>{why}'


def _case(case: Case, matrix: Matrix) -> str:
    evidence = f"{case.evidence.grade}: {case.evidence.source}"
    rows = [
        ("Server", escape(case.server)),
        ("Good client", escape(case.good)),
        ("Asked", escape(MEANS[case.demand])),
        ("Evidence", escape(evidence)),
        ("Plan", f"<pre>{escape(case.plan.text.strip())}</pre>"),
    ]
    for client in matrix.clients:
        result = matrix.result(client, case)
        if result is not None:
            rows.append((escape(client.name), _told(client, result)))
    body = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    found = (matrix.result(client, case) for client in matrix.clients)
    grades = " ".join(_slug(one.grade) for one in found if one is not None)
    return (
        f'<article id="{case.id}" data-grades="{grades}"><header><h3>{case.id}</h3>'
        f"<span class=soft>{escape(case.title)}</span></header><dl>{body}</dl></article>"
    )


def _told(client: Graded, result: Result) -> str:
    outcome = result.outcome
    calls = "\n".join(
        f"{call.began:7.3f} s  {call.method} {call.path}  {call.status or 'no answer'}"
        + (f"  deviation {', '.join(map(str, call.faults))}" if call.faults else "")
        for call in outcome.after.calls[:40]
    )
    failed = result.verdicts if result.grade == "failed" else ()
    hint = advice(failed)
    hint = f" <span class=soft>({escape(hint)})</span>" if hint else ""
    more = f"{leak_cost(1)}\n\n" if "leaked-session" in failed else ""
    more += f"{outcome.ended.how}, after {outcome.ended.seconds:.2f} s\n\n{calls}\n\n"
    more += output_of(outcome) or "It printed nothing."
    return (
        f"{_badge(result.grade)} it {escape(result.said)}{hint}"
        f"<details><summary>What {escape(client.name)} did</summary>"
        f"<pre>{escape(more)}</pre></details>"
    )
