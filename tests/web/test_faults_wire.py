"""Plans for the wire, with a connection that only writes down what is done to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.core.faults.kind import OPERATIONS
from tests.core.faults.drawing import plans
from tests.core.faults.kinds import family
from tests.web.conftest import MakeSite
from tests.web.scenes import ask, last, play, report, session_for
from tests.web.site import Site
from tests.web.wires import CONTENT, HEAD, Tape


def test_an_answer_is_captured_and_sent_in_the_steps_of_its_deviation(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "truncated", "keep": 20})
    tape = Tape()
    ask(site, "listVoices", wire=tape)
    assert tape.done == ["capture", "release", HEAD + CONTENT[:2], "close"]
    assert (last(site)["status"], last(site)["delivered"]) == (200, False)


def test_healthy_answers_do_not_touch_the_wire(site: Site) -> None:
    play(site, {"on": "listVoices", "nth": 2, "do": "closed"})
    tape = Tape()
    ask(site, "listVoices", wire=tape)
    ask(site, "listAvatars", wire=tape)
    assert tape.done == []


def test_without_a_wire_what_needs_one_is_not_applied(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "closed"}, {"on": "listVoices", "do": "html"})
    assert site.call("listVoices").body.startswith(b"<!DOCTYPE html>")
    assert report(site)["unused"] == [0]


def test_nothing_sent_is_no_status(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "closed"})
    ask(site, "listVoices", wire=Tape())
    assert last(site)["status"] is None


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_stalled_answer_ends_when_its_client_goes(site: Site, where: str) -> None:
    play(site, {"on": "newSession", "do": "stalled", "where": where})
    tape = Tape()
    before = site.loop.time()
    ask(site, "newSession", wire=tape, leaves=77.0)
    assert 77 <= site.loop.time() - before < 80
    assert tape.done[-1] == "reset"
    [session] = site.control("GET", "sessions").json
    assert session["closed_because"] == "peer lost: its opener is gone"


def test_a_reset_ends_what_is_stalled(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "stalled", "where": "head"})
    tape = Tape()

    async def both() -> None:
        asked = site.request("GET", "/v2/voices", wire=tape)
        waiting = asyncio.ensure_future(asked)
        await asyncio.sleep(1)
        assert not waiting.done()
        await site.services.reset()
        await waiting

    site.run(both())
    assert tape.done[-1] == "reset"
    assert site.control("GET", "requests").json == []


def test_pieces_that_nobody_waits_for_are_not_sent(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "dribble", "ms": 1000})
    tape = Tape()
    ask(site, "listVoices", wire=tape, leaves=4.5)
    assert [one for one in tape.done if isinstance(one, bytes)] == [HEAD, b"{", b'"', b"a", b'"']
    assert last(site)["delivered"] is False


calls = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.sampled_from([None, 0.5, 3600.0]), st.booleans()),
    max_size=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=plans(family("answers", "wire"), size=6), extra=calls)
def test_any_plan_is_played_without_an_error_of_the_fakes_own(
    make_site: MakeSite, plan: list[Any], extra: list[tuple[str, float | None, bool]]
) -> None:
    site = make_site(max_sessions=0)
    sessions = {one: session_for(site, one) for one in OPERATIONS}
    play(site, *plan)
    refusing = {(one["on"], one["do"]) for one in plan}
    for one, leaves, wired in [*((one, 60.0, True) for one in OPERATIONS), *extra]:
        answer = ask(site, one, sessions[one], leaves=leaves or 600.0, wire=tape(wired))
        if answer is not None and answer.status >= 500:
            assert {(one, "status"), (one, "server-error")} & refusing
    assert site.control("GET", "faults/report").json["plan"] == plan
    assert site.control("GET", "requests").status == 200
    site.control("POST", "reset")
    healthy(site)


def tape(wired: bool) -> Tape | None:
    return Tape() if wired else None


def healthy(site: Site) -> None:
    """Every operation answers as openapi.yaml has it: the site itself looks at that."""
    for operation_id in OPERATIONS:
        answer = ask(site, operation_id, session_for(site, operation_id))
        assert answer is not None
        assert answer.status == 200
