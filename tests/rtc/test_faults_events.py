"""Each deviation of events and of sessions' lives, as a viewer's data channel shows it."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mock_server import MockServer
from mock_server.core.faults import events
from mock_server.core.faults.messages import FOREIGN_TASK, UNKNOWN_TYPE
from tests.rtc.viewer import Viewer, eventually, run

pytestmark = pytest.mark.peers

START, STOP = "avatar_start_talking", "avatar_stop_talking"


class Visit:
    """One viewer of a session of its own."""

    def __init__(self, fake: MockServer) -> None:
        self.fake = fake
        self.viewer = Viewer()
        self.session_id = ""

    async def call(self, name: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.fake.url}/v1/streaming.{name}",
            data=json.dumps(body).encode(),
            headers={"X-Api-Key": self.fake.key, "Content-Type": "application/json"},
        )

        def ask() -> Any:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)

        return (await asyncio.to_thread(ask))["data"]

    async def control(self, name: str, *values: Any) -> Any:
        return await asyncio.to_thread(getattr(self.fake, name), *values)

    async def connect(self) -> None:
        made = await self.call("new")
        self.session_id = made["session_id"]
        answer = {"type": "answer", "sdp": await self.viewer.answer(made["sdp"]["sdp"])}
        await self.call("start", session_id=self.session_id, sdp=answer)
        await eventually(lambda: self.viewer.channels and self.viewer.pictures)

    async def speak(self, plan: list[dict[str, Any]]) -> tuple[str, list[object]]:
        """The task's id and the messages of one speech that is told under the plan.

        The speech after it is told as it is, whose end shows that nothing more will come.
        """
        self.viewer.messages.clear()
        await self.control("play", plan)
        task = await self.call("task", session_id=self.session_id, text="Hi.")
        await self.control("advance", 5)
        assert (await self.control("report"))["unused"] == []
        await self.control("play", [])
        last = await self.call("task", session_id=self.session_id, text="Bye.")
        await self.control("advance", 5)
        told = self.viewer.messages
        await eventually(lambda: any(_is_end(message, last["task_id"]) for _, message in told))
        own = [message for _, message in told if last["task_id"] not in _text(message)]
        return task["task_id"], own


def _text(message: object) -> str:
    return message if isinstance(message, str) else bytes(message).decode(errors="replace")  # type: ignore[call-overload]


def _is_end(message: object, task_id: str) -> bool:
    return STOP in _text(message) and task_id in _text(message)


@asynccontextmanager
async def visiting() -> AsyncIterator[Visit]:
    async with MockServer(media="real", seed=3) as fake:
        visit = Visit(fake)
        try:
            await visit.connect()
            yield visit
        finally:
            await visit.viewer.close()


# (kind, parameters, messages of one speech): "start" and "stop" are the true events, bytes what is
# sent, a number the bytes of it, an object fields of it.
PLANS: list[tuple[str, dict[str, Any], list[object]]] = [
    ("event-missing", {"type": STOP}, ["start"]),
    ("event-doubled", {"type": START}, ["start", "start", "stop"]),
    ("event-late", {"type": START, "ms": 2000}, ["stop", "start"]),
    ("event-out-of-order", {"type": START}, ["stop", "start"]),
    ("event-unknown-type", {"type": START}, [{"type": UNKNOWN_TYPE}, "start", "stop"]),
    ("event-unknown-type", {"type": STOP, "instead": True}, ["start", {"type": UNKNOWN_TYPE}]),
    ("event-wrong-task", {"type": START}, ["start", {"task_id": FOREIGN_TASK}, "stop"]),
    ("event-wrong-task", {"type": STOP, "instead": True}, ["start", {"task_id": FOREIGN_TASK}]),
    ("event-no-task-id", {"type": STOP, "form": "null"}, ["start", {"task_id": None}]),
    ("event-odd-duration", {"type": STOP, "form": "huge"}, ["start", {"duration_ms": 1e300}]),
    ("event-extra-fields", {"type": START}, [{"event_id": 7}, "stop"]),
    ("event-flood", {"type": START, "count": 3}, [{"type": UNKNOWN_TYPE}] * 3 + ["start", "stop"]),
    ("event-huge", {"type": START, "bytes": 65_536}, [65_536, "stop"]),
    ("event-text", {"type": START}, [str, "stop"]),
    ("event-invalid-utf8", {"type": START}, [UnicodeDecodeError, "stop"]),
    ("event-not-json", {"type": START, "form": "word"}, [START.encode(), "stop"]),
    ("event-not-json", {"type": STOP, "form": "empty"}, ["start", b""]),
    ("event-not-an-event", {"type": START, "form": "array"}, [b"[]", "stop"]),
]


def _shows(message: object, expected: object, task_id: str) -> bool:
    """Whether a message is what a row of PLANS says."""
    if isinstance(expected, bytes):
        return message == expected
    if expected is str:
        return isinstance(message, str) and json.loads(message)["task_id"] == task_id
    assert isinstance(message, bytes)
    if isinstance(expected, int):
        return len(message) == expected
    if expected is UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            message.decode()
        return True
    body = json.loads(message)
    if isinstance(expected, dict):
        return bool(expected.items() <= body.items())
    names = {"start": START, "stop": STOP}
    return bool((body["type"], body["task_id"]) == (names[str(expected)], task_id))


def test_a_viewer_gets_what_the_plan_makes_of_the_events() -> None:
    async def main() -> None:
        async with visiting() as visit:
            for do, parameters, expected in PLANS:
                task_id, told = await visit.speak([{"on": "event", "do": do, **parameters}])
                shown = [_shows(*pair, task_id) for pair in zip(told, expected, strict=True)]
                assert all(shown), (do, parameters, told)

    run(main)


def test_every_kind_of_event_is_shown() -> None:
    of_rooms = {"event-odd-message"}  # shown in tests/livekit/test_faults_media.py
    assert {do for do, _, _ in PLANS} == {kind.do for kind in events.KINDS} - of_rooms


@pytest.mark.parametrize(
    ("deviation", "reason"),
    [
        ({"do": "session-closed", "at_ms": 300}, "closed by the server"),
        ({"do": "session-closed-talking", "after_ms": 100}, "closed by the server"),
        ({"do": "idle-timeout", "at_ms": 300}, "idle timeout"),
        ({"do": "duration-limit", "at_ms": 300}, "duration limit"),
    ],
)
def test_a_viewer_sees_its_session_close(deviation: dict[str, Any], reason: str) -> None:
    async def main() -> None:
        async with MockServer(media="real") as fake:
            visit = Visit(fake)
            await visit.control("play", [{"on": "session", **deviation}])
            ended = asyncio.Event()
            visit.viewer.peer.on("connectionstatechange", ended.set)
            made = await visit.call("new")
            answer = {"type": "answer", "sdp": await visit.viewer.answer(made["sdp"]["sdp"])}
            await visit.call("start", session_id=made["session_id"], sdp=answer)
            if "after_ms" in deviation:
                await eventually(lambda: visit.viewer.peer.connectionState == "connected")
                text = "A sentence of some length."
                await visit.call("task", session_id=made["session_id"], text=text)
            await eventually(lambda: visit.viewer.peer.connectionState == "closed")
            assert [s["closed_because"] for s in fake.sessions()] == [reason]
            await visit.viewer.close()

    run(main)
