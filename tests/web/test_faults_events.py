"""Plans for events and lives of sessions, through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.faults import events, lifecycle
from mock_server.core.faults.kind import Kind
from mock_server.settings import Settings
from tests.loops import StillLoop
from tests.web.site import Site

CLOSED = (400, 10005, "session state wrong: closed")


def play(site: Site, *plan: dict[str, Any]) -> None:
    answer = site.control("PUT", "faults/plan", list(plan))
    assert answer.status == 200, answer.json


def view(site: Site, session_id: str) -> dict[str, Any]:
    found: dict[str, Any] = site.control("GET", f"sessions/{session_id}").json
    return found


def unused(site: Site) -> list[int]:
    found: list[int] = site.control("GET", "faults/report").json["unused"]
    return found


def listed(site: Site) -> dict[str, str]:
    sessions = site.call("listSessions").data["sessions"]
    return {session["session_id"]: session["status"] for session in sessions}


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("session-closed", "closed by the server"),
        ("idle-timeout", "idle timeout"),
        ("duration-limit", "duration limit"),
    ],
)
def test_a_session_ends_before_its_time_and_says_why(site: Site, do: str, reason: str) -> None:
    play(site, {"on": "session", "nth": 1, "do": do, "at_ms": 300})
    session_id = site.connect()
    site.advance(0.2)
    assert listed(site) == {session_id: "connected"}
    site.advance(0.2)
    assert listed(site) == {}
    assert site.task(session_id).error == CLOSED
    seen = view(site, session_id)
    assert seen["closed_because"] == reason
    assert {"event": "fault", "do": do, "at": 0} in [
        {key: entry[key] for key in entry if key != "t"} for entry in seen["timeline"]
    ]
    assert unused(site) == []


def test_a_session_is_closed_in_mid_speech(site: Site) -> None:
    play(site, {"on": "session", "do": "session-closed-talking", "after_ms": 200})
    session_id = site.connect()
    site.advance(5)
    site.task(session_id, "A sentence of more than two tenths of a second.")
    site.advance(1)
    stop = next(
        e for e in view(site, session_id)["timeline"] if e["event"] == "avatar_stop_talking"
    )
    assert stop["duration_ms"] == pytest.approx(200, abs=1)
    assert site.status(session_id) == "closed"


def test_sessions_are_counted_as_they_are_opened(site: Site) -> None:
    play(site, {"on": "session", "nth": 2, "do": "session-closed", "at_ms": 100})
    first, second, third = site.connect(), site.connect(), site.connect()
    site.advance(1)
    assert listed(site) == {first: "connected", third: "connected"}
    assert view(site, second)["closed_because"] == "closed by the server"


def test_a_stale_list_shows_the_stopped_sessions_of_the_account_as_connected(site: Site) -> None:
    play(site, {"on": "listSessions", "do": "list-stale"})
    mine, other = site.connect(), site.connect([("x-api-key", "other")])
    assert listed(site) == {mine: "connected"}
    assert unused(site) == [0]  # nothing was stale yet
    site.call("stopSession", session_id=mine)
    site.call("stopSession", [("x-api-key", "other")], session_id=other)
    assert listed(site) == {mine: "connected"}
    assert unused(site) == []
    assert site.call("stopSession", session_id=mine).error == CLOSED
    calls = [e for e in site.control("GET", "requests").json if e["operation"] == "listSessions"]
    assert [entry.get("faults") for entry in calls] == [None, [0]]


def test_a_stop_that_is_ignored_is_answered_with_success_and_the_session_goes_on(
    site: Site,
) -> None:
    play(site, {"on": "stopSession", "nth": 1, "do": "stop-ignored"})
    session_id = site.connect()
    assert site.call("stopSession", session_id=session_id).status == 200
    assert listed(site) == {session_id: "connected"}
    assert ("fault", None) in site.events(session_id)
    assert unused(site) == []
    assert site.call("stopSession", session_id=session_id).status == 200
    assert listed(site) == {}


def history(site: Site) -> list[Any]:
    """A client's whole course, and all that the fake tells of it, but how long requests took."""
    for text in ("One.", "Two."):
        session_id = site.new()
        site.start(session_id)
        for _ in range(2):
            site.task(session_id, text)
            site.call("listSessions")
            site.advance(0.7)
        site.call("stopSession", session_id=session_id)
    requests = site.control("GET", "requests").json
    told = ("n", "t", "operation", "status", "code", "session_id", "faults")
    return [
        [{key: entry.get(key) for key in told} for entry in requests],
        site.control("GET", "sessions").json,
        site.control("GET", "faults/report").json,
    ]


KINDS = (*events.KINDS, *lifecycle.KINDS)
SWEEP = [deviation for kind in KINDS for deviation in kind.sweep()]


def _values(schema: Any) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "string":
        return st.text(max_size=schema["maxLength"])
    return st.integers(schema["minimum"], schema["maximum"])


def _deviation(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    wanted = {"on": st.sampled_from(kind.on), "do": st.just(kind.do)}
    needed = {name: _values(kind.parameters[name]) for name in kind.required}
    free = {n: _values(s) for n, s in kind.parameters.items() if n not in kind.required}
    nth = {"nth": st.integers(1, 4)}
    return st.fixed_dictionaries({**wanted, **needed}, optional={**free, **nth})


DEVIATIONS = st.one_of([_deviation(kind) for kind in KINDS]) | st.sampled_from(SWEEP)


@pytest.fixture(scope="module")
def seeded() -> Iterator[Site]:
    site = Site(Settings(media="none", seed=7), loop=StillLoop())
    yield site
    site.close()


@given(st.lists(DEVIATIONS, max_size=6))
@settings(max_examples=40, deadline=None)
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
    assert all(row["status"] != 500 for row in seen[0][0])
    seeded.reset()
    assert [row["status"] for row in history(seeded)[0]] == [200] * 14
