"""LiveKit's own SDK for Python joins the room of a session of v2."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("livekit.rtc", reason="pip install 'heygen-mock[livekit]'")

from livekit import rtc

from mock_server import MockServer
from tests.livekit.client import Client

pytestmark = pytest.mark.peers

SENTENCE = "Good morning, and welcome to the museum."
SILENT = 0.002
AUDIBLE = 0.02


@dataclass(frozen=True, slots=True)
class Session:
    """A session of v2, made and driven over HTTP."""

    fake: MockServer
    data: dict[str, Any]

    async def call(self, operation: str, **body: object) -> Any:
        session_id = self.data["session_id"]
        return await asyncio.to_thread(
            call, self.fake, operation, {"session_id": session_id, **body}
        )


def call(fake: MockServer, operation: str, body: dict[str, object]) -> Any:
    request = urllib.request.Request(
        f"{fake.url}/v1/streaming.{operation}",
        data=json.dumps(body).encode(),
        headers={"X-Api-Key": fake.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["data"]


@pytest.fixture(scope="module")
def fake() -> Iterator[MockServer]:
    with MockServer() as fake:
        yield fake


@asynccontextmanager
async def session(fake: MockServer) -> AsyncIterator[Session]:
    wishes: dict[str, object] = {"version": "v2", "quality": "low"}
    session = Session(fake, await asyncio.to_thread(call, fake, "new", wishes))
    try:
        yield session
    finally:
        with suppress(urllib.error.HTTPError):  # a test may have stopped it
            await session.call("stop")


@asynccontextmanager
async def joined(session: Session, *, token: str = "access_token") -> AsyncIterator[Client]:
    client = Client()
    await client.join(session.data["url"], session.data[token])
    try:
        yield client
    finally:
        await client.leave()


def test_a_viewer_sees_hears_and_is_told_what_the_avatar_says(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            await made.call("start")
            async with joined(made) as client:
                assert await client.sizes(5) == {(854, 480)}
                assert await client.loudest(20) < SILENT
                task = await made.call("task", text=SENTENCE, task_type="repeat")
                await client.event("avatar_start_talking")
                assert await client.loudest(100) > AUDIBLE
                stop = await client.event("avatar_stop_talking")
                assert stop["duration_ms"] == task["duration_ms"]
                assert [one["type"] for one in client.events] == [
                    "avatar_start_talking",
                    "avatar_talking_message",
                    "avatar_end_message",
                    "avatar_stop_talking",
                ]
                assert {one["task_id"] for one in client.events} == {task["task_id"]}
                assert client.named("avatar_talking_message")[0]["message"] == SENTENCE
                assert set(client.senders) == {"heygen"}

    asyncio.run(scenario())


def test_the_avatar_comes_when_the_session_is_started_after_a_viewer_joined(
    fake: MockServer,
) -> None:
    async def scenario() -> None:
        async with session(fake) as made, joined(made) as client:
            assert client.room.remote_participants == {}
            await made.call("start")
            assert await client.sizes(2) == {(854, 480)}
            assert list(client.room.remote_participants) == ["heygen"]

    asyncio.run(scenario())


def test_stop_ends_the_room_for_all_viewers(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            await made.call("start")
            async with joined(made) as one, joined(made, token="livekit_agent_token") as other:
                await one.sizes(1)
                await other.sizes(1)
                await made.call("stop")
                assert await one.end() == rtc.DisconnectReason.ROOM_DELETED
                assert await other.end() == rtc.DisconnectReason.ROOM_DELETED

    asyncio.run(scenario())


def test_a_token_that_was_changed_is_refused(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            head, claims, _ = made.data["access_token"].split(".")
            with pytest.raises(rtc.ConnectError, match="401"):
                await Client().join(made.data["url"], f"{head}.{claims}.{'A' * 43}")

    asyncio.run(scenario())


def test_what_a_client_says_and_writes_into_the_room_is_answered(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            await made.call("start")
            async with joined(made) as client:
                await client.room.local_participant.publish_data(json.dumps("Hello there"))
                answer = await client.event("avatar_talking_message")
                assert "Hello there" in answer["message"]
                await made.call("interrupt")
                await client.speak()
                talk = (await client.event("user_talking_message"))["task_id"]
                assert (await client.event("user_end_message"))["task_id"] == talk
                assert client.named("user_start") == [{"type": "user_start"}]
                await client.event("avatar_talking_message", 2)

    asyncio.run(scenario())
