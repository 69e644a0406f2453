"""What the Monitor makes of time: speech, idleness, limits, and viewers that leave."""

from __future__ import annotations

import pytest

from tests.contract.model.conversation import (
    DONE,
    Conversation,
    listed,
    refusal,
    rules,
    session_id,
    spoken,
)

TEXT = "Hello and welcome to the meeting."


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def test_an_idle_session_ends_unless_it_is_kept_alive(talk: Conversation) -> None:
    talk.new(1)
    talk.monitor.advance(100)
    assert talk.on("keepAlive", 1, DONE) == []
    talk.monitor.advance(100)
    assert talk.on("keepAlive", 1, refusal("session-closed")) == [("keep-alive", "keepAlive")]
    talk.new(2)
    talk.monitor.advance(130)
    assert talk.on("keepAlive", 2, DONE) == [("idle-timeout", "keepAlive")]
    talk.new(3)
    talk.monitor.advance(100)
    talk.say("listSessions", None, listed((2, "new"), (3, "new"), created_at=1_734_651_485))
    talk.monitor.advance(30)
    assert talk.on("keepAlive", 3, DONE) == [("list-reads", "keepAlive")]
    assert talk.findings.checked["idle-timeout"] == 1


def test_a_session_that_asks_for_it_stays_and_ends_at_its_limit(talk: Conversation) -> None:
    talk.new(1, {"disable_idle_timeout": True})
    talk.monitor.advance(300)
    assert talk.on("keepAlive", 1, refusal("session-closed")) == [("idle-timeout", "keepAlive")]
    talk.new(2, {"disable_idle_timeout": True})
    talk.monitor.advance(590)
    assert talk.on("keepAlive", 2, DONE) == []
    talk.monitor.advance(20)
    assert talk.on("keepAlive", 2, DONE) == [("duration-limit", "keepAlive")]


def test_an_interrupt_of_silence_is_no_activity(talk: Conversation) -> None:
    talk.new(1)
    talk.monitor.advance(100)
    assert talk.on("interruptTask", 1, DONE) == []
    talk.monitor.advance(30)
    late = talk.say("listSessions", None, listed((1, "new")))
    assert late == [("interrupt-silent", "listSessions")]
    assert talk.on("keepAlive", 1, refusal("session-closed")) == []


def test_durations_must_be_plausible(talk: Conversation) -> None:
    talk.connect(1)
    assert talk.on("sendTask", 1, spoken(1, 2.4), text=TEXT) == [("task-duration", "sendTask")]
    assert talk.on("sendTask", 1, spoken(2, 2400.0), text=TEXT, task_mode="async") == []
    longer = talk.on("sendTask", 1, spoken(3, 2300.0), text=f"{TEXT} {TEXT} {TEXT}")
    assert longer == [("task-duration", "sendTask")]


def test_the_kind_of_a_task_shows_in_its_duration(talk: Conversation) -> None:
    talk.connect(1)
    assert talk.on("sendTask", 1, spoken(1, 2400.0), text=TEXT, task_type="repeat") == []
    assert talk.on("sendTask", 1, spoken(2, 4400.0), text=TEXT) == [
        ("task-default-repeats", "sendTask")
    ]
    assert talk.on("sendTask", 1, spoken(3, 2400.0), text=TEXT, task_type="chat") == [
        ("task-chat-responds", "sendTask")
    ]


@pytest.mark.parametrize(
    ("odd", "rule"),
    [({"task_type": None}, "null-is-absent"), ({"zodiac": 1}, "unknown-fields")],
)
def test_what_means_nothing_in_a_task_does_not_change_its_speech(
    talk: Conversation, odd: dict[str, object], rule: str
) -> None:
    talk.connect(1)
    assert talk.on("sendTask", 1, spoken(1, 2400.0), text=TEXT) == []
    assert talk.on("sendTask", 1, spoken(2, 2400.0), text=TEXT, **odd) == []
    assert talk.on("sendTask", 1, spoken(3, 4400.0), text=TEXT, **odd) == [(rule, "sendTask")]


def test_a_waiting_sync_task_that_an_interrupt_drops_took_no_time(talk: Conversation) -> None:
    talk.connect(1)
    talk.on("sendTask", 1, spoken(1, 9000.0), text=TEXT * 3)
    waiting = {"session_id": session_id(1), "text": TEXT}
    began = talk.now
    talk.now += 1
    assert talk.on("interruptTask", 1, DONE) == []
    lasting = talk.now - began
    talk.now = began
    late = talk.say("sendTask", waiting, spoken(2, 2400.0), lasting=lasting + 0.1)
    assert late == [("task-dropped", "sendTask")]


@pytest.mark.parametrize(
    ("duration", "dropper", "found"),
    [
        (0.0, "interruptTask", []),
        (2400.0, "interruptTask", [("task-dropped", "interruptTask")]),
        (2400.0, "stopSession", [("task-dropped", "stopSession")]),
    ],
)
def test_a_dropped_task_may_be_answered_before_what_dropped_it(
    talk: Conversation, duration: float, dropper: str, found: list[tuple[str, str]]
) -> None:
    talk.connect(1)
    talk.on("sendTask", 1, spoken(1, 9000.0), text=TEXT * 3)
    drop = talk.exchange(dropper, {"session_id": session_id(1)}, DONE, lasting=0.5)
    talk.now -= 0.4
    assert talk.on("sendTask", 1, spoken(2, duration), text=TEXT) == []
    assert rules(talk.monitor.observe(drop)) == found


def test_a_waiting_task_may_hear_of_the_end_first(talk: Conversation) -> None:
    talk.connect(1)
    talk.on("sendTask", 1, spoken(1, 9000.0), text=TEXT * 3)
    stop = talk.exchange("stopSession", {"session_id": session_id(1)}, DONE, lasting=0.5)
    talk.now -= 0.4
    assert talk.on("sendTask", 1, refusal("session-closed"), text=TEXT) == []
    assert rules(talk.monitor.observe(stop)) == []
    assert talk.on("stopSession", 1, refusal("session-closed")) == []


def test_a_hundred_tasks_may_wait(talk: Conversation) -> None:
    talk.connect(1, {"disable_idle_timeout": True})
    for number in range(101):
        assert talk.on("sendTask", 1, spoken(number, 3000.0), text=TEXT, task_mode="async") == []
    assert talk.on("sendTask", 1, refusal("too-many-tasks"), text=TEXT, task_mode="async") == []
    more = talk.on("sendTask", 1, spoken(200, 3000.0), text=TEXT, task_mode="async")
    assert more == [("task-queue-limit", "sendTask")]


def test_a_viewer_that_left_may_be_stopped_once(talk: Conversation) -> None:
    talk.connect(1)
    talk.monitor.left(session_id(1))
    assert talk.say("listSessions", None, listed()) == []
    assert talk.findings.checked["viewer-lost"] == 1
    assert talk.on("stopSession", 1, DONE) == []
    assert talk.findings.checked["stop-after-leaving"] == 1
    assert talk.on("stopSession", 1, DONE) == [("stop-twice", "stopSession")]


def test_a_viewer_that_left_may_be_noticed_later(talk: Conversation) -> None:
    talk.connect(1)
    talk.monitor.left(session_id(1))
    assert talk.say("listSessions", None, listed((1, "connected"))) == []
    assert talk.say("listSessions", None, listed((1, "connected"))) == []
    assert talk.say("listSessions", None, listed()) == []
    assert talk.on("stopSession", 1, DONE) == []


def test_a_viewer_that_left_is_noticed(talk: Conversation) -> None:
    talk.connect(1)
    talk.monitor.left(session_id(1))
    talk.now += 40
    assert talk.say("listSessions", None, listed((1, "connected"))) == [
        ("viewer-lost", "listSessions")
    ]
