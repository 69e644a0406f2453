"""docs/mutants.md: every planted bug, what it breaks, the rule that finds it, and where."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.mutants.garden import KINDS, MUTANTS
from tests.mutants.mutant import Mutant

PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"

_HEAD = """\
# Who judges the judge

Bugs planted in the fake on purpose, each a few lines over its `Seams` in `tests/mutants/`. For each
of them the named rule must fire at the named operation: a bug that is found by another rule alone
counts as not found. The tests hold this page current; `make mutants` writes it anew.

The layer is the cheapest that finds the bug, in this order:

| layer | what it does |
|---|---|
| tables | the enumerated rows of bad and good requests that call the operation |
| scenarios | the tour's directed scenarios |
| rooms | the tour's visits to rooms of version v2, by viewers made of paper |
| voice | the tour's visits to the chat socket and the realtime endpoint |
| states | the tour's breadth-first way through the states of the model |
| machine | random histories |
| media | a real viewer, in the scenario of the media probe that shows the rule best |

In process, without sockets, all but the last; every constraint of every response schema is broken
one by one beside them (`tests/mutants/test_schema_mutants.py`).
"""


def page() -> str:
    """The page's text."""
    return "\n".join([_HEAD, *_tables()])


def _tables() -> Iterator[str]:
    for kind, mutants in groupby(MUTANTS, key=lambda mutant: KINDS[mutant.name]):
        rows = [_row(mutant) for mutant in mutants]
        yield f"## {kind.capitalize()}: {len(rows)}\n"
        yield "| mutant | the fake ... | rule | operation | field | layer |"
        yield "|---|---|---|---|---|---|"
        yield from rows
        yield ""


def _row(mutant: Mutant) -> str:
    operation = "" if mutant.operation is None else f"`{mutant.operation}`"
    field = mutant.field and f"`{mutant.field}`"
    cells = (f"`{mutant.name}`", mutant.breaks, f"`{mutant.rule}`", operation, field, mutant.layer)
    return f"| {' | '.join(cells)} |"
