"""contract/probe.json: what it holds can be played, and finds what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contract.guard.plan import History, read_probe
from contract.spec import Spec, load_spec
from contract.stimuli.actions import from_json
from tests.mutants.distil import PROBE, play, rules_of, sensible
from tests.mutants.driver import Fake
from tests.mutants.garden import MUTANTS

HISTORIES = read_probe(PROBE)
MUTANT = {mutant.name: mutant for mutant in MUTANTS}
EVERY = 6
"""Of so many claims one is tried at each run of the tests."""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="module")
def right() -> Iterator[Fake]:
    fake = Fake()
    yield fake
    fake.close()


def actions_of(history: History) -> Any:
    return from_json(list(history.actions))


def test_the_right_fake_breaks_no_rule_and_costs_what_was_said(spec: Spec, right: Fake) -> None:
    for history in HISTORIES:
        fired, took = play(right, spec, actions_of(history))
        assert fired == ()
        assert (took.sessions, took.requests) == (history.sessions, history.requests)


def test_it_comes_to_the_rules_that_it_says(spec: Spec, right: Fake) -> None:
    for history in HISTORIES[::EVERY]:
        assert rules_of(right, spec, actions_of(history)) == history.rules


def test_what_it_asks_can_be_asked_of_a_service_that_is_not_ours(spec: Spec) -> None:
    actions = [action for history in HISTORIES for action in actions_of(history)]
    assert all(sensible(action, spec) for action in actions)


def test_it_finds_what_it_says(spec: Spec) -> None:
    claims = [(name, history) for history in HISTORIES for name in history.kills]
    lost = []
    for name, history in claims[::EVERY]:
        mutant = MUTANT[name]
        wanted = (mutant.rule, mutant.operation)
        fake = Fake(mutant.seams)
        try:
            fired, _ = play(fake, spec, actions_of(history), until=wanted)
        finally:
            fake.close()
        if wanted not in fired:
            lost.append(name)
    assert lost == []


def test_it_is_of_this_contract_and_begins_with_what_costs_nothing(spec: Spec) -> None:
    assert json.loads(PROBE.read_bytes())["spec"] == spec.version
    assert HISTORIES[0].sessions == 0
    one = {name for history in HISTORIES[:3] for name in history.kills}
    assert len(one) >= 30
