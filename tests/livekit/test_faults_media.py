"""What a viewer that sees and hears the avatar gets of what goes wrong in a room."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from livekit.protocol import models

from mock_server import MockServer
from tests.clients.api import Api, Json, with_care
from tests.clients.signalling import Signalling
from tests.rtc.viewer import Viewer, eventually, needs_network

pytestmark = [pytest.mark.peers, needs_network]

SOON = 10.0


@pytest.fixture(scope="module")
def fake() -> Iterator[MockServer]:
    with MockServer() as fake:
        yield fake


@dataclass
class Scene:
    """A session whose avatar is seen."""

    api: Api
    opened: Json
    viewer: Viewer
    room: Signalling

    async def speak(self) -> str:
        task = await self.api.post(
            "task", {"session_id": self.opened["session_id"], "text": "Hi.", "task_type": "repeat"}
        )
        return str(task["task_id"])

    async def packets(self, count: int) -> list[tuple[str, bytes]]:
        """The first messages of the data channels, with the labels of these."""
        await eventually(lambda: len(self.viewer.messages) >= count, SOON)
        return [(label, m) for label, m in self.viewer.messages[:count] if isinstance(m, bytes)]


def play(
    fake: MockServer, scene: Callable[[Scene], Awaitable[None]], *plan: dict[str, Any]
) -> None:
    """Plays the scene under the plan, all of which must have taken effect."""
    fake.reset()
    fake.play(list(plan))

    async def whole() -> None:
        api = Api(fake.url, key=fake.key, seconds=SOON, again=with_care(0))
        opened = await api.post("new", {"version": "v2", "quality": "low"})
        viewer = Viewer()
        url, token = str(opened["url"]), str(opened["access_token"])
        room = Signalling(url, token, answer=viewer.answer, seconds=SOON)
        try:
            await api.post("start", {"session_id": opened["session_id"]})
            await room.join()
            await eventually(lambda: viewer.pictures, SOON)
            await scene(Scene(api, opened, viewer, room))
        finally:
            await api.stop(str(opened["session_id"]), within=SOON)
            await room.close()
            await viewer.close()

    asyncio.run(whole())
    assert fake.report()["unused"] == []


def room(do: str, **parameters: Any) -> dict[str, Any]:
    return {"on": "room", "nth": 1, "do": do, **parameters}


def event_of(message: bytes) -> Any:
    return json.loads(models.DataPacket.FromString(message).user.payload)


FIRST = ("avatar_start_talking", "avatar_talking_message", "avatar_end_message")


def test_packets_that_hold_no_event_come_before_each_event(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        await scene.speak()
        got = [message for _, message in await scene.packets(9)]
        assert [event_of(message)["type"] for message in got[2::3]] == list(FIRST)
        for garbage, other in zip(got[0::3], got[1::3], strict=True):
            assert garbage == b"\xff" * 16
            assert models.DataPacket.FromString(other).WhichOneof("value") == "metrics"

    # What the second does it does to each packet that the first has made, but for garbage.
    plan = [room("packet-malformed", form=form) for form in ("garbage", "other")]
    play(fake, scene, *plan)


@pytest.mark.parametrize(("form", "value"), [("empty", None), ("no-payload", "user")])
def test_packets_can_come_in_place_of_events(
    form: str, value: str | None, fake: MockServer
) -> None:
    async def scene(scene: Scene) -> None:
        await scene.speak()
        for _, message in await scene.packets(3):
            packet = models.DataPacket.FromString(message)
            assert (packet.WhichOneof("value"), packet.user.payload) == (value, b"")

    play(fake, scene, room("packet-malformed", form=form, instead=True))


def test_events_can_come_by_the_channel_that_may_lose_them(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        await scene.speak()
        got = await scene.packets(3)
        assert {label for label, _ in got} == {"_lossy"}
        assert {models.DataPacket.FromString(m).kind for _, m in got} == {models.DataPacket.LOSSY}
        assert [event_of(message)["type"] for _, message in got] == list(FIRST)

    play(fake, scene, room("packet-lossy"))


@pytest.mark.parametrize(
    ("deviation", "identity"),
    [(room("packet-from-stranger"), "stranger"), (room("avatar-renamed"), "avatar")],
    ids=["stranger", "renamed"],
)
def test_events_can_be_said_to_come_from_somebody_else(
    deviation: dict[str, Any], identity: str, fake: MockServer
) -> None:
    async def scene(scene: Scene) -> None:
        await scene.speak()
        for _, message in await scene.packets(3):
            packet = models.DataPacket.FromString(message)
            assert packet.participant_identity == packet.user.participant_identity == identity
            assert json.loads(packet.user.payload)["task_id"]

    play(fake, scene, deviation)


def test_the_events_that_v2_has_more_go_wrong_as_others_do(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        task_id = await scene.speak()
        got = [event_of(message) for _, message in await scene.packets(3)]
        assert [(one["type"], one.get("message")) for one in got] == [
            ("avatar_start_talking", None),
            ("avatar_talking_message", 7),
            ("avatar_talking_message", 7),
        ]
        assert {one["task_id"] for one in got} == {task_id}

    def event(do: str, of: str, **parameters: Any) -> dict[str, Any]:
        return {"on": "event", "nth": 1, "do": do, "type": of, **parameters}

    plan = (
        event("event-odd-message", FIRST[1], form="number"),
        event("event-doubled", FIRST[1]),
        event("event-missing", FIRST[2]),
    )
    play(fake, scene, *plan)


def test_an_event_that_is_a_text_frame_is_no_packet_and_stays_as_it_is(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        await scene.speak()
        await scene.packets(3)
        label, message = scene.viewer.messages[0]
        assert (label, type(message)) == ("_lossy", str)

    text = {"on": "event", "do": "event-text", "type": FIRST[0]}
    play(fake, scene, room("packet-lossy"), text)


def test_media_of_a_viewer_go_wrong_as_in_v1(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        sizes = {(854, 480), (1280, 720)}
        await eventually(
            lambda: {(one.width, one.height) for one in scene.viewer.pictures} == sizes, SOON
        )

    play(fake, scene, {"on": "media", "do": "size-change", "quality": "medium", "at_ms": 100})


def test_a_session_that_the_server_closes_ends_its_room(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        await eventually(lambda: scene.room.over, SOON)
        assert scene.room.over == f"told to leave, reason {models.ROOM_DELETED}"

    play(fake, scene, {"on": "session", "do": "session-closed", "at_ms": 50})


def test_what_is_said_of_a_viewers_connection_goes_wrong_as_in_v1(fake: MockServer) -> None:
    async def scene(scene: Scene) -> None:
        assert "a=mid:0" in str(scene.viewer.peer.remoteDescription.sdp)

    play(fake, scene, {"on": "peer", "do": "lf-only"}, {"on": "peer", "do": "more-candidates"})
