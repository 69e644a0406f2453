"""What got worse since a baseline, and what of it is out of date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.clients.baseline import Baseline, changes, read_baseline, text_of
from contract.clients.grade import Grade, Graded, Result
from contract.unable import UnableError
from tests.contract.clients.graded import CASES, client

KNOWN = {case.id for case in CASES}


def differ(
    before: Baseline, *now: Graded, chosen: set[str] | None = None
) -> list[tuple[str, str, str]]:
    found = changes(now, before, known=KNOWN, chosen=KNOWN if chosen is None else chosen)
    return [(one.of, f"{one.client} {one.case_id}".rstrip(), one.said) for one in found]


def test_the_same_grades_are_no_change() -> None:
    before: Baseline = {"mine": {"EVT-ONE": "ok", "ERR-TWO": "failed"}}
    assert differ(before, client("mine", "ok", "failed")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ok", "non-strict"),
        ("ok", "failed"),
        ("ok", "not exercised"),
        ("non-strict", "failed"),
        ("not exercised", "failed"),
        ("informational", "failed"),
    ],
)
def test_a_worse_grade_is_told(old: Grade, new: Grade) -> None:
    assert differ({"mine": {"EVT-ONE": old}}, client("mine", new)) == [
        ("worse", "mine EVT-ONE", f"{old} before, {new} now")
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [("failed", "ok"), ("non-strict", "ok"), ("not exercised", "ok"), ("ok", "informational")],
)
def test_an_entry_that_no_longer_holds_is_stale_and_says_what_to_do(old: Grade, new: Grade) -> None:
    update = "update the baseline with --write-baseline FILE"
    assert differ({"mine": {"EVT-ONE": old}}, client("mine", new)) == [
        ("stale", "mine EVT-ONE", f"{old} before, {new} now; {update}")
    ]


def test_an_entry_of_no_case_or_of_no_client_is_stale() -> None:
    before: Baseline = {"mine": {"EVT-GONE": "ok", "EVT-ONE": "ok"}, "other": {"EVT-ONE": "ok"}}
    assert [row[:2] for row in differ(before, client("mine", "ok"))] == [
        ("stale", "mine EVT-GONE"),
        ("stale", "other"),
    ]


def test_a_client_that_was_perhaps_renamed_can_be_given_its_name() -> None:
    (row,) = differ({"my client": {"EVT-ONE": "ok"}}, client("moved", "ok"))
    assert row[2].startswith(
        "it was not graded; if it is moved now, call it so with --name 'my client'; grade it too, "
    )


def test_what_was_not_chosen_is_not_compared() -> None:
    before: Baseline = {"mine": {"EVT-ONE": "ok", "ERR-TWO": "ok"}}
    assert differ(before, client("mine", "ok"), chosen={"EVT-ONE"}) == []


def test_a_failure_without_an_entry_is_worse_and_any_other_grade_is_none() -> None:
    said = "failed, and the baseline has no entry"
    assert differ({}, client("new", "failed", "ok")) == [("worse", "new EVT-ONE", said)]


def test_a_written_baseline_is_read_and_holds() -> None:
    now = [client("a", "ok", "failed"), client("b", "non-strict")]
    text = text_of(now, {}, known=KNOWN)
    assert json.loads(text) == {
        "a": {"EVT-ONE": "ok", "ERR-TWO": "failed"},
        "b": {"EVT-ONE": "non-strict"},
    }
    assert differ(json.loads(text), *now) == []
    assert text_of(list(reversed(now)), {}, known=KNOWN) == text


def test_writing_drops_what_is_stale_and_keeps_what_was_left_out() -> None:
    before: Baseline = {"mine": {"EVT-GONE": "ok", "ERR-TWO": "failed"}, "other": {"EVT-ONE": "ok"}}
    text = text_of([client("mine", "ok")], before, known=KNOWN)
    assert json.loads(text) == {"mine": {"EVT-ONE": "ok", "ERR-TWO": "failed"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON: "),
        ("[]", 'it must be like {"client": {"CASE-ID": "ok"}}'),
        ('{"mine": []}', "mine: give an object of case id and grade"),
        ('{"mine": {"EVT-ONE": "good"}}', "mine: EVT-ONE: 'good' is none of ok, non-strict, "),
        ("[" * 100_000, "is no JSON: "),
    ],
)
def test_a_file_that_is_no_baseline_is_told_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "grades.json"
    file.write_text(text)
    with pytest.raises(UnableError) as raised:
        read_baseline(file)
    assert str(raised.value).startswith(f"--baseline {file}")
    assert said in str(raised.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match=r"grades\.json: No such file"):
        read_baseline(tmp_path / "grades.json")


def test_grades_of_a_client_without_results_are_not_stale() -> None:
    broken = Graded("mine", (), problem="it fails")
    assert differ({"mine": {"EVT-ONE": "ok"}}, broken) == []
    assert isinstance(client("mine", "ok").results[0], Result)
