from bench.outcome import Outcome, failed, skipped
from bench.table import markdown


def test_the_table_has_a_line_for_each_row_then_notes_then_facts() -> None:
    row = Outcome("a", "cost | frame", "1 µs", "60 µs", "60 times less", "60 times", True, ("why",))
    text = markdown([row, skipped("b", "start", "5 times", "no npm")], [("load", "0.1")])
    assert text.splitlines() == [
        "| what | the fake | against | reached | demanded | met |",
        "|---|---|---|---|---|---|",
        "| cost \\| frame | 1 µs | 60 µs | 60 times less | 60 times | yes |",
        "| start | - | - | not run: no npm | 5 times | - |",
        "",
        "- a: why",
        "",
        "- load: 0.1",
    ]


def test_a_row_that_broke_counts_as_not_met() -> None:
    row = failed("a", "cost", "60 times", "it ended")
    assert row.met is False
    assert "| failed: it ended | 60 times | **no** |" in markdown([row], [])


def test_a_row_that_cannot_run_is_not_judged() -> None:
    assert skipped("a", "cost", "60 times", "no npm").met is None
