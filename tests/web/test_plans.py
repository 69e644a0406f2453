"""Plans at the control API and in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mock_server.app import create_app
from mock_server.settings import SettingError, Settings
from tests.web.conftest import MakeSite
from tests.web.site import Site

REFUSED = {"on": "newSession", "do": "status", "row": "forbidden"}


def plan_of(site: Site) -> object:
    return site.control("GET", "faults/report").json["plan"]


def test_a_new_server_is_healthy(site: Site) -> None:
    report = site.control("GET", "faults/report").json
    assert report == {"requests": 0, "plan": [], "deviations": [], "unused": []}


def test_a_plan_is_played_until_the_next_reset(site: Site) -> None:
    site.judging = False
    assert site.control("PUT", "faults/plan", [REFUSED]).json == {"plan": [REFUSED]}
    assert site.call("newSession").error[:2] == (403, 400562)
    assert site.control("GET", "faults/report").json == {
        "requests": 1,
        "plan": [REFUSED],
        "deviations": [{"at": 0, "on": "newSession", "do": "status", "consumed": 1}],
        "unused": [],
    }
    site.control("POST", "reset")
    assert plan_of(site) == []
    assert site.call("newSession").status == 200


@pytest.mark.parametrize(
    ("plan", "at", "says"),
    [
        ({}, "", 'a plan is a JSON list like [{"on": …, "do": …}], not {}'),
        ([7], "[0]", '[0]: a deviation is an object like {"on": …, "do": …}, not 7'),
        ([REFUSED, {"do": "status"}], "[1].on", "[1].on: is missing; give one of newSession, "),
        ([REFUSED | {"on": "newSesion"}], "[0].on", "; did you mean newSession?"),
        ([REFUSED | {"do": "statsu"}], "[0].do", "; did you mean status?"),
        ([REFUSED | {"on": "media"}], "[0].do", "; status is for newSession, startSession, "),
        ([REFUSED | {"nth": 0}], "[0].nth", "[0].nth: 0 is not from 1 to 1000000"),
        ([REFUSED | {"nth": True}], "[0].nth", "[0].nth: true is no integer"),
        ([REFUSED | {"row": "forbiden"}], "[0].row", "; did you mean forbidden?"),
        ([REFUSED | {"rwo": 1}], "[0].rwo", "status has no such parameter; did you mean row?"),
        ([{"on": "newSession", "do": "status"}], "[0].row", "status needs it: the error, by"),
        ([REFUSED] * 201, "", "201 deviations are more than 200"),
    ],
)
def test_a_mistake_in_a_plan_is_named_with_its_place_and_the_plan_before_stays(
    site: Site, plan: object, at: str, says: str
) -> None:
    site.control("PUT", "faults/plan", [REFUSED])
    answer = site.control("PUT", "faults/plan", plan)
    assert (answer.status, answer.json["code"], answer.json["at"]) == (400, 400, at)
    assert says in answer.json["message"]
    assert plan_of(site) == [REFUSED]


def test_what_is_no_json_is_no_plan(site: Site) -> None:
    headers = (("host", "127.0.0.1:8000"), ("content-type", "application/json"))
    answer = site.send("PUT", "/__mock__/faults/plan", headers, b"[{]")
    assert (answer.status, answer.json["at"]) == (400, "body")


def test_a_plan_file_is_played_from_the_start_and_after_each_reset(
    make_site: MakeSite, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps([REFUSED]))
    site = make_site(plan=str(file))
    assert plan_of(site) == [REFUSED]
    site.control("PUT", "faults/plan", [])
    assert plan_of(site) == []
    site.control("POST", "reset")
    assert plan_of(site) == [REFUSED]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file or directory"),
        (b"[", "a plan is a JSON list of deviations: Expecting value"),
        (b"\xff", "a plan is a JSON list of deviations: 'utf-8' codec can't decode"),
        (b"[" * 100_000, "a plan is a JSON list of deviations: nested too deeply"),
        (b'[{"on": "newSession", "do": "status", "row": 4}]', "[0].row: 4 is none of"),
    ],
)
def test_a_plan_file_that_cannot_be_played_is_named(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingError) as caught:
        create_app(Settings(media="none", plan=str(file)))
    assert str(caught.value).startswith(f"plan: {file}: ")
    assert says in str(caught.value)
