"""Plans for answers: refused, late, odd or wrong, over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.faults.kind import OPERATIONS
from tests.core.faults.kinds import family
from tests.web.conftest import MakeSite
from tests.web.scenes import ask, consumed, last, play, report, requests, session_for
from tests.web.site import Answer, Site
from tests.web.wires import Tape

LIMITED = {"do": "status", "row": "rate-limit"}
SWEEP = [one for kind in family("answers", "wire") for one in kind.sweep()]
SINGLE = [one for one in SWEEP if one["do"].startswith("field") or one["do"] == "extra-fields"]
ALLOWED = ("field", "field-long", "field-entries", "extra-fields")


def played(site: Site, deviation: dict[str, Any]) -> Answer:
    """The answer to the first call, on a fake that plays one deviation."""
    session_id = session_for(site, deviation["on"])
    if deviation["on"] == "listSessions":
        site.new()
    play(site, deviation)
    answer = ask(site, deviation["on"], session_id, leaves=3600.0, wire=Tape())
    assert answer is not None
    return answer


def named(deviation: dict[str, Any]) -> str:
    return "-".join(str(value) for value in deviation.values())


# the sweep


@pytest.mark.parametrize("deviation", SWEEP, ids=named)
def test_what_is_worth_trying_takes_effect_at_the_first_call(
    site: Site, deviation: dict[str, Any]
) -> None:
    played(site, deviation)
    assert consumed(site) == [1]
    assert requests(site)[-1]["faults"] == [0]


@pytest.mark.parametrize("deviation", SINGLE, ids=named)
def test_single_values_fit_the_contract_or_break_it_as_their_kind_says(
    site: Site, deviation: dict[str, Any]
) -> None:
    answer = played(site, deviation)
    operation = site.services.contract.operation(deviation["on"])
    problem = operation.response_problem(answer.status, answer.json)
    assert (problem is None) == (deviation["do"] in ALLOWED), problem


# refusals


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_a_call_is_refused_with_the_row_and_its_headers(site: Site, operation_id: str) -> None:
    answer = played(site, {"on": operation_id, "retry_after": 2, **LIMITED})
    assert answer.error == (429, 400123, "Exceed rate limit")
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "X-Mock-Evidence, Retry-After"
    assert answer.headers["x-mock-evidence"] == "observed"
    told = last(site)
    assert (told["status"], told["code"], told["faults"]) == (429, 400123, [0])
    assert told["retry_after"] == 2


def test_without_seconds_there_is_no_retry_after(site: Site) -> None:
    assert "retry-after" not in played(site, {"on": "sendTask", **LIMITED}).headers
    assert "retry_after" not in last(site)


def test_a_wrong_method_names_the_right_one(site: Site) -> None:
    answer = played(site, {"on": "listVoices", "do": "status", "row": "method-not-allowed"})
    assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_an_unknown_session_is_named(site: Site) -> None:
    session_id = site.connect()
    play(site, {"on": "sendTask", "do": "status", "row": "session-unknown"})
    answer = ask(site, "sendTask", session_id)
    assert answer is not None
    assert answer.error[2] == f"Session does not exist. SessionID: {session_id}"


def test_nth_counts_every_call_those_without_credentials_too(site: Site) -> None:
    site.judging = False
    play(site, {"on": "listSessions", "nth": 3, **LIMITED})
    statuses = [site.call("listSessions", keys).status for keys in ((), site_key(), site_key())]
    assert statuses == [401, 200, 429]
    assert site.call("listSessions").status == 200
    assert consumed(site) == [1]


def site_key() -> tuple[tuple[str, str], ...]:
    return (("x-api-key", "key"),)


def test_an_older_path_is_the_same_operation(site: Site) -> None:
    play(site, {"on": "newSession", "nth": 2, **LIMITED})
    answers = [ask(site, "newSession", path=f"/v1/{name}.new") for name in ("realtime",) * 2]
    assert [answer.status for answer in answers if answer] == [200, 429]


def test_a_refused_call_is_not_done_and_a_lost_answer_is(site: Site) -> None:
    play(
        site,
        {"on": "newSession", "nth": 1, "do": "status", "row": "internal-error"},
        {"on": "newSession", "nth": 2, "do": "server-error", "status": 504, "performed": True},
    )
    assert [site.call("newSession").status for _ in range(2)] == [500, 504]
    play(site)
    [session] = site.call("listSessions").data["sessions"]
    first, second, _ = requests(site)
    assert "session_id" not in first
    assert second["session_id"] == session["session_id"]
    assert (second["status"], second["learned"]) == (504, False)


def test_a_refused_stop_is_noted_with_the_session_that_it_names(site: Site) -> None:
    session_id = site.new()
    play(site, {"on": "stopSession", "do": "status", "row": "internal-error"})
    assert site.call("stopSession", session_id=session_id).status == 500
    assert requests(site)[-1]["session_id"] == session_id
    assert site.status(session_id) == "new"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"session_id": 7}', b"x" * 1_100_000])
def test_what_is_refused_anyway_may_be_any_request(site: Site, body: bytes) -> None:
    play(site, {"on": "sendTask", **LIMITED})
    assert site.send("POST", "/v1/streaming.task", (), body).status == 429


@pytest.mark.parametrize(
    ("more", "content_type", "begins"),
    [
        ({}, "text/html; charset=utf-8", b"<html>\r\n<head><title>503 Service Unavailable"),
        ({"body": "json"}, "application/json", b'{"code":503,"message":"Service Unavailable"}'),
        ({"body": "empty"}, "text/plain", b""),
    ],
)
def test_a_gateway_refuses_in_its_own_way(
    site: Site, more: dict[str, str], content_type: str, begins: bytes
) -> None:
    answer = played(
        site, {"on": "sendTask", "do": "server-error", "status": 503, "retry_after": 1, **more}
    )
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == content_type
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.body.startswith(begins)
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert last(site)["code"] == (503 if "json" in more.values() else None)


def test_of_two_refusals_the_first_in_the_plan_counts(site: Site) -> None:
    play(
        site,
        {"on": "listVoices", "do": "server-error", "status": 502, "body": "json"},
        {"on": "listVoices", **LIMITED},
    )
    assert site.call("listVoices").status == 502
    assert report(site)["unused"] == [1]


def test_what_a_lost_answer_was_to_say_deviates_too(site: Site) -> None:
    session_id = site.new()
    play(
        site,
        {"on": "stopSession", "do": "stop-ignored"},
        {"on": "stopSession", "do": "status", "row": "internal-error", "performed": True},
    )
    assert site.call("stopSession", session_id=session_id).status == 500
    assert consumed(site) == [1, 1]
    play(site)
    assert site.status(session_id) == "new"


# bodies


def test_deviations_of_one_answer_are_applied_in_the_order_of_the_plan(site: Site) -> None:
    play(
        site,
        {"on": "listVoices", "do": "field", "path": "error", "value": 1},
        {"on": "listVoices", "do": "field-missing", "path": "data"},
        {"on": "listVoices", "do": "field-null", "path": "data"},
        {"on": "listVoices", "do": "reordered"},
        {"on": "listVoices", "do": "byte-order-mark"},
    )
    answer = site.call("listVoices")
    assert answer.body == b'\xef\xbb\xbf{"error":1}'
    assert report(site)["unused"] == [2, 3]
    assert last(site)["faults"] == [0, 1, 4]


def test_of_an_answer_that_is_not_sent_nothing_else_is_used(site: Site) -> None:
    both = {"do": "extra-fields"}, {"do": "closed"}, {"do": "byte-order-mark"}
    play(site, *({"on": "listVoices", **one} for one in both))
    ask(site, "listVoices", wire=Tape())
    assert report(site)["unused"] == [0, 2]
    assert last(site)["faults"] == [1]


def test_what_changes_nothing_is_not_used_and_leaves_the_answer_healthy(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "field-null", "path": "data.sdp"})
    assert site.call("listVoices").status == 200
    assert report(site)["unused"] == [0]
    assert "faults" not in last(site)


@pytest.mark.parametrize("answers", ["documented", "recorded", "union"])
def test_every_shape_of_answers_can_be_changed(make_site: MakeSite, answers: str) -> None:
    site = make_site(answers=answers)
    path = "duration_ms" if answers == "documented" else "data.duration_ms"
    session_id = site.connect()
    play(site, {"on": "sendTask", "do": "field", "path": path, "value": 7})
    body = site.task(session_id).json
    assert (body.get("data") or body)["duration_ms"] == 7


# late


def test_an_answer_comes_late_and_the_call_was_done_before(site: Site) -> None:
    session_id = site.new()
    play(site, {"on": "stopSession", "do": "slow", "ms": 1500})
    before = site.loop.time()
    assert ask(site, "stopSession", session_id) is not None
    took = site.loop.time() - before
    assert 1.5 <= took < 2
    assert site.status(session_id) == "closed"
    assert requests(site)[0]["ms"] < 1000
    assert "delivered" not in requests(site)[0]


def test_a_client_that_leaves_gets_nothing_and_what_it_asked_for_is_done(site: Site) -> None:
    session_id = site.new()
    play(site, {"on": "stopSession", "do": "slow", "ms": 1500})
    assert ask(site, "stopSession", session_id, leaves=1.0) is None
    told = last(site)
    assert (told["session_id"], told["faults"]) == (session_id, [0])
    assert told["delivered"] is False
    assert site.status(session_id) == "closed"


def test_who_left_while_the_call_was_done_gets_nothing(site: Site) -> None:
    play(site, {"on": "stopSession", "do": "extra-fields"})
    session_id = site.new()
    site.control("PATCH", "settings", {"delays": "real"})
    assert ask(site, "stopSession", session_id, leaves=0.01) is None
    assert last(site)["delivered"] is False


def test_a_session_whose_opener_left_before_it_was_told_ends(site: Site) -> None:
    play(site, {"on": "newSession", "do": "slow", "ms": 1500})
    assert ask(site, "newSession", leaves=1.0) is None
    assert (last(site)["delivered"], last(site)["learned"]) == (False, False)
    [session] = site.control("GET", "sessions").json
    assert session["closed_because"] == "peer lost: its opener is gone"


def test_a_client_that_waits_learns_of_its_session(site: Site) -> None:
    play(site, {"on": "newSession", "do": "slow", "ms": 1500})
    assert ask(site, "newSession", leaves=60.0) is not None
    assert not {"delivered", "learned"} & last(site).keys()


def test_a_call_that_a_reset_overtakes_is_not_counted_for_the_plan_of_the_start(
    make_site: MakeSite, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    file.write_text('[{"on": "listVoices", "do": "extra-fields"}]')
    site = make_site(plan=str(file), delays="real")

    async def overtaken() -> None:
        call = asyncio.create_task(site.request("GET", "/v2/voices"))
        await asyncio.sleep(0.01)
        await site.services.reset()
        await call

    site.run(overtaken())
    assert consumed(site) == [0]
    assert site.call("listVoices").status == 200
    assert consumed(site) == [1]


def test_a_reset_lets_go_of_what_is_held_up(site: Site) -> None:
    play(site, {"on": "listVoices", "do": "slow", "ms": 600_000})

    async def both() -> float:
        before = site.loop.time()
        waiting = asyncio.ensure_future(site.ask("listVoices"))
        await asyncio.sleep(1)
        await site.services.reset()
        assert (await waiting).status == 200
        return site.loop.time() - before

    assert site.run(both()) < 10


# the journal


@pytest.mark.parametrize(
    ("deviation", "learned"),
    [
        ({"do": "extra-fields"}, True),
        ({"do": "escapes"}, True),
        ({"do": "field-missing", "path": "data.sdp"}, True),
        ({"do": "field-missing", "path": "data.session_id"}, False),
        ({"do": "field", "path": "data.session_id", "value": "another"}, False),
        ({"do": "field-null", "path": "data"}, False),
        ({"do": "wrong-body", "body": "null"}, False),
        ({"do": "wrong-body", "body": "bare"}, False),
        ({"do": "html"}, False),
        ({"do": "not-json", "how": "trailing-comma"}, False),
        ({"do": "byte-order-mark"}, False),
        ({"do": "gzip", "how": "unasked"}, False),
        ({"do": "pieces", "ms": 100}, True),
        ({"do": "truncated"}, False),
        ({"do": "wrong-length", "by": 7}, False),
        ({"do": "status", "row": "internal-error", "performed": True}, False),
    ],
    ids=lambda value: named(value) if isinstance(value, dict) else "",
)
def test_it_is_told_whether_a_client_could_learn_of_its_session(
    site: Site, deviation: dict[str, Any], learned: bool
) -> None:
    played(site, {"on": "newSession", **deviation})
    assert last(site).get("learned", True) is learned


def test_the_same_plan_twice_makes_the_same_journal(make_site: MakeSite) -> None:
    site = make_site(seed=7)
    plan: list[dict[str, Any]] = [
        {"on": "newSession", "nth": 1, "do": "status", "row": "concurrent-limit"},
        {"on": "newSession", "do": "slow", "ms": 300},
        {"on": "sendTask", "nth": 2, "do": "server-error", "status": 503, "performed": True},
        {"on": "stopSession", "do": "closed"},
    ]
    journals = []
    for _ in range(2):
        site.control("POST", "reset")
        play(site, *plan)
        site.call("newSession")
        session_id = site.connect()
        for _ in range(2):
            site.task(session_id)
        ask(site, "stopSession", session_id, wire=Tape())
        told = [{k: v for k, v in one.items() if k not in ("t", "ms")} for one in requests(site)]
        journals.append((told, report(site)))
    assert journals[0] == journals[1]
    assert [one.get("faults") for one in journals[0][0]] == [[0, 1], [1], None, None, [2], [3]]
