"""Known deviations: read strictly, matched strictly, and reported when they do not occur."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.deviations import PACKAGED, Deviation, judge, load_deviations
from contract.findings import Findings, Violation
from contract.target import Target
from contract.unable import UnableError
from tests.contract.fakes import SPEC, answered

ROW: dict[str, Any] = {
    "id": "stop-says-gone",
    "target": "any",
    "rule": "stop-twice",
    "match": {"operation": "stopSession", "status": 400, "code": 10005},
    "why": "it does",
    "evidence": "a recording",
    "seen": dt.date(2026, 1, 2),
    "expires": dt.date(2027, 1, 2),
}
TODAY = dt.date(2026, 11, 22)
URL = Target("url", "http://127.0.0.1:8000")


def row(**changes: Any) -> dict[str, Any]:
    return {**ROW, **changes}


def load(tmp_path: Path, *rows: object) -> tuple[Deviation, ...]:
    file = tmp_path / "known.yaml"
    file.write_text(yaml.safe_dump(list(rows)))
    return load_deviations(file, SPEC)


def violation(
    *,
    code: int = 10005,
    operation: str = "stopSession",
    actual: str = "closed",
    place: str = "code",
) -> Violation:
    return Findings(SPEC).broken(
        "stop-twice",
        expected="an error",
        actual=actual,
        operation=operation,
        place=place,
        history=(answered(400, b'{"code": %d, "message": "x"}' % code),),
    )


def ruling(
    rows: tuple[Deviation, ...],
    *found: Violation,
    target: Target = URL,
    checked: Mapping[str, int] = {"stop-twice": 1},
    calls: Mapping[str, int] = {"stopSession": 2},
    today: dt.date = TODAY,
) -> tuple[list[str], list[str], list[str]]:
    """Ids of rows that excuse, that are stale, that have expired."""
    result = judge(rows, found, target=target, checked=checked, calls=calls, today=today)
    return (
        [each.id for each in result.excused.values()],
        [each.id for each in result.stale],
        [each.id for each in result.expired],
    )


def test_the_packaged_file_can_be_read() -> None:
    assert load_deviations(PACKAGED, SPEC) == ()


def test_the_example_in_the_packaged_file_is_a_row(tmp_path: Path) -> None:
    lines = PACKAGED.read_text().split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith("# - id:"))
    example = [line[2:] for line in lines[start:] if line.startswith("# ")]
    file = tmp_path / "example.yaml"
    file.write_text("\n".join(example))
    (read,) = load_deviations(file, SPEC)
    assert read.match["actual"] == "*closed*"
    assert read.numbers == {"status": 400, "code": 10005}


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("# nothing yet\n")
    assert load_deviations(tmp_path / "none.yaml", SPEC) == ()


def test_a_matching_violation_is_excused(tmp_path: Path) -> None:
    assert ruling(load(tmp_path, ROW), violation()) == (["stop-says-gone"], [], [])


@pytest.mark.parametrize(
    "match",
    [
        {"operation": "stopSession"},
        {"operation": "*Session"},
        {"field": "code"},
        {"actual": "*clos*"},
        {"expected": "an error"},
        {"status": 400},
        {},
    ],
    ids=str,
)
def test_every_named_part_fits(tmp_path: Path, match: dict[str, Any]) -> None:
    assert ruling(load(tmp_path, row(match=match)), violation())[0] == ["stop-says-gone"]


@pytest.mark.parametrize(
    "match",
    [
        {"operation": "newSession"},
        {"field": "data.code"},
        {"actual": "clos"},
        {"status": 401},
        {"code": 10004},
        {"operation": "stopSession", "code": 1},
    ],
    ids=str,
)
def test_one_part_that_does_not_fit_is_enough(tmp_path: Path, match: dict[str, Any]) -> None:
    assert ruling(load(tmp_path, row(match=match)), violation())[0] == []


def test_brackets_of_a_field_are_no_pattern(tmp_path: Path) -> None:
    rows = load(tmp_path, row(match={"field": "sessions[0].status"}))
    assert ruling(rows, violation(place="sessions[0].status"))[0] == ["stop-says-gone"]
    assert ruling(rows, violation(place="sessions0.status"))[0] == []


def test_another_violation_of_the_same_key_keeps_all_of_them(tmp_path: Path) -> None:
    rows = load(tmp_path, row(match={"actual": "closed"}))
    assert ruling(rows, violation(), violation(actual="gone"))[0] == []


@pytest.mark.parametrize(
    ("target", "concerned"),
    [("any", True), ("url", True), ("http://127.0.0.1:8000", True), ("real", False),
     ("fake", False), ("http://127.0.0.1:9000", False)],
)  # fmt: skip
def test_a_row_is_for_its_target_only(tmp_path: Path, target: str, concerned: bool) -> None:
    assert ruling(load(tmp_path, row(target=target)), violation())[0] == (
        ["stop-says-gone"] if concerned else []
    )


def test_a_row_whose_rule_was_checked_and_held_is_stale(tmp_path: Path) -> None:
    assert ruling(load(tmp_path, ROW)) == ([], ["stop-says-gone"], [])


@pytest.mark.parametrize(
    ("checked", "calls"), [({}, {"stopSession": 1}), ({"stop-twice": 3}, {"newSession": 1})]
)
def test_a_row_whose_stimulus_did_not_run_is_not_stale(
    tmp_path: Path, checked: dict[str, int], calls: dict[str, int]
) -> None:
    assert ruling(load(tmp_path, ROW), checked=checked, calls=calls)[1] == []


def test_an_expired_row_excuses_nothing_and_is_not_stale(tmp_path: Path) -> None:
    rows = load(tmp_path, ROW)
    late = dt.date(2027, 1, 2)
    assert ruling(rows, violation(), today=late) == ([], [], ["stop-says-gone"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rule": "no-rule"}, "row 1: field 'rule' is 'no-rule'"),
        ({"why": ""}, "row 1: field 'why' is ''"),
        ({"seen": "yesterday"}, "row 1: field 'seen' is 'yesterday'; give YYYY-MM-DD"),
        ({"expires": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "field 'expires'"),
        ({"colour": 1}, "row 1: field 'colour' is not known"),
        ({"match": {"operation": "fly"}}, "field 'match.operation' is 'fly'"),
        ({"match": {"code": "10005"}}, "field 'match.code' is '10005'; give a number"),
        ({"match": {"actual": 5}}, "field 'match.actual' is 5; put it in quotes"),
        ({"match": {"header": "x"}}, "field 'match.header' is not known"),
        ({"match": []}, "field 'match' is []"),
        ({"target": "staging"}, "field 'target': target 'staging'"),
        ({"target": "https://api.heygen.com"}, "use --target real"),
    ],
    ids=str,
)
def test_a_mistake_is_named_by_row_and_field(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(UnableError) as caught:
        load(tmp_path, row(**changed))
    assert words in str(caught.value)
    assert "known.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    short = {name: value for name, value in ROW.items() if name != "evidence"}
    with pytest.raises(UnableError, match="field 'evidence' is missing"):
        load(tmp_path, short)


def test_two_rows_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match="row 2: id 'stop-says-gone' is there twice"):
        load(tmp_path, ROW, ROW)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match="cannot be read: No such file"):
        load_deviations(tmp_path / "none.yaml", SPEC)


LEAVES = st.none() | st.integers() | st.text(max_size=8) | st.dates()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([*ROW, "x"]) | st.integers(), inner, max_size=4)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    value=VALUES | st.lists(st.builds(lambda extra: {**ROW, **extra}, st.dictionaries(
        st.sampled_from(list(ROW)), VALUES, max_size=2)), max_size=2)
)  # fmt: skip
def test_any_yaml_gives_rows_or_the_one_error(
    value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(yaml.safe_dump(value))
    with suppress(UnableError):
        assert all(each.rule in SPEC.rules for each in load_deviations(file, SPEC))


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=40))
def test_any_bytes_give_rows_or_the_one_error(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.yaml"
    file.write_bytes(content)
    with suppress(UnableError):
        assert load_deviations(file, SPEC) == ()
