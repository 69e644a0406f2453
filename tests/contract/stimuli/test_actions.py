from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.stimuli.actions import Action, Edit, from_json, put, to_json
from contract.stimuli.scenarios import scenarios


def test_an_action_is_written_without_what_is_usual() -> None:
    task = Action("sendTask", 0, (put("text", "Hi"), Edit("task_mode")), credentials="token 1")
    assert to_json([Action("listSessions"), task, Action("advance", seconds=5.0)]) == [
        ["listSessions"],
        ["sendTask", {"credentials": "token 1", "edits": [["text", "Hi"], ["task_mode"]],
                      "session": 0}],
        ["advance", {"seconds": 5.0}],
    ]  # fmt: skip


def test_an_action_is_said_in_words() -> None:
    action = Action("sendTask", "unknown", (put("text", "x" * 99), Edit("task_mode")), "BOM")
    assert str(action) == (f'sendTask session unknown text="{"x" * 55} ... without task_mode BOM')
    assert str(Action("advance", seconds=30)) == "advance 30 s"
    assert str(Action("request", method="PUT", path="/v1", credentials="none")) == (
        "request as PUT at /v1 with none"
    )


def test_every_scenario_can_be_written_and_read() -> None:
    for scenario in scenarios():
        assert from_json(to_json(scenario.actions)) == scenario.actions


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "actions are not a list"),
        ([["stop"], []], "action 1 is not of the form"),
        ([["stop", {"no": 1}]], "action 0 is not of the form"),
        ([["stop", {"session": "x"}]], "action 0 has a session that is none: 'x'"),
        ([["stop", {"session": True}]], "action 0 has a session that is none: True"),
        ([["stop", {"edits": [[1]]}]], "action 0 has an edit that is none"),
        ([["advance", {"seconds": -1}]], "action 0 has a seconds that is none: -1"),
    ],
)
def test_what_is_no_action_is_named(value: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        from_json(value)


_VALUES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5)
_JSON = st.recursive(
    _VALUES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["edits", "session"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), _JSON).map(list) | _JSON, max_size=3))
def test_any_json_gives_actions_or_the_one_error(value: object) -> None:
    try:
        actions = from_json(value)
    except ValueError:
        return
    assert from_json(to_json(actions)) == actions
