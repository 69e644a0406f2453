"""Tasks over HTTP: when they are answered, and what the time line tells."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mock_server.core import events as ev
from tests.web.conftest import MakeSite
from tests.web.site import KEY, Answer, Site

LONG = "This sentence goes on for a while, and then for a while longer. " * 3


def together(site: Site, *requests: Any) -> list[Answer]:
    async def run() -> list[Answer]:
        return list(await asyncio.gather(*requests))

    answers = site.run(run())
    assert isinstance(answers, list)
    return answers


def test_a_task_is_spoken_from_its_start_event_to_its_stop_event(site: Site) -> None:
    session_id = site.connect()
    answer = site.task(session_id).json
    task_id, duration = answer["task_id"], answer["duration_ms"]
    site.advance(duration / 1000 + 0.001)
    timeline = site.control("GET", f"sessions/{session_id}").json["timeline"]
    talking = {e["event"]: e for e in timeline if e.get("task_id") == task_id}
    start, stop = talking["avatar_start_talking"], talking["avatar_stop_talking"]
    assert stop["duration_ms"] == duration
    assert stop["t"] - start["t"] == pytest.approx(duration / 1000, abs=0.01)


@pytest.mark.parametrize(("turns", "answered"), [(20, 200), (200, 400)])
def test_a_task_is_taken_from_a_viewer_that_had_connected_before_it(
    site: Site, turns: int, answered: int
) -> None:
    session_id = site.new(version="v2")
    site.call("startSession", session_id=session_id)
    assert site.status(session_id) == "connecting"

    [session] = site.services.registry.active()

    async def connect() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        site.services.runtime.submit(session, ev.Connected())

    async def go() -> Answer:
        connecting = asyncio.create_task(connect())
        answer = await site.ask("sendTask", session_id=session_id, text="Hello!")
        await connecting
        return answer

    began = site.loop.time()
    assert site.run(go()).status == answered
    assert site.loop.time() - began < 1  # none of which is waited for


def test_the_duration_follows_text_and_rate(site: Site) -> None:
    slow = site.connect(voice={"rate": 0.5})
    fast = site.connect(voice={"rate": 1.5})
    durations = [
        site.task(session_id, text, task_mode="async").json["duration_ms"]
        for session_id, text in ((slow, "Hello!"), (slow, LONG), (fast, "Hello!"), (fast, LONG))
    ]
    assert durations[0] < durations[1]
    assert durations[2] < durations[0]
    assert durations[3] < durations[1] / 2
    assert durations[2] > 0


def test_a_sync_task_waits_until_its_speech_begins(site: Site) -> None:
    session_id = site.connect()
    began = site.loop.time()
    first = site.task(session_id, LONG).json["duration_ms"] / 1000
    assert site.loop.time() - began < 1
    site.task(session_id, "Hello!")
    assert site.loop.time() - began == pytest.approx(first, abs=1)


def test_an_async_task_does_not_wait(site: Site) -> None:
    session_id = site.connect()
    site.task(session_id, LONG)
    began = site.loop.time()
    site.task(session_id, task_mode="async")
    assert site.loop.time() - began < 1


def test_tasks_are_spoken_in_the_order_they_came(site: Site) -> None:
    session_id = site.connect()
    wanted = [site.task(session_id, task_mode="async").json["task_id"] for _ in range(4)]
    site.advance(60)
    events = site.events(session_id)
    assert [task for event, task in events if event == "avatar_start_talking"] == wanted
    assert [task for event, task in events if event == "avatar_stop_talking"] == wanted


def test_interrupt_answers_waiting_sync_tasks_with_nothing_spoken(site: Site) -> None:
    session_id = site.connect()
    site.task(session_id, LONG)
    waiting, interrupt = together(
        site,
        site.ask("sendTask", session_id=session_id, text="Hello!"),
        site.ask("interruptTask", session_id=session_id),
    )
    assert waiting.json["duration_ms"] == 0
    assert interrupt.json == {"code": 100, "message": "success", "data": None}


def test_interrupt_reports_the_time_really_spoken(site: Site) -> None:
    session_id = site.connect()
    site.task(session_id, LONG)
    site.advance(1.5)
    site.call("interruptTask", session_id=session_id)
    timeline = site.control("GET", f"sessions/{session_id}").json["timeline"]
    (stop,) = [e for e in timeline if e["event"] == "avatar_stop_talking"]
    assert stop["duration_ms"] == pytest.approx(1500, abs=50)
    site.advance(60)
    assert [name for name, _ in site.events(session_id)].count("avatar_stop_talking") == 1


def test_stop_answers_waiting_sync_tasks_with_the_closed_error(site: Site) -> None:
    session_id = site.connect()
    site.task(session_id, LONG)
    waiting, stop = together(
        site,
        site.ask("sendTask", session_id=session_id, text="Hello!"),
        site.ask("stopSession", session_id=session_id),
    )
    assert waiting.error == (400, 10005, "session state wrong: closed")
    assert stop.json == {"code": 100, "message": "success", "data": None, "status": "success"}


def test_a_hundred_tasks_wait_and_no_more(site: Site) -> None:
    session_id = site.connect()
    for _ in range(101):
        assert site.task(session_id, task_mode="async").status == 200
    refused = site.task(session_id, task_mode="async")
    assert refused.error[:2] == (400, 400123)
    assert refused.error[2].startswith("Too many tasks are waiting")


@pytest.mark.parametrize("text", [" ", "\n\t", "\u00a0"])
def test_a_text_with_nothing_to_say_is_refused(site: Site, text: str) -> None:
    refused = site.task(site.connect(), text)
    assert refused.error == (400, 400175, "Invalid parameter: text: there is nothing to say")


def test_an_empty_text_is_refused(site: Site) -> None:
    refused = site.task(site.connect(), "")
    assert refused.error == (400, 400175, "Invalid parameter: text: must not be empty")


def test_a_text_of_a_thousand_characters_is_the_longest(site: Site) -> None:
    session_id = site.connect()
    assert site.task(session_id, "a" * 1000).status == 200
    refused = site.task(session_id, "a" * 1001)
    assert refused.error[:2] == (400, 400175)
    assert "1001 characters are more than 1000" in refused.error[2]


@pytest.mark.parametrize("task_type", ["chat", "talk"])
def test_chat_answers_from_the_knowledge_base(site: Site, task_type: str) -> None:
    knowledge = "The shop opens at nine. Its owner is called Zacharias Montgomery the Third."
    session_id = site.connect(knowledge_base=knowledge)
    said = site.task(session_id, "At what hour does it open, the shop?", task_type=task_type).json
    heard = site.task(session_id, "The shop opens at nine.", task_mode="async").json
    assert said["duration_ms"] == heard["duration_ms"]


def test_without_a_type_the_text_itself_is_spoken(site: Site) -> None:
    session_id = site.connect(knowledge_base="Yes, of course, at any hour of any day.")
    implied = site.task(session_id, "At any hour?").json["duration_ms"]
    said = site.task(session_id, "At any hour?", task_type="repeat").json["duration_ms"]
    assert implied == said


def test_sessions_end_when_idle(site: Site) -> None:
    short = site.connect(activity_idle_timeout=30)
    usual = site.connect()
    never = site.connect(disable_idle_timeout=True)
    site.advance(31)
    assert [site.status(s) for s in (short, usual, never)] == ["closed", "connected", "connected"]
    site.advance(90)
    assert [site.status(s) for s in (usual, never)] == ["closed", "connected"]
    site.advance(480)
    assert site.status(never) == "closed"
    reasons = [
        site.control("GET", f"sessions/{s}").json["closed_because"] for s in (short, usual, never)
    ]
    assert reasons == ["idle timeout", "idle timeout", "duration limit"]


def test_keep_alive_starts_the_idle_countdown_anew(site: Site) -> None:
    session_id = site.connect()
    site.advance(100)
    site.call("keepAlive", session_id=session_id)
    site.advance(100)
    assert site.status(session_id) == "connected"
    site.advance(21)
    assert site.status(session_id) == "closed"


def test_listing_is_no_activity(site: Site) -> None:
    session_id = site.connect()
    site.advance(100)
    assert site.status(session_id) == "connected"
    site.advance(21)
    assert site.status(session_id) == "closed"


def test_idle_time_passes_without_being_moved(site: Site) -> None:
    session_id = site.connect()
    site.run(asyncio.sleep(121))
    assert site.status(session_id) == "closed"


def test_sync_tasks_block_where_the_server_is_asked_to(make_site: MakeSite) -> None:
    site = make_site(sync_blocks=True)
    session_id = site.connect()
    began = site.loop.time()
    duration = site.task(session_id, LONG).json["duration_ms"] / 1000
    assert site.loop.time() - began == pytest.approx(duration, abs=0.5)


def test_a_caller_that_goes_away_while_it_waits_leaves_nothing(site: Site) -> None:
    session_id = site.connect()
    site.task(session_id, LONG)

    async def leave() -> None:
        call = asyncio.create_task(site.ask("sendTask", KEY, session_id=session_id, text="Hi"))
        await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        call.cancel()
        await asyncio.wait([call])

    site.run(leave())
    site.advance(100)
    assert [n for n, _ in site.events(session_id)].count("avatar_stop_talking") == 2
