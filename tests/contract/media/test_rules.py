import subprocess
import sys

import pytest

from contract.media.rules import OPERATIONS, RULES, SCENARIOS, SHOWN_BEST, scenarios_for
from contract.media.scenarios import PLAYS
from contract.spec import load_spec

SPEC = load_spec()


def test_every_rule_is_in_the_contract_and_has_an_operation_of_it() -> None:
    assert set(OPERATIONS) == RULES
    assert set(SPEC.rules) >= RULES
    assert set(SPEC.operations) >= {name for name in OPERATIONS.values() if name}


def test_every_rule_has_a_scenario_that_shows_it_and_judges_it() -> None:
    assert set(SHOWN_BEST) == RULES
    assert all(rule in SCENARIOS[scenario] for rule, scenario in SHOWN_BEST.items())
    assert set(PLAYS) == set(SCENARIOS)


def test_rules_choose_their_scenarios() -> None:
    assert scenarios_for(frozenset({"media-lips", "media-voice"})) == ["talking", "queueing"]
    assert scenarios_for(frozenset({"high", "new-quality-size"})) == ["high"]
    assert scenarios_for(frozenset(SCENARIOS)) == list(SCENARIOS)
    with pytest.raises(KeyError, match="no-such-rule"):
        scenarios_for(frozenset({"no-such-rule"}))


def test_the_table_of_rules_needs_no_media_library() -> None:
    check = (
        "import sys, contract.media.rules; sys.exit('aiortc' in sys.modules or 'av' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
