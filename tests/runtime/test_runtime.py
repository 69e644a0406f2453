"""What sessions ask for is done, in order; what goes wrong in one stays in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.errors import ApiError
from mock_server.core.session import Session
from mock_server.core.transitions import TRANSITIONS, State
from mock_server.peers import PeerConnected, PeerLost
from mock_server.runtime import STEP_TIMEOUT
from tests.core.sessions import ANSWER, config, utterance
from tests.runtime.peers import WoodenPeer, World, unusable

Run = Callable[[Awaitable[Any]], Any]


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


def speak(task_id: str, *, seconds: float = 1, sync: bool = True) -> Callable[[int], ev.Speak]:
    return lambda n: ev.Speak(n, task_id, utterance(int(seconds * 1000)), sync, blocks=False)


def start(n: int) -> ev.Start:
    return ev.Start(n, ANSWER)


async def connect(world: World, name: str = "one", **changes: Any) -> Session:
    session = world.session(name, **changes)
    await world.runtime.open(session)
    await world.runtime.call(session, start)
    assert session.state is State.CONNECTED
    return session


async def refusal(call: Awaitable[object]) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        await call
    return caught.value.row.code, caught.value.message


def test_opening_gives_the_offer(world: World, run: Run) -> None:
    assert run(world.runtime.open(world.session())) == "the offer"


def test_steps_of_a_peer_are_done_one_after_the_other(world: World, run: Run) -> None:
    async def go() -> None:
        session = world.session()
        opened = asyncio.create_task(world.runtime.open(session))
        await asyncio.sleep(0)
        await world.runtime.call(session, lambda n: ev.Candidate(n, None))
        await world.runtime.call(session, start)
        await world.runtime.call(session, lambda n: ev.Candidate(n, None))
        await world.runtime.call(session, ev.Stop)
        assert await opened == "the offer"
        await world.runtime.end_sessions()

    run(go())
    steps = [line for line in world.log() if not line.startswith("show")]
    assert steps == [
        f"{step} {when}"
        for step in ("offer", "candidate", "accept", "candidate", "close")
        for when in ("begins", "ends")
    ]


def test_a_candidate_is_answered_before_the_peer_has_taken_it(world: World, run: Run) -> None:
    async def go() -> float:
        session = await connect(world)
        world.peers["one"].takes = 10.0
        before = world.loop.time()
        await world.runtime.call(session, lambda n: ev.Candidate(n, None))
        waited = world.loop.time() - before
        world.peers["one"].takes = 1.0
        return waited

    assert run(go()) < 1.0


def test_speech_is_shown_and_told_in_order(world: World, run: Run) -> None:
    async def go() -> None:
        session = await connect(world)
        world.log().clear()
        await world.runtime.call(session, speak("a", sync=False))
        await world.runtime.call(session, speak("b"))
        await asyncio.sleep(2)

    run(go())
    assert world.log() == [
        "show a",
        "send 'avatar_start_talking a'",
        "send 'avatar_stop_talking a'",
        "show b",
        "send 'avatar_start_talking b'",
        "send 'avatar_stop_talking b'",
        "show None",
    ]


def test_a_refused_description_leaves_the_session_usable(world: World, run: Run) -> None:
    async def go() -> None:
        session = world.session()
        await world.runtime.open(session)
        world.peers["one"].fails["accept"] = unusable()
        code, message = await refusal(world.runtime.call(session, start))
        assert (code, message) == (400, "peer start failed,please check the answer: no codec")
        assert session.state is State.NEW
        world.peers["one"].fails.clear()
        assert await world.runtime.call(session, start) == ef.Started(None)

    run(go())


@pytest.mark.parametrize("step", ["accept", "candidate", "show", "send", "close"])
def test_a_crash_in_one_session_leaves_the_others(
    world: World, run: Run, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def go() -> None:
        other = await connect(world, "other")
        session = world.session()
        await world.runtime.open(session)
        if step != "accept":
            await world.runtime.call(session, start)
        world.peers["one"].fails[step] = KeyError(step)
        calls = [
            world.runtime.call(session, start),
            world.runtime.call(session, lambda n: ev.Candidate(n, None)),
            world.runtime.call(session, speak("a")),
            world.runtime.call(session, speak("b")),
        ]
        if step == "close":
            calls.append(world.runtime.call(session, ev.Stop))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.sleep(5)
        assert all(isinstance(answer, ApiError | ef.Done | ef.Spoken) for answer in answers)
        assert session.state is State.CLOSED
        assert session.closed_because is not None
        assert (step in session.closed_because) == (step != "close")
        assert world.registry.active() == [other]
        assert (await world.runtime.call(other, speak("c"))) == ef.Spoken("c", 1000.0)

    run(go())
    assert "close begins" in world.log()
    assert caplog.text.count("session one: its peer failed") >= 1
    assert "session other" not in caplog.text


def test_a_peer_that_cannot_offer_is_an_internal_error(world: World, run: Run) -> None:
    def prepare(peer: WoodenPeer) -> None:
        peer.fails["offer"] = unusable()

    world.prepare = prepare
    assert run(refusal(world.runtime.open(world.session())))[0] == 500


def test_without_a_peer_to_be_had_the_server_is_full(world: World, run: Run) -> None:
    world.unavailable = "all UDP ports are in use"
    code, message = run(refusal(world.runtime.open(world.session())))
    assert (code, message) == (10014, "Session full: all UDP ports are in use")
    assert world.registry.active() == []


def test_a_step_that_hangs_is_a_crash(world: World, run: Run) -> None:
    async def go() -> float:
        session = world.session()
        await world.runtime.open(session)
        world.peers["one"].takes = 1e6
        before = world.loop.time()
        assert (await refusal(world.runtime.call(session, start)))[0] == 500
        world.peers["one"].takes = 1.0
        return world.loop.time() - before

    assert run(go()) == pytest.approx(STEP_TIMEOUT, abs=0.1)


def test_a_lost_viewer_ends_its_session_alone(world: World, run: Run) -> None:
    async def go() -> None:
        session, other = await connect(world), await connect(world, "other")
        world.peers["one"].notify(PeerLost("consent expired"))
        assert session.closed_because == "peer lost: consent expired"
        assert world.registry.active() == [other]

    run(go())


def test_late_news_of_a_peer_changes_nothing(world: World, run: Run) -> None:
    async def go() -> None:
        session = await connect(world)
        await world.runtime.call(session, ev.Stop)
        world.peers["one"].notify(PeerConnected())
        world.peers["one"].notify(PeerLost("again"))
        await asyncio.sleep(5)
        world.peers["one"].notify(PeerLost("and again"))
        assert session.closed_because == "stopped"

    run(go())


def test_no_call_reaches_a_session_that_has_ended(world: World, run: Run) -> None:
    async def go() -> None:
        session = await connect(world)
        await world.runtime.call(session, ev.Stop)
        refused = (10005, "session state wrong: closed")
        assert await refusal(world.runtime.call(session, ev.Stop)) == refused
        assert await refusal(world.runtime.call(session, speak("a"))) == refused

    run(go())


def test_a_session_stopped_while_it_opens_refuses_its_opener(world: World, run: Run) -> None:
    async def go() -> None:
        session = world.session()
        opening = asyncio.create_task(refusal(world.runtime.open(session)))
        await asyncio.sleep(0.5)
        await world.runtime.call(session, ev.Stop)
        assert await opening == (10014, "Session full: stopped")

    run(go())


def test_a_session_whose_opener_is_cancelled_ends(world: World, run: Run) -> None:
    async def go() -> None:
        session = world.session()
        opening = asyncio.create_task(world.runtime.open(session))
        await asyncio.sleep(0.5)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert session.is_over
        assert world.registry.active() == []

    run(go())


def test_a_caller_that_is_cancelled_changes_nothing(world: World, run: Run) -> None:
    async def go() -> None:
        session = await connect(world)
        await world.runtime.call(session, speak("a"))
        waiting = asyncio.create_task(world.runtime.call(session, speak("b")))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(5)
        assert session.state is State.CONNECTED

    run(go())
    assert [task for event, task in world.talking() if "start" in event] == ["a", "b"]


# time


def test_advance_fires_the_deadlines_of_all_sessions_in_order(world: World, run: Run) -> None:
    async def go() -> list[tuple[float, str]]:
        one, two = await connect(world), await connect(world, "two")
        for session, length in ((one, 3), (two, 2.5)):
            for name in ("a", "b", "c"):
                call = speak(f"{session.config.session_id}-{name}", seconds=length, sync=False)
                await world.runtime.call(session, call)
        with world.journal.reader() as queue:
            world.runtime.advance(8.5)
            entries = [queue.get_nowait() for _ in range(queue.qsize())]
        return [(e["t"], e["task_id"]) for e in entries if e["event"] == "avatar_stop_talking"]

    stops = run(go())
    assert [task for _, task in stops] == ["two-a", "one-a", "two-b", "one-b", "two-c"]
    times = [t for t, _ in stops]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(5, abs=0.01)


def test_advance_ends_idle_sessions_and_answers_those_who_wait(world: World, run: Run) -> None:
    async def go() -> None:
        session = await connect(world)
        await world.runtime.call(session, speak("a", seconds=5))
        waiting = asyncio.create_task(world.runtime.call(session, speak("b")))
        await asyncio.sleep(0.1)
        world.runtime.advance(1000)
        assert await waiting == ef.Spoken("b", 1000.0)
        assert session.closed_because == "idle timeout"

    run(go())


def test_time_that_was_advanced_counts_for_timers_that_run(world: World, run: Run) -> None:
    async def go() -> list[State]:
        session = await connect(world)
        world.runtime.advance(100)
        seen = []
        for _ in range(2):
            await asyncio.sleep(15)
            seen.append(session.state)
        return seen

    assert run(go()) == [State.CONNECTED, State.CLOSED]


def test_advance_passes_a_session_that_never_ends(world: World, run: Run) -> None:
    deaf = {s: {e: t for e, t in row.items() if e is not ev.Expired} for s, row in
            TRANSITIONS.items()}  # fmt: skip

    async def go() -> None:
        session = Session(config(session_id="deaf"), transitions=deaf)
        await world.runtime.open(session)
        other = await connect(world, "other")
        world.runtime.advance(1000)
        assert session.state is State.NEW
        assert other.state is State.CLOSED
        await world.runtime.call(session, ev.Stop)

    run(go())


def test_a_closed_session_has_no_timer_left(world: World, run: Run) -> None:
    async def go() -> None:
        session = await connect(world)
        await world.runtime.call(session, ev.Stop)
        before = len(world.journal.timeline("one"))
        await asyncio.sleep(1000)
        assert len(world.journal.timeline("one")) == before

    run(go())


# the end


def test_ending_all_sessions_waits_until_their_peers_are_closed(world: World, run: Run) -> None:
    async def go() -> None:
        first, second = await connect(world), await connect(world, "two")
        await world.runtime.call(first, ev.Stop)
        await world.runtime.end_sessions()
        assert second.closed_because == "shutdown"
        assert world.registry.active() == []

    run(go())
    assert world.log()[-1] == "close ends"
    assert world.log("two")[-1] == "close ends"


def test_a_session_opened_while_others_end_is_ended_too(world: World, run: Run) -> None:
    async def go() -> None:
        await connect(world)
        ending = asyncio.create_task(world.runtime.end_sessions())
        await asyncio.sleep(0.5)
        late = world.session("late")
        assert (await refusal(world.runtime.open(late)))[0] == 10014
        await ending
        assert late.closed_because == "shutdown"

    run(go())


def test_a_peer_that_does_not_close_holds_the_end_up_no_longer_than_a_step(
    world: World, run: Run
) -> None:
    async def go() -> float:
        await connect(world)
        world.peers["one"].takes = 1e6
        before = world.loop.time()
        await world.runtime.end_sessions()
        return world.loop.time() - before

    assert run(go()) == pytest.approx(STEP_TIMEOUT, abs=0.5)
