"""Plans as values and as files."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.clients.plan import HEALTHY, Deviation, Plan, parse_plan, plan_of, read_plan
from contract.unable import UnableError

SLOW = Deviation("sendTask", "slow", 1, {"ms": 5})
RESET = Deviation("stopSession", "reset")


def test_a_plan_file_has_a_deviation_in_a_line() -> None:
    assert Plan((SLOW, RESET)).text == (
        '[\n  {"on": "sendTask", "nth": 1, "do": "slow", "ms": 5},\n'
        '  {"on": "stopSession", "do": "reset"}\n]\n'
    )
    assert HEALTHY.text == "[]\n"


def test_plans_that_differ_in_the_order_of_parameters_are_one() -> None:
    left = Plan((Deviation("newSession", "field", 1, {"path": "a", "value": 1}),))
    right = Plan((Deviation("newSession", "field", 1, {"value": 1, "path": "a"}),))
    assert left == right
    assert left.text == right.text
    assert hash(left) == hash(right)


def test_deviations_are_left_out_and_replaced_by_their_place() -> None:
    plan = Plan((SLOW, RESET))
    assert plan.without([0]) == Plan((RESET,))
    assert plan.without([]) == plan
    assert plan.replaced(0, RESET) == Plan((RESET, RESET))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the plan is no JSON"),
        ("[", "the plan is no JSON"),
        ("[NaN]", "NaN is no value of JSON"),
        ("{}", "a plan is a JSON list"),
        ("null", "not null"),
        ("[1]", "[0] is a number, not an object"),
        ("[true]", "[0] is true or false"),
        ('[{"do": "slow"}]', "[0].on is missing"),
        ('[{"on": "sendTask"}]', "[0].do is missing"),
        ('[{"on": "sendTask", "do": "x"}, {"on": 7, "do": "x"}]', "[1].on is a number"),
        ('[{"on": "sendTask", "do": "x", "nth": 0}]', "[0].nth is 0; give a whole number from 1"),
        ('[{"on": "sendTask", "do": "x", "nth": true}]', "[0].nth is true"),
        ('[{"on": "sendTask", "do": "x", "nth": null}]', "[0].nth is null"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(UnableError) as caught:
        parse_plan(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
NEARLY = st.lists(
    st.fixed_dictionaries(
        {"on": st.sampled_from(["sendTask", "peer"]) | ANY_JSON, "do": st.text() | ANY_JSON},
        optional={"nth": st.integers() | ANY_JSON, "ms": ANY_JSON},
    )
)


@given((ANY_JSON | NEARLY).map(json.dumps) | st.text() | st.binary())
def test_any_text_gives_a_plan_or_the_one_error(text: str | bytes) -> None:
    with suppress(UnableError):
        plan = parse_plan(text)
        assert parse_plan(plan.text) == plan
        assert plan_of(plan.data) == plan


def test_a_plan_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(Plan((SLOW,)).text)
    assert read_plan(file) == Plan((SLOW,))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match=r"--plan .*gone\.json: No such file"):
        read_plan(tmp_path / "gone.json")
    big = tmp_path / "big.json"
    big.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(UnableError, match="more than 1048576 bytes"):
        read_plan(big)
    bad = tmp_path / "bad.json"
    bad.write_text('[{"on": "sendTask"}]')
    with pytest.raises(UnableError, match=r"--plan .*bad\.json: \[0\].do is missing"):
        read_plan(bad)
