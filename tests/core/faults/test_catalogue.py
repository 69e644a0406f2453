"""What is told of all kinds."""

from __future__ import annotations

import json
from collections import Counter

import jsonschema_rs
import pytest

from mock_server.core.faults.catalogue import make_catalogue
from mock_server.core.faults.kind import OPERATIONS, TARGETS, Kind
from mock_server.core.faults.reading import read_plan
from mock_server.core.faults.rooms import RESUME_REFUSED
from mock_server.spec import load_contract
from tests.core.faults.kinds import catalogue, family

KINDS = list(catalogue())
MAIN = ("newSession", "startSession", "sendTask", "stopSession")


def test_the_operations_are_those_of_the_contract_in_the_order_of_a_session() -> None:
    assert set(OPERATIONS) == {one.operation_id for one in load_contract().operations}
    assert OPERATIONS[:2] == ("newSession", "startSession")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.do)
def test_a_kind_says_what_is_seen_where_and_how_bad_it_is(kind: Kind) -> None:
    assert kind.sentence
    assert not kind.sentence.endswith(".")
    assert 1 <= kind.weight <= 5
    assert kind.on
    assert set(kind.on) <= set(TARGETS)
    assert set(kind.required) <= set(kind.parameters)
    assert set(kind.waits) <= set(kind.parameters)
    assert all("description" in schema for schema in kind.parameters.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.do)
def test_the_default_of_a_parameter_is_one_of_its_values(kind: Kind) -> None:
    for schema in kind.parameters.values():
        if "default" in schema:
            jsonschema_rs.validate(dict(schema), schema["default"])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.do)
def test_what_is_worth_trying_can_be_played_and_is_tried_once(kind: Kind) -> None:
    schema = jsonschema_rs.validator_for(kind.schema())
    sweep = kind.sweep()
    assert sweep
    for deviation in sweep:
        assert read_plan([deviation], catalogue())[0].as_json() == deviation
        schema.validate(deviation)
    assert len({json.dumps(one, sort_keys=True) for one in sweep}) == len(sweep)


def test_a_sweep_of_answers_and_wire_asks_most_of_what_every_client_calls() -> None:
    kinds = family("answers", "wire")
    counts = Counter(one["on"] for kind in kinds for one in kind.sweep())
    assert set(counts) == set(OPERATIONS)
    assert 200 <= sum(counts.values()) <= 300
    assert all(15 <= counts[name] <= 70 for name in MAIN)
    assert all(5 <= counts[name] <= 25 for name in OPERATIONS if name not in MAIN)


def test_what_is_refused_for_good_is_tried_at_every_call() -> None:
    sweep = catalogue().kinds["status"].sweep()
    for row in ("rate-limit", "internal-error"):
        assert {"on": "stopSession", "do": "status", "row": row} in sweep


def test_who_comes_back_to_a_room_is_refused_once_and_every_time() -> None:
    refused = [(one.get("nth"), one.get("action")) for one in RESUME_REFUSED.sweep()]
    assert refused == [(1, "join-anew"), (1, None), (None, None)]


def test_the_catalogue_is_told_as_json() -> None:
    told = json.loads(json.dumps(catalogue().as_json()))
    assert (told["version"], told["targets"]) == (1, list(TARGETS))
    assert [kind["do"] for kind in told["kinds"]] == [kind.do for kind in KINDS]
    assert told["plan"]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(told["kinds"][0]) == {
        "do",
        "family",
        "on",
        "sentence",
        "weight",
        "parameters",
        "required",
        "waits",
        "sweep",
    }


def test_a_fake_without_a_contract_still_has_its_kinds() -> None:
    assert {kind.do for kind in make_catalogue({})} == {kind.do for kind in KINDS}
