"""The result as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.outcome import Outcome

_HEAD = ("what", "the fake", "against", "reached", "demanded", "met")
_WORDS = {True: "yes", False: "**no**", None: "-"}


def markdown(outcomes: Sequence[Outcome], facts: Iterable[tuple[str, str]]) -> str:
    """The table, the notes of its rows, and what it was measured on."""
    rows = [
        (o.what, o.ours or "-", o.theirs or "-", o.reached, o.demanded, _WORDS[o.met])
        for o in outcomes
    ]
    lines = [_line(_HEAD), "|" + "---|" * len(_HEAD), *map(_line, rows)]
    notes = [f"- {outcome.name}: {note}" for outcome in outcomes for note in outcome.notes]
    if notes:
        lines += ["", *notes]
    lines += ["", *(f"- {name}: {value}" for name, value in facts)]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
