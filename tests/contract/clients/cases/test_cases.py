"""The suite of cases as data."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from contract.clients.cases import CASES, GROUPS, choose
from contract.clients.cases.case import MEANS, Case
from contract.unable import UnableError
from mock_server.core.faults.catalogue import make_catalogue
from mock_server.core.faults.reading import read_plan
from mock_server.spec import load_contract

ROOT = Path(__file__).parents[4]
_STATUS = {"401", "403", "429", "500", "502", "503", "504", "200", "404"}
"""Numbers that mean something; others would be positions."""
_NAMES = {"VP8", "H264", "UTF8", "IPV6"}


def test_there_are_at_least_sixty_cases_of_every_group() -> None:
    groups = Counter(case.group for case in CASES)
    assert len(CASES) >= 60
    assert groups.keys() == GROUPS.keys()
    assert min(groups.values()) >= 8


def test_ids_are_words_and_each_is_there_once() -> None:
    ids = [case.id for case in CASES]
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    for one in ids:
        assert re.fullmatch(r"[A-Z]+(-[A-Z0-9]+)+", one), one
        numbers = {part for part in one.split("-") if re.search(r"\d", part)}
        assert numbers <= _STATUS | _NAMES, one


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_says_what_happens_and_what_is_good(case: Case) -> None:
    assert re.fullmatch(r"[A-Za-z\d].{5,160}\.", case.server)
    assert re.fullmatch(r"[A-Z].{4,160}\.", case.good)
    assert re.fullmatch(r"[A-Z].{2,48}[^.]", case.title)


def test_every_demand_is_made_of_some_case() -> None:
    assert {case.demand for case in CASES} == set(MEANS)


def test_no_two_cases_play_the_same_plan() -> None:
    plans = Counter(case.plan.text for case in CASES)
    assert [text for text, count in plans.items() if count > 1] == []


def test_evidence_that_is_a_guess_says_so_or_names_its_source() -> None:
    for case in CASES:
        assert len(case.evidence.source) > 10, case.id
        if case.evidence.grade == "inferred":
            assert re.search(r"our guess|RFC \d+|draft-", case.evidence.source), case.id
        else:
            assert "our guess" not in case.evidence.source, case.id


def test_the_fake_takes_every_plan() -> None:
    catalogue = make_catalogue(load_contract().answer_fields())
    for case in CASES:
        assert len(read_plan(case.plan.data, catalogue)) == len(case.plan) >= 1


def test_no_case_makes_an_honest_client_wait_for_long() -> None:
    catalogue = make_catalogue(load_contract().answer_fields())
    for case in CASES:
        for one in case.plan:
            waits = catalogue.kinds[one.do].waits
            seconds = sum(one.parameters.get(name, 0) * unit for name, unit in waits.items())
            assert seconds <= 1.0, case.id


def test_cases_are_chosen_by_id_and_by_group_in_the_order_of_the_suite() -> None:
    assert choose(None) == CASES
    chosen = choose(["ERR-429", "evt", "ICE-LITE"])
    assert (chosen[0].id, chosen[-1].id) == ("ICE-LITE", "ERR-429")
    assert {case.group for case in chosen} == {"ICE", "EVT", "ERR"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ERR-492", "did you mean ERR-429?"), ("zzz", "the groups are SIG, SDP, ICE, MEDIA, EVT")],
)
def test_an_unknown_name_is_told_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UnableError, match=re.escape(hint)):
        choose([name])


def test_the_page_of_cases_is_as_generated() -> None:
    command = [sys.executable, "-m", "contract.clients.cases"]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    assert done.stdout == (ROOT / "docs" / "cases.md").read_bytes()
