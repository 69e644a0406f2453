"""Deviations that the runtime plays: on the messages of a session, and on its life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from mock_server.core import events as ev
from mock_server.core.faults.lifecycle import early_ends
from mock_server.core.faults.outbox import MAX_LATE
from mock_server.core.faults.plan import Deviation
from mock_server.core.session import Session
from tests.core.sessions import ANSWER, utterance
from tests.runtime.peers import World

Run = Callable[[Awaitable[Any]], Any]
STOP = "avatar_stop_talking"


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.loop.run_until_complete(world.runtime.end_sessions())
    left = [task.get_name() for task in asyncio.all_tasks(world.loop)]
    world.loop.close()
    assert left == []


@pytest.fixture
def run(world: World) -> Run:
    return lambda awaitable: world.loop.run_until_complete(asyncio.wait_for(awaitable, 10_000))


def on_event(do: str, at: int = 0, nth: int | None = None, **parameters: Any) -> Deviation:
    return Deviation(at, "event", do, nth, parameters)


async def connect(world: World, **changes: Any) -> Session:
    session = world.session(**changes)
    await world.runtime.open(session)
    await world.runtime.call(session, lambda n: ev.Start(n, ANSWER))
    return session


async def speak(world: World, session: Session, task_id: str, *, seconds: float = 1.0) -> None:
    said = utterance(int(seconds * 1000))
    await world.runtime.call(
        session, lambda n: ev.Speak(n, task_id, said, sync=False, blocks=False)
    )


def sent(world: World) -> list[str]:
    return [line[6:-1] for line in world.log() if line.startswith("send ")]


def faults(world: World) -> list[tuple[str, int]]:
    return [
        (entry["do"], entry["at"])
        for entry in world.journal.timeline("one")
        if entry["event"] == "fault"
    ]


def used(world: World) -> list[int]:
    return [row["consumed"] for row in world.faults.report()["deviations"]]


def test_the_timeline_tells_what_the_session_did_and_which_deviation_hid_it(
    world: World, run: Run
) -> None:
    world.faults.set([on_event("event-missing", type=STOP)])

    async def go() -> None:
        session = await connect(world)
        await speak(world, session, "t1")
        await asyncio.sleep(2)

    run(go())
    assert sent(world) == ["avatar_start_talking t1"]
    assert world.talking() == [("avatar_start_talking", "t1"), (STOP, "t1")]
    assert faults(world) == [("event-missing", 0)]
    assert used(world) == [1]


def test_the_nth_event_of_a_type_is_the_one_that_is_changed(world: World, run: Run) -> None:
    world.faults.set([on_event("event-doubled", nth=2, type=STOP)])

    async def go() -> None:
        session = await connect(world)
        for name in ("t1", "t2", "t3"):
            await speak(world, session, name)
        await asyncio.sleep(5)

    run(go())
    assert [line for line in sent(world) if line.startswith(STOP)] == [
        f"{STOP} t1",
        f"{STOP} t2",
        f"{STOP} t2",
        f"{STOP} t3",
    ]


def test_an_event_that_is_held_comes_after_the_next(world: World, run: Run) -> None:
    world.faults.set([on_event("event-out-of-order", nth=1)])

    async def go() -> None:
        session = await connect(world)
        await speak(world, session, "t1")
        assert sent(world) == []
        await asyncio.sleep(2)

    run(go())
    assert sent(world) == [f"{STOP} t1", "avatar_start_talking t1"]


def test_a_late_event_comes_when_it_is_due_on_the_clock(world: World, run: Run) -> None:
    world.faults.set([on_event("event-late", nth=1, ms=300)])

    async def go() -> None:
        session = await connect(world)
        await speak(world, session, "t1")
        await asyncio.sleep(0.25)
        assert sent(world) == []
        await asyncio.sleep(0.1)
        assert sent(world) == ["avatar_start_talking t1"]

    run(go())


def test_moving_the_clock_sends_what_is_late_in_order(world: World, run: Run) -> None:
    world.faults.set([on_event("event-late", nth=1, ms=700), on_event("event-late", 1, 2, ms=10)])

    async def go() -> None:
        session = await connect(world)
        await speak(world, session, "t1", seconds=0.5)
        world.runtime.advance(5)
        assert sent(world) == [f"{STOP} t1", "avatar_start_talking t1"]

    run(go())


def test_a_late_event_does_not_outlive_its_session(world: World, run: Run) -> None:
    world.faults.set([on_event("event-late", ms=5000)])

    async def go() -> None:
        session = await connect(world)
        await speak(world, session, "t1")
        await asyncio.sleep(1.5)
        await world.runtime.call(session, ev.Stop)
        await asyncio.sleep(60)

    run(go())
    assert sent(world) == []
    assert used(world) == [2]


def test_what_is_late_is_bounded(world: World, run: Run) -> None:
    world.faults.set(
        [on_event("event-flood", 0, 1, count=400)] * 2 + [on_event("event-late", 1, ms=5000)]
    )

    async def go() -> None:
        session = await connect(world)
        for turn in range(4):
            await speak(world, session, f"t{turn}", seconds=0.02)
        world.runtime.advance(1)
        world.runtime.advance(60)

    run(go())
    assert len(sent(world)) <= MAX_LATE


def test_a_peer_that_fails_on_a_late_event_ends_its_session(world: World, run: Run) -> None:
    world.faults.set([on_event("event-late", nth=1, ms=300)])

    async def go() -> Session:
        session = await connect(world)
        world.peers["one"].fails["send"] = RuntimeError("broken")
        await speak(world, session, "t1")
        await asyncio.sleep(1)
        return session

    assert run(go()).closed_because == "crashed: RuntimeError: broken"


def test_after_a_late_event_that_fails_nothing_late_is_sent(
    world: World, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    world.faults.set([on_event("event-doubled", 0, 1), on_event("event-late", 1, ms=300)])

    async def go() -> None:
        session = await connect(world)
        world.peers["one"].fails["send"] = RuntimeError("broken")
        await speak(world, session, "t1")
        await asyncio.sleep(1)

    run(go())
    assert [one.message for one in caplog.records] == ["session one: its peer failed"]


def test_an_early_end_comes_by_itself_and_closes_the_peer(world: World, run: Run) -> None:
    closes = Deviation(0, "session", "session-closed", None, {"at_ms": 300})
    world.faults.set([closes])

    async def go() -> Session:
        session = await connect(world, ends=early_ends(world.faults.meet("session")))
        await asyncio.sleep(0.2)
        assert session.status == "connected"
        await asyncio.sleep(0.2)
        assert session.status == "closed"
        await asyncio.sleep(5)
        return session

    run(go())
    assert world.log()[-2:] == ["close begins", "close ends"]
    assert faults(world) == [("session-closed", 0)]
    assert used(world) == [1]


def test_moving_the_clock_ends_the_session_in_mid_speech(world: World, run: Run) -> None:
    closes = Deviation(0, "session", "session-closed-talking", None, {"after_ms": 200})
    world.faults.set([closes])

    async def go() -> Session:
        session = await connect(world, ends=early_ends(world.faults.meet("session")))
        await speak(world, session, "t1")
        world.runtime.advance(10)
        return session

    assert run(go()).closed_because == "closed by the server"
    stop = next(e for e in world.journal.timeline("one") if e["event"] == STOP)
    assert stop["duration_ms"] == 200.0
