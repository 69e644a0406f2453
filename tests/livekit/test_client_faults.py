"""How LiveKit's own SDK for Python takes what goes wrong in a room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("livekit.rtc", reason="pip install 'heygen-mock[livekit]'")

from livekit import rtc

from mock_server import MockServer
from tests.livekit.client import Client
from tests.livekit.test_client import fake, joined, session

__all__ = ["fake"]

pytestmark = pytest.mark.peers


def play(fake: MockServer, do: str, **parameters: Any) -> None:
    fake.reset()
    fake.play([{"on": "room", "nth": 1, "do": do, **parameters}])


def test_a_token_that_is_refused_is_told_with_its_status(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            with pytest.raises(rtc.ConnectError, match="401"):
                await Client().join(made.data["url"], made.data["access_token"])

    play(fake, "socket-refused", status=401)
    asyncio.run(scenario())


def test_a_viewer_that_is_removed_is_told_why(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            await made.call("start")
            async with joined(made) as client:
                assert await client.end() == rtc.DisconnectReason.PARTICIPANT_REMOVED

    play(fake, "viewer-removed", at_ms=50, reason="participant-removed")
    asyncio.run(scenario())


def test_the_signalling_may_break_and_the_events_still_come(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            await made.call("start")
            async with joined(made) as client:
                reconnected = asyncio.Event()
                client.room.on("reconnected", reconnected.set)
                await asyncio.wait_for(reconnected.wait(), 10)
                await made.call("task", text="Hi.", task_type="repeat")
                await client.event("avatar_stop_talking")

    play(fake, "socket-closed", at_ms=50)
    asyncio.run(scenario())
    assert fake.report()["unused"] == []


def test_odd_messages_and_packets_are_ignored(fake: MockServer) -> None:
    async def scenario() -> None:
        async with session(fake) as made:
            await made.call("start")
            async with joined(made) as client:
                await made.call("task", text="Hi.", task_type="repeat")
                await client.event("avatar_stop_talking")
                assert [one["type"] for one in client.events if one["task_id"]] == [
                    "avatar_start_talking",
                    "avatar_talking_message",
                    "avatar_end_message",
                    "avatar_stop_talking",
                ]

    fake.reset()
    kinds = [
        {"do": "signal-unknown", "form": "garbage"},
        {"do": "packet-malformed", "form": "other"},
    ]
    fake.play([{"on": "room", **one} for one in kinds])
    asyncio.run(scenario())
    assert fake.report()["unused"] == []
