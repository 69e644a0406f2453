"""Plans for descriptions and media, through the API of a fake without media."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.faults import media, signalling
from mock_server.settings import Settings
from tests.core.faults.answering import good_answer
from tests.core.faults.drawing import entries
from tests.loops import StillLoop
from tests.web.site import OFFER, Site, answer_to


def play(site: Site, *plan: dict[str, Any]) -> None:
    answer = site.control("PUT", "faults/plan", list(plan))
    assert answer.status == 200, answer.json


def report(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.control("GET", "faults/report").json
    return found


def offered(site: Site) -> tuple[str, str]:
    data = site.call("newSession").data
    return data["session_id"], data["sdp"]["sdp"]


def started(site: Site, session_id: str, text: str, type_: str = "answer") -> Any:
    return site.call("startSession", session_id=session_id, sdp={"type": type_, "sdp": text})


def test_the_offer_of_new_session_is_odd_and_the_timeline_says_so(site: Site) -> None:
    play(site, {"on": "peer", "nth": 2, "do": "audio-first"})
    (first, right), (second, odd) = offered(site), offered(site)
    assert right.index("m=video") < right.index("m=audio")
    assert odd.index("m=audio") < odd.index("m=video")
    assert started(site, second, good_answer(odd)).status == 200
    assert ("fault", None) not in site.events(first)
    timeline = site.control("GET", f"sessions/{second}").json["timeline"]
    faults = [entry for entry in timeline if entry["event"] == "fault"]
    assert [(one["do"], one["at"]) for one in faults] == [("audio-first", 0)]
    assert report(site)["deviations"] == [
        {"at": 0, "on": "peer", "do": "audio-first", "consumed": 1}
    ]


def test_the_answer_of_start_session_is_odd_as_well(site: Site) -> None:
    play(site, {"on": "peer", "do": "unknown-attributes"}, {"on": "peer", "do": "lf-only"})
    session_id, _ = offered(site)
    answer = started(site, session_id, OFFER, "offer").data["sdp"]["sdp"]
    assert "a=x-experimental\n" in answer
    assert "\r" not in answer
    assert [one["consumed"] for one in report(site)["deviations"]] == [1, 1]


def test_what_only_an_offer_can_say_is_not_in_an_answer(site: Site) -> None:
    play(site, {"on": "peer", "do": "extra-mline", "media": "text"})
    session_id, offer = offered(site)
    assert "m=text" in offer
    assert "m=text" not in started(site, session_id, OFFER, "offer").data["sdp"]["sdp"]


def test_an_answer_that_does_not_fit_what_was_told_is_refused(site: Site) -> None:
    site.judging = False
    play(site, {"on": "peer", "do": "extra-mline", "media": "text"})
    session_id, offer = offered(site)
    assert started(site, session_id, answer_to(session_id)).status == 400
    assert started(site, session_id, good_answer(offer)).status == 200


def test_without_a_bundle_every_section_must_be_answered_for(site: Site) -> None:
    play(site, {"on": "peer", "do": "no-bundle"})
    session_id, offer = offered(site)
    assert "BUNDLE" not in offer
    assert started(site, session_id, good_answer(offer)).status == 200
    assert site.status(session_id) == "connected"


def test_without_media_none_goes_wrong_and_the_report_says_so(site: Site) -> None:
    play(site, *(one for kind in media.KINDS for one in kind.sweep()))
    session_id = site.connect()
    site.task(session_id)
    site.advance(20)
    assert len(report(site)["unused"]) == len(report(site)["plan"])


def is_of_the_contract(one: dict[str, Any]) -> bool:
    """Whether answers have the contract's form, which begins each description with v=0."""
    return bool(one.get("chars", 1000) > 4)


SWEEP = [one for k in signalling.KINDS for one in k.sweep() if is_of_the_contract(one)]
ENTRIES = entries((*signalling.KINDS, *media.KINDS), most=100_000).filter(is_of_the_contract)


@pytest.mark.parametrize("one", SWEEP, ids=lambda o: "-".join(map(str, list(o.values())[2:])))
def test_every_trial_is_good_json_and_connects_who_answers_well(
    site: Site, one: dict[str, Any]
) -> None:
    play(site, one)
    session_id, offer = offered(site)
    used = one["do"] != "ice-disconnect"  # without ICE there is none to disconnect
    assert [row["consumed"] for row in report(site)["deviations"]] == [int(used)]
    if one["do"] == "truncated-sdp":
        return
    assert started(site, session_id, good_answer(offer)).status == 200
    assert site.status(session_id) == "connected"


@pytest.fixture(scope="module")
def seeded() -> Iterator[Site]:
    site = Site(Settings(media="none", seed=7), loop=StillLoop())
    yield site
    site.close()


def history(site: Site) -> list[Any]:
    """Sessions whose offers are answered well, badly and by an offer; and what is told of them."""
    for number in range(3):
        session_id, offer = offered(site)
        match number:
            case 0:
                started(site, session_id, good_answer(offer))
            case 1:
                started(site, session_id, answer_to(session_id))
            case _:
                started(site, session_id, OFFER, "offer")
        site.task(session_id, "One.")
        site.advance(0.7)
        site.call("stopSession", session_id=session_id)
    requests = site.control("GET", "requests").json
    told = ("n", "t", "operation", "status", "code", "session_id")
    return [
        [{key: entry.get(key) for key in told} for entry in requests],
        site.control("GET", "sessions").json,
        report(site),
    ]


@given(st.lists(ENTRIES, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_plan_is_played_alike_twice_and_a_reset_heals(
    seeded: Site, plan: list[dict[str, Any]]
) -> None:
    seen = []
    for _ in range(2):
        seeded.reset()
        seeded.judging = False
        play(seeded, *plan)
        seen.append(history(seeded))
    assert seen[0] == seen[1]
    assert all(row["status"] < 500 for row in seen[0][0])
    seeded.reset()
    assert [row["status"] for row in history(seeded)[0]] == [200] * 12
