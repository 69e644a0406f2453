"""A fake publishes its avatar into the room of another one, which stands for a deployment."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("livekit.rtc", reason="pip install 'heygen-mock[livekit]'")

from livekit import rtc

from mock_server import MockServer
from mock_server.core.speech import Mouth
from mock_server.seams import Seams
from tests.livekit.client import Client
from tests.livekit.deployment import PATIENCE, Arrivals, Intake

pytestmark = pytest.mark.peers

SENTENCE = "Good morning, and welcome."
SILENT, AUDIBLE = -60.0, -30.0
SEED = 7
"""Lets both fakes give their first sessions the same id, and so one's session the other's room."""


@dataclass(frozen=True, slots=True)
class Pair:
    deployment: MockServer
    fake: MockServer
    intake: Intake

    def open(self) -> dict[str, Any]:
        """A session of the fake, and the room for it."""
        self.deployment.reset()
        self.fake.reset()
        while not self.intake.arrivals.empty():
            self.intake.arrivals.get()
        room = call(self.deployment, "new", version="v2", quality="low")
        session = call(self.fake, "new", version="v2", quality="low")
        assert session["session_id"] == room["session_id"]
        assert session["url"] == self.deployment.url.replace("http", "ws")
        return dict(session)

    def arrivals(self) -> Arrivals:
        return self.intake.arrivals.get(timeout=PATIENCE)

    def told(self) -> list[str]:
        """What the fake's timeline says of participants and of the session's state."""
        (session,) = self.fake.sessions()
        return [
            " ".join(str(entry[k]) for k in ("event", "identity", "status", "reason") if k in entry)
            for entry in session["timeline"]
            if entry["event"].startswith(("viewer_", "avatar_joined", "state"))
        ]


def call(fake: MockServer, operation: str, **body: object) -> Any:
    request = urllib.request.Request(
        f"{fake.url}/v1/streaming.{operation}",
        data=json.dumps(body).encode(),
        headers={"X-Api-Key": fake.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)["data"]


def refusal(fake: MockServer, operation: str, **body: object) -> tuple[int, int, str]:
    """Status, code and message of a call that must fail."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(fake, operation, **body)
    answer = json.load(caught.value)
    return caught.value.code, answer["code"], answer["message"]


def say(fake: MockServer, session_id: str, text: str) -> dict[str, Any]:
    """Gives a task as soon as the avatar has a viewer."""
    while True:
        try:
            return dict(call(fake, "task", session_id=session_id, text=text, task_type="repeat"))
        except urllib.error.HTTPError as error:
            if json.load(error)["message"] != "Session is not in correct state":
                raise


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    intake = Intake()
    with (
        MockServer(seed=SEED, seams=Seams(peers=intake.instead_of)) as deployment,
        MockServer(seed=SEED, livekit_url=deployment.url.replace("http", "ws")) as fake,
    ):
        yield Pair(deployment, fake, intake)


def test_pictures_sound_and_events_are_published_for_a_viewer(pair: Pair) -> None:
    session = pair.open()
    session_id = session["session_id"]
    call(pair.fake, "start", session_id=session_id)
    arrivals = pair.arrivals()
    arrivals.until(lambda: len(arrivals.pictures) >= 5 and len(arrivals.levels) >= 5)
    assert max(level for _, level in arrivals.levels) < SILENT
    assert {one.stamp and one.stamp.mouth for one in arrivals.pictures} == {Mouth.REST}
    assert refusal(pair.fake, "task", session_id=session_id, text=SENTENCE)[1] == 400006

    async def watch() -> dict[str, Any]:
        client = Client()
        await client.join(session["url"], session["access_token"])
        task = await asyncio.to_thread(say, pair.fake, session_id, SENTENCE)
        await asyncio.to_thread(arrivals.event, "avatar_stop_talking")
        await client.leave()
        return task

    task = asyncio.run(watch())
    begin, _ = arrivals.event("avatar_start_talking")
    end, stop = arrivals.event("avatar_stop_talking")
    before = len(arrivals.levels)
    arrivals.until(lambda: len(arrivals.levels) > before + 30)
    assert stop["duration_ms"] == task["duration_ms"]
    assert {one["task_id"] for _, one in arrivals.events} == {task["task_id"]}
    assert [one["type"] for _, one in arrivals.events] == [
        "avatar_start_talking",
        "avatar_talking_message",
        "avatar_end_message",
        "avatar_stop_talking",
    ]
    assert arrivals.senders == {"heygen"}
    assert max(level for at, level in arrivals.levels if begin < at < end) > AUDIBLE
    assert max(level for _, level in arrivals.levels[-10:]) < SILENT
    assert {one.size for one in arrivals.pictures} == {(854, 480)}
    assert None not in {one.stamp for one in arrivals.pictures}
    spoken = {one.stamp.mouth for one in arrivals.pictures if one.stamp and begin < one.at < end}
    assert len(spoken) > 3
    call(pair.fake, "stop", session_id=session_id)
    assert pair.told()[:6] == [
        "state connecting",
        "avatar_joined",
        "viewer_joined client",
        "viewer_connected client",
        "state connected",
        "viewer_left client it left",
    ]


def test_what_a_participant_says_and_writes_is_answered(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The avatar of the room's own fake plays the participant: nobody else's sound is passed on.
    monkeypatch.setattr("mock_server.livekit.room.AVATAR", "client")
    session_id = pair.open()["session_id"]
    pair.fake.replies(chat=["I heard you.", "I read you."], heard=["Do you hear me?"])
    call(pair.deployment, "start", session_id=session_id)
    call(pair.fake, "start", session_id=session_id)
    arrivals = pair.arrivals()
    say(pair.deployment, session_id, "One, two.")
    arrivals.event("user_start")
    _, heard = arrivals.event("user_talking_message")
    assert heard["message"] == "Do you hear me?"
    arrivals.event("user_stop")
    assert arrivals.event("avatar_talking_message")[1]["message"] == "I heard you."
    arrivals.event("avatar_stop_talking")
    pair.intake.pass_on("Do you read me?", sender="client")
    arrivals.until(lambda: "I read you." in {one.get("message") for _, one in arrivals.events})
    call(pair.fake, "stop", session_id=session_id)


def test_media_goes_on_after_the_avatar_had_to_join_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms: list[tuple[rtc.Room, asyncio.AbstractEventLoop]] = []

    class Room(rtc.Room):
        def __init__(self) -> None:
            super().__init__()
            rooms.append((self, asyncio.get_running_loop()))

    monkeypatch.setattr(rtc, "Room", Room)
    session_id = pair.open()["session_id"]
    call(pair.fake, "start", session_id=session_id)
    before = pair.arrivals()
    before.until(lambda: before.pictures)
    ((room, loop),) = rooms
    again = room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
    asyncio.run_coroutine_threadsafe(again, loop).result(PATIENCE)
    after = pair.arrivals()
    after.until(lambda: after.pictures and after.levels)
    call(pair.fake, "stop", session_id=session_id)


def test_a_room_that_is_deleted_there_ends_the_session(pair: Pair) -> None:
    session_id = pair.open()["session_id"]
    call(pair.fake, "start", session_id=session_id)
    call(pair.deployment, "stop", session_id=session_id)
    while pair.fake.sessions()[0]["status"] != "closed":
        pass
    url = pair.deployment.url.replace("http", "ws")
    assert pair.told()[-1] == (
        f"state closed peer lost: the LiveKit deployment at {url}: "
        "the avatar's connection ended (ROOM_DELETED)"
    )


def test_a_session_is_refused_when_the_deployment_is_not_there() -> None:
    with MockServer(livekit_url="ws://127.0.0.1:9") as fake:
        status, code, message = refusal(fake, "new", version="v2")
    assert (status, code) == (400, 10014)
    assert "the LiveKit deployment at ws://127.0.0.1:9: it cannot be reached" in message


def test_a_session_is_refused_when_the_deployment_does_not_know_the_secret(pair: Pair) -> None:
    url = pair.deployment.url.replace("http", "ws")
    with MockServer(livekit_url=url, livekit_secret="another") as fake:
        status, code, message = refusal(fake, "new", version="v2")
    assert (status, code) == (400, 10014)
    assert "it does not let the avatar in: HTTP 401" in message


def test_start_is_refused_when_the_avatar_cannot_join(pair: Pair) -> None:
    session_id = pair.open()["session_id"]
    call(pair.deployment, "stop", session_id=session_id)
    assert refusal(pair.fake, "start", session_id=session_id)[:2] == (400, 10005)
    assert "joining failed" in pair.told()[-1]


def test_sessions_of_v1_are_served_here_all_the_same(pair: Pair) -> None:
    pair.fake.reset()
    assert call(pair.fake, "new")["sdp"]["type"] == "offer"
    pair.fake.reset()
