from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract.guard.plan import (
    History,
    Plan,
    choose,
    parse_probe,
    read_probe,
    render,
    unreachable,
)
from contract.unable import UnableError

FREE = History((), 0, 12, 0.0, ("a", "b"))
ONE = History((), 1, 9, 45.0, ("c", "d"))
TWO = History((), 2, 20, 10.0, ("e",))


def test_the_longest_beginning_within_the_budget_is_chosen() -> None:
    probe = (FREE, ONE, TWO, FREE)
    assert choose(probe, sessions=0).histories == (FREE,)
    assert choose(probe, sessions=2).histories == (FREE, ONE)
    assert choose(probe, sessions=3).histories == (FREE, FREE, ONE, TWO)


def asks(*calls: str, sessions: int) -> History:
    return History(tuple([call] for call in calls), sessions, len(calls), 0.0)


def test_what_is_refused_is_asked_before_the_budget_is_spent() -> None:
    right = asks("newConnected", "stopSession", sessions=1)
    token = asks("newSession", "newSession", "listSessions", sessions=1)
    wrong = asks("newSession", "newSession", sessions=0)
    assert choose((right, token, wrong), sessions=2).histories == (wrong, token, right)


def test_the_rules_that_a_run_does_not_come_to_say_what_it_would_take() -> None:
    probe = (replace(FREE, rules=("a",)), replace(ONE, rules=("b",)), replace(TWO, rules=("c",)))
    rules = ("a", "b", "c", "d")
    assert unreachable(probe, choose(probe, sessions=1), rules, sessions=1) == {
        "c": "needs --budget 3",
        "d": "the probe does not come to it",
    }
    plan = choose(probe, sessions=3, minutes=1)
    assert unreachable(probe, plan, rules, sessions=3) == {
        "c": "needs more --minutes",
        "d": "the probe does not come to it",
    }


def test_the_minutes_are_a_budget_too() -> None:
    assert choose((ONE, TWO), sessions=9, minutes=1.7).histories == (ONE,)
    assert choose((ONE, TWO), sessions=9, minutes=1.75).histories == (ONE, TWO)


def test_a_session_is_billed_for_half_a_minute_at_least() -> None:
    assert TWO.billed == 60
    assert ONE.billed == 45
    assert Plan((ONE, TWO)).minutes == 1.75


def test_the_dry_run_names_every_budget_and_its_worst_case() -> None:
    text = render((FREE, ONE, TWO), target="https://api.example", max_age=120)
    rows = [line.split() for line in text.splitlines() if "planted" in line]
    assert rows == [
        ["1", "1", "21", "0.8", "2.0", "0.40", "4", "of", "5", "planted", "bugs"],
        ["3", "3", "41", "1.8", "6.0", "1.20", "5", "of", "5", "planted", "bugs"],
    ]
    assert "https://api.example; nothing was sent" in text


def test_the_minutes_bound_the_worst_case() -> None:
    text = render((TWO,), target="https://api.example", max_age=120, minutes=3)
    assert text.splitlines()[3].split()[4:6] == ["3.0", "0.60"]


def test_a_probe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "probe.json"
    written = {"actions": [["newSession"]], "sessions": 1, "requests": 2, "kills": ["x"]}
    path.write_text(json.dumps({"histories": [written]}))
    assert read_probe(path) == (History((["newSession"],), 1, 2, 34.0, ("x",)),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", 'has no list "histories"'),
        ('{"histories": [{"actions": []}]}', "history 0 needs"),
        ('{"histories": [{"actions": [], "sessions": -1, "requests": 1}]}', "history 0 needs"),
    ],
)
def test_a_broken_probe_is_told_with_the_remedy(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "probe.json"
    path.write_text(content)
    with pytest.raises(UnableError, match=f"{message}.*make distil"):
        read_probe(path)


def test_a_missing_probe_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnableError, match=r"probe\.json: No such file.*make distil"):
        read_probe(tmp_path / "probe.json")


_VALUE: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.just([]) | st.text()
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["actions", "sessions", "requests", "seconds", "kills", "rules"]),
            _VALUE,
        )
    )
)
def test_any_list_of_histories_gives_them_or_the_one_error(items: list[object]) -> None:
    content = json.dumps({"histories": items}).encode()
    with contextlib.suppress(UnableError):
        assert len(parse_probe(content, name="probe")) == len(items)


@given(st.binary())
@example(b"[" * 100_000)
def test_any_content_gives_histories_or_the_one_error(content: bytes) -> None:
    with pytest.raises(UnableError, match=r"^probe .*make distil"):
        parse_probe(content, name="probe")
