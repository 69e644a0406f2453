"""The fake's catalogue as values."""

from __future__ import annotations

import pytest

from contract.clients.catalogue import load_catalogue, read_catalogue
from contract.clients.plan import HEALTHY
from contract.unable import UnableError
from tests.contract.clients.catalogues import DATA, catalogue, plan


def test_the_sweep_begins_with_the_mildest_kinds() -> None:
    kinds = [one.do for one in catalogue().sweep]
    assert kinds == ["slow"] * 2 + ["frozen"] * 2 + ["status"] * 4


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (None, {"status": 4, "slow": 2, "frozen": 2}),
        (["slow"], {"slow": 2}),
        (["answers"], {"status": 4, "slow": 2}),
        (["media"], {"frozen": 2}),
        (["newSession"], {"status": 1, "slow": 0}),
        (["newSession", "frozen"], {"status": 1, "slow": 0, "frozen": 2}),
    ],
)
def test_only_names_kinds_families_and_targets(
    names: list[str] | None, kept: dict[str, int]
) -> None:
    left = catalogue().only(names)
    assert {kind.do: len(kind.sweep) for kind in left} == kept


def test_an_unknown_name_is_refused_with_a_near_one() -> None:
    with pytest.raises(UnableError, match=r"--only 'slwo' .*; did you mean slow\?"):
        catalogue().only(["slwo"])
    with pytest.raises(UnableError, match="see heygen-mock faults"):
        catalogue().only(["#"])


def test_the_wait_is_that_of_an_honest_client_and_twice_where_it_comes_every_time() -> None:
    known = catalogue()
    assert known.wait(HEALTHY) == 0
    assert known.wait(plan({"on": "sendTask", "nth": 1, "do": "slow", "ms": 500})) == 0.5
    assert known.wait(plan({"on": "sendTask", "do": "slow", "ms": 500})) == 1.0
    status = {"on": "sendTask", "nth": 1, "do": "status", "row": "rate-limit", "retry_after": 2}
    assert known.wait(plan(status, status)) == 4.0
    assert known.wait(plan({"on": "sendTask", "do": "unheard-of", "ms": 500})) == 0


def test_the_weight_of_a_plan_is_that_of_its_deviations() -> None:
    slow = {"on": "sendTask", "do": "slow", "ms": 500}
    assert catalogue().weight(plan(slow, {"on": "sendTask", "do": "status"})) == 4
    assert catalogue().weight(plan({"on": "sendTask", "do": "unheard-of"})) == 5


def test_a_deviation_is_told_with_its_parameters() -> None:
    slow = plan({"on": "sendTask", "nth": 2, "do": "slow", "ms": 500}).deviations[0]
    assert catalogue().sentence(slow) == "sendTask, time 2: slow (ms 500): the answer comes late"
    status = plan({"on": "sendTask", "do": "status", "row": "rate-limit"}).deviations[0]
    assert (
        catalogue().sentence(status)
        == "sendTask, every time: status (row rate-limit): the call is refused"
    )


def test_a_deviation_is_told_with_the_values_of_what_was_left_out() -> None:
    kinds = [{**DATA["kinds"][0], "parameters": {"row": {}, "again": {"default": False}}}]
    known = read_catalogue({**DATA, "kinds": kinds})
    one = plan({"on": "sendTask", "nth": 1, "do": "status", "row": "x"}).deviations[0]
    assert known.sentence(one) == (
        "sendTask, time 1: status (row x, again false): the call is refused"
    )
    two = plan({"on": "sendTask", "nth": 1, "do": "status", "again": True}).deviations[0]
    assert known.sentence(two).startswith("sendTask, time 1: status (again true): ")


def test_a_catalogue_of_another_version_is_refused() -> None:
    with pytest.raises(UnableError, match="has version 2, and this program reads 1"):
        read_catalogue({**DATA, "version": 2})


@pytest.mark.process
def test_the_installed_fake_tells_its_catalogue() -> None:
    known = load_catalogue()
    assert "sendTask" in known.targets
    assert {one.on for one in known.sweep} <= set(known.targets)
    assert all(1 <= kind.weight <= 5 for kind in known)
