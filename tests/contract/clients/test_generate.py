"""Plans drawn by Hypothesis."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

import contract
from contract.clients.catalogue import Catalogue, load_catalogue
from contract.clients.generate import draw_until, drawn, plans
from contract.clients.plan import Plan
from contract.clients.stage import RefusedPlanError, Stage
from contract.unable import UnableError
from tests.contract.clients.catalogues import catalogue

INSTALLED = load_catalogue()
VALID = jsonschema_rs.validator_for(dict(INSTALLED.schema))


@given(drawn(INSTALLED, min_size=1, max_size=4))
@settings(max_examples=200)
def test_every_drawn_plan_is_one_by_the_catalogue_s_schema(plan: Plan) -> None:
    problems = [str(error) for error in VALID.iter_errors(plan.data)]
    assert problems == []
    assert 1 <= len(plan) <= 4


def test_every_deviation_of_the_sweep_is_one_by_the_catalogue_s_schema() -> None:
    for one in INSTALLED.sweep:
        assert VALID.is_valid([one.data]), one


@given(plans(only=["answers"], max_size=2))
@settings(max_examples=20)
def test_the_public_strategy_gives_lists_as_a_plan_file_has_them(
    plan: list[dict[str, Any]],
) -> None:
    assert len(plan) <= 2
    assert json.loads(json.dumps(plan)) == plan
    assert {INSTALLED.kinds[one["do"]].family for one in plan} <= {"answers"}


def test_the_public_strategy_is_exported_and_refuses_what_it_cannot_mean() -> None:
    assert contract.plans is plans
    with pytest.raises(ValueError, match="max_size=0"):
        plans(max_size=0)
    with pytest.raises(TypeError, match=r"only='wire': give a list of names, such as \['wire'\]"):
        plans(only="wire")
    with pytest.raises(UnableError, match=r"^only='wrie' is .*; did you mean wire\?"):
        find(plans(only=["wrie"]), lambda _: True)
    with pytest.raises(AttributeError, match="has no attribute 'plan'"):
        contract.plan  # noqa: B018 - the look is the test


def test_the_package_is_imported_without_hypothesis() -> None:
    code = "import contract, sys; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(drawn(catalogue(), min_size=1, max_size=1, longest=2.0))
def test_nothing_drawn_makes_everybody_wait(plan: Plan) -> None:
    one = plan.deviations[0]
    assert one.parameters.get("ms", 0) <= 2000
    assert one.parameters.get("retry_after", 0) <= 2
    assert one.parameters.get("at_ms", 0) <= 2000


@pytest.mark.parametrize(
    "wanted",
    [
        {"do": "status", "nth": 3},
        {"do": "frozen", "loud": True, "form": "still"},
        {"do": "frozen", "rate": 2.0},
        {"do": "slow", "on": "newSession"},
        {"do": "slow", "ms": 500, "nth": 2},
    ],
)
def test_parameters_are_drawn_and_those_of_the_sweep_too(wanted: dict[str, object]) -> None:
    found = find(
        drawn(catalogue(), min_size=1),
        lambda plan: any(wanted.items() <= one.data.items() for one in plan),
        settings=settings(max_examples=5000, phases=[Phase.generate]),
    )
    assert len(found) >= 1


def test_of_an_empty_catalogue_only_the_healthy_plan_is_drawn() -> None:
    nothing = Catalogue(("sendTask",), {}, {})
    with pytest.raises(NoSuchExample):
        find(drawn(nothing), lambda plan: len(plan) > 0)


def test_a_parameter_of_unknown_form_is_told_at_once() -> None:
    known = catalogue().only(["slow"])
    kind = known.kinds["slow"]
    odd = type(kind)(**{
        **{name: getattr(kind, name) for name in kind.__dataclass_fields__},
        "parameters": {"ms": {"type": "array"}},
    })  # fmt: skip
    with pytest.raises(ValueError, match="no values are known"):
        drawn(Catalogue(known.targets, {"slow": odd}, {}))


def draws(number: int, count: int) -> list[str]:
    seen: list[str] = []

    class EnoughError(Exception):
        pass

    def use(plan: Plan) -> None:
        seen.append(plan.text)
        if len(seen) == count:
            raise EnoughError

    with pytest.raises(EnoughError):
        draw_until(lambda: False, drawn(catalogue(), min_size=2), use, number=number)
    return seen


def test_the_same_number_draws_the_same_plans() -> None:
    assert draws(1, 150) == draws(1, 150)
    assert draws(1, 20) != draws(2, 20)


def test_drawing_ends_when_it_is_over() -> None:
    seen: list[Plan] = []
    draw_until(lambda: len(seen) >= 7, drawn(catalogue()), seen.append, number=1)
    assert len(seen) == 7
    draw_until(lambda: True, drawn(catalogue()), seen.append, number=1)
    assert len(seen) == 7


@pytest.mark.process
def test_every_drawn_plan_is_one_that_the_fake_plays() -> None:
    refused: list[str] = []
    played = 0
    with Stage(media="none") as stage:

        def use(plan: Plan) -> None:
            nonlocal played
            played += 1
            try:
                stage.play(plan)
            except RefusedPlanError as problem:
                refused.append(f"{problem}: {plan}")

        strategy = drawn(INSTALLED, min_size=1, max_size=4)
        draw_until(lambda: played >= 200, strategy, use, number=1)
    assert refused == []
