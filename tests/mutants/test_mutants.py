"""Every planted bug is caught: by its rule, where it is, and by the cheapest layer that can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from contract.spec import Spec, load_spec
from tests.mutants.garden import KINDS, MUTANTS
from tests.mutants.layers import Outcome, layers_for, try_layer
from tests.mutants.mutant import Mutant
from tests.mutants.page import PAGE, page
from tests.mutants.rehearsal import Rehearsal

JSON_MUTANTS = [mutant for mutant in MUTANTS if mutant.layer != "media"]
MEDIA_MUTANTS = [mutant for mutant in MUTANTS if mutant.layer == "media"]


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


@pytest.mark.parametrize("mutant", JSON_MUTANTS, ids=lambda mutant: mutant.name)
def test_the_mutant_is_caught(
    mutant: Mutant, spec: Spec, record_property: Callable[[str, object], None]
) -> None:
    tried: dict[str, Outcome] = {}
    for layer in layers_for(mutant.rule):
        tried[layer] = try_layer(spec, mutant, layer)
        if tried[layer].catches(mutant):
            break
    else:
        fired = {layer: outcome.fired for layer, outcome in tried.items()}
        pytest.fail(f"{mutant.name} survives; what fired instead: {fired}")
    record_property("layer", layer)
    assert layer == mutant.layer


@pytest.fixture(scope="module")
def rehearsal(spec: Spec) -> Iterator[Rehearsal]:
    """All mutants of media, several at one time."""
    played = Rehearsal(spec, MEDIA_MUTANTS)
    yield played
    played.close()


@pytest.mark.peers
@pytest.mark.timeout(180)
@pytest.mark.parametrize("mutant", MEDIA_MUTANTS, ids=lambda mutant: mutant.name)
def test_the_mutant_of_media_is_seen_or_heard(mutant: Mutant, rehearsal: Rehearsal) -> None:
    outcome = rehearsal.outcome(mutant)
    assert outcome.catches(mutant), outcome.fired


def test_there_are_enough_of_every_kind() -> None:
    kinds = Counter(KINDS[mutant.name] for mutant in MUTANTS)
    assert len(MUTANTS) >= 75
    assert kinds["media"] >= 14
    assert min(kinds.values()) >= 10


def test_every_rule_has_a_mutant(spec: Spec) -> None:
    assert {mutant.rule for mutant in MUTANTS} == spec.rules.keys()


def test_names_differ_and_say_what_breaks() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({mutant.breaks for mutant in MUTANTS}) == len(MUTANTS)


def test_no_two_of_a_rule_touch_the_same_place() -> None:
    places = Counter((mutant.rule, mutant.operation, mutant.field) for mutant in MUTANTS)
    assert [place for place, number in places.items() if number > 1] == []


def test_the_page_lists_the_mutants_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make mutants writes it anew"
