"""What a viewer with a real WebSocket sees of each kind that goes wrong with its visit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from livekit.protocol import models, rtc
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from mock_server import MockServer
from mock_server.core.null_sdp import NullTransport, null_answer
from mock_server.core.sdp import parse_description
from tests.clients.api import Api, ClientError, Json, with_care
from tests.clients.signalling import Read, Signalling, read

pytestmark = pytest.mark.process

SOON = 5.0
"""Seconds for what should come at once."""
SHORT = 0.15
"""Seconds for what should not come."""


@pytest.fixture(scope="module")
def fake() -> Iterator[MockServer]:
    with MockServer(media="none") as fake:
        yield fake


async def answer(offer: str) -> str:
    description = parse_description("offer", offer)
    return null_answer(NullTransport.for_session("viewer"), description, direction="recvonly")


class Visit:
    """One session, with a viewer that has not joined yet."""

    def __init__(self, api: Api, opened: Json) -> None:
        self.api = api
        self.opened = opened
        self.guests: list[Signalling] = []
        self.started = False

    @property
    def session_id(self) -> str:
        return str(self.opened["session_id"])

    async def start(self) -> None:
        if not self.started:
            self.started = True
            await self.api.post("start", {"session_id": self.session_id})

    def guest(self, *, seconds: float | None = SOON, read: Read = read) -> Signalling:
        url, token = self.opened["url"], self.opened["access_token"]
        guest = Signalling(url, token, answer=answer, seconds=seconds, read=read)
        self.guests.append(guest)
        return guest

    async def joined(self) -> Signalling:
        guest = self.guest()
        await guest.join()
        return guest

    async def seen(self) -> Signalling:
        """A viewer that is connected: an offer of the avatar's tracks was answered."""
        await self.start()
        guest = await self.joined()
        await guest.until(lambda: guest.answered, SOON, otherwise="no offer")
        return guest

    async def ended(self, guest: Signalling) -> str:
        await asyncio.wait_for(_over(guest), SOON)
        return guest.over


async def _over(guest: Signalling) -> None:
    try:
        await guest.until(lambda: False, None, otherwise="over")
    except ClientError:
        return


Scene = Callable[[Visit], Awaitable[None]]


def play(fake: MockServer, scene: Scene, *plan: dict[str, Any]) -> list[str]:
    """Plays the scene under the plan, all of which must have taken effect; the session's events."""
    fake.reset()
    fake.play(list(plan))

    async def whole() -> None:
        api = Api(fake.url, key=fake.key, seconds=SOON, again=with_care(0))
        visit = Visit(api, await api.post("new", {"version": "v2", "quality": "low"}))
        try:
            await scene(visit)
        finally:
            for guest in visit.guests:
                await guest.close()
            await api.stop(visit.session_id, within=SOON)

    asyncio.run(whole())
    assert fake.report()["unused"] == []
    (session,) = fake.sessions()
    return [entry["event"] for entry in session["timeline"]]


def room(do: str, **parameters: Any) -> dict[str, Any]:
    return {"on": "room", "nth": 1, "do": do, **parameters}


def never_joins(said: str, *, seconds: float = SOON) -> Scene:
    async def scene(visit: Visit) -> None:
        await visit.start()
        with pytest.raises(ClientError, match=said):
            await visit.guest(seconds=seconds).join()
        await visit.seen()  # the second visit is a right one

    return scene


@pytest.mark.parametrize(
    ("deviation", "said"),
    [
        (room("socket-refused", status=401), "HTTP 401"),
        (room("socket-refused", status=503), "HTTP 503"),
        (room("socket-closed-early"), "received 1000"),
        (room("socket-stalled"), "does not answer in time"),
        (room("join-missing"), "does not answer in time"),
    ],
    ids=["unauthorized", "unavailable", "closed", "stalled", "silent"],
)
def test_a_visit_can_fail_at_its_beginning(
    deviation: dict[str, Any], said: str, fake: MockServer
) -> None:
    seconds = SHORT if "in time" in said else SOON
    play(fake, never_joins(said, seconds=seconds), deviation)


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=SOON) as answered:
            return int(answered.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_refused_visit_is_refused_by_the_validation_too_until_the_next_one(
    fake: MockServer,
) -> None:
    async def status(visit: Visit) -> int:
        # Asked as livekit-client asks: the same query, by HTTP.
        query = urlencode({"access_token": visit.opened["access_token"]})
        url = f"{fake.url}/rtc/validate?{query}"
        return await asyncio.to_thread(status_of, url)

    async def scene(visit: Visit) -> None:
        await visit.start()
        assert await status(visit) == 200
        with pytest.raises(ClientError, match="HTTP 401"):
            await visit.guest().join()
        assert await status(visit) == 401
        await visit.joined()
        assert await status(visit) == 200

    play(fake, scene, room("socket-refused", status=401))
    told = [one for one in fake.requests() if one["path"].startswith("/rtc")]
    assert [(one["path"], one["status"], one.get("faults")) for one in told] == [
        ("/rtc/validate", 200, None),
        ("/rtc", 401, [0]),
        ("/rtc/validate", 401, [0]),
        ("/rtc", 101, None),
        ("/rtc/validate", 200, None),
    ]


def test_the_first_message_can_be_late(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        with pytest.raises(ClientError, match="does not answer in time"):
            await visit.guest(seconds=SHORT).join()
        await visit.guest().join()

    play(fake, scene, {"on": "room", "do": "join-late", "ms": int(SHORT * 2000)})


@pytest.mark.parametrize("form", ["unknown", "empty", "garbage"])
def test_a_message_that_is_none_follows_the_first(form: str, fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        heard: list[str | None] = []

        def listening(data: str | bytes) -> rtc.SignalResponse:
            message = read(data)
            heard.append(message.WhichOneof("message"))
            return message

        await visit.start()
        guest = visit.guest(read=listening)
        await guest.join()
        await guest.until(lambda: guest.answered, SOON, otherwise="no offer")
        assert heard[:3] == ["join", None, "offer"]

    play(fake, scene, room("signal-unknown", form=form))


def test_an_offer_can_be_missing(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        await visit.start()
        guest = await visit.joined()
        with pytest.raises(ClientError, match="in time"):
            await guest.until(lambda: guest.answered, SHORT, otherwise="no offer")
        assert guest.avatar is not None

    play(fake, scene, room("offer-missing"))


def test_an_offer_can_be_late(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        await visit.start()
        guest = await visit.joined()
        with pytest.raises(ClientError, match="in time"):
            await guest.until(lambda: guest.answered, SHORT, otherwise="no offer")
        await guest.until(lambda: guest.answered, SOON, otherwise="no offer")

    play(fake, scene, room("offer-late", ms=int(SHORT * 2000)))


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_the_avatar_can_stay_away_from_one_viewer(before: bool, fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        if before:
            await visit.start()
        guest = await visit.joined()
        await guest.until(lambda: guest.answered, SOON, otherwise="no offer")
        if not before:
            await visit.start()
        with pytest.raises(ClientError, match="in time"):
            await guest.until(lambda: guest.avatar, SHORT, otherwise="no avatar")

    assert "viewer_connected" not in play(fake, scene, room("avatar-missing"))


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_the_avatar_can_have_another_identity(before: bool, fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        seen: list[str] = []

        def listening(data: str | bytes) -> rtc.SignalResponse:
            message = read(data)
            for others in (message.join.other_participants, message.update.participants):
                seen.extend(other.identity for other in others)
            return message

        guest = visit.guest(read=listening)
        if before:
            await visit.start()
        await guest.join()
        if not before:
            await visit.start()
        await guest.until(lambda: seen, SOON, otherwise="no avatar")
        assert seen == ["somebody"]

    play(fake, scene, room("avatar-renamed", identity="somebody"))


def test_the_signalling_can_answer_no_ping(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        guest = await visit.seen()
        assert await visit.ended(guest) == "the room answers no ping"

    play(fake, scene, room("pong-missing", seconds=2))


@pytest.mark.parametrize(
    ("reason", "number"),
    [
        ("participant-removed", models.PARTICIPANT_REMOVED),
        ("server-shutdown", models.SERVER_SHUTDOWN),
        ("duplicate-identity", models.DUPLICATE_IDENTITY),
        ("room-deleted", models.ROOM_DELETED),
    ],
)
def test_a_viewer_can_be_told_to_leave_while_the_session_goes_on(
    reason: str, number: int, fake: MockServer
) -> None:
    async def scene(visit: Visit) -> None:
        guest = await visit.seen()
        assert await visit.ended(guest) == f"told to leave, reason {number}"
        (session,) = await asyncio.to_thread(fake.sessions)
        assert session["status"] == "connected"
        await visit.seen()

    events = play(fake, scene, room("viewer-removed", at_ms=20, reason=reason))
    assert events.count("viewer_left") == 2


def test_a_viewer_whose_websocket_is_closed_may_resume(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        guest = await visit.seen()
        await guest.until(lambda: guest.resumed, SOON, otherwise="not resumed")
        assert guest.over == ""

    assert "viewer_resumed" in play(fake, scene, room("socket-closed", at_ms=20))


def test_a_viewer_that_comes_back_can_be_told_to_leave(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        guest = await visit.seen()
        assert await visit.ended(guest) == f"told to leave, reason {models.PARTICIPANT_REMOVED}"

    assert "viewer_resumed" not in play(fake, scene, room("resume-refused", at_ms=20))


def test_a_viewer_that_comes_back_can_be_told_to_join_anew(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        guest = await visit.seen()
        assert await visit.ended(guest) == f"told to leave, reason {models.STATE_MISMATCH}"
        await visit.seen()

    play(fake, scene, room("resume-refused", at_ms=20, action="join-anew"))


def test_a_track_that_is_to_be_published_can_be_left_unanswered(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        track = rtc.AddTrackRequest(cid="mic", type=models.AUDIO)
        first = await visit.seen()
        await first.say(rtc.SignalRequest(add_track=track))
        with pytest.raises(ClientError, match="in time"):
            await first.until(lambda: first.published, SHORT, otherwise="not published")
        await first.close()
        second = await visit.seen()
        await second.say(rtc.SignalRequest(add_track=track))
        await second.until(lambda: second.published, SOON, otherwise="not published")

    play(fake, scene, room("publish-unanswered"))


def test_each_deviation_is_in_the_time_line_once(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        await visit.seen()

    plan = [room("signal-unknown"), room("offer-late", ms=1), room("avatar-renamed")]
    assert play(fake, scene, *plan).count("fault") == 3


def test_without_a_plan_nothing_odd_is_imported() -> None:
    code = (
        "import sys, mock_server.app, mock_server.livekit.rooms as _; "
        "sys.exit(any('odd_visit' in n or 'odd_packets' in n for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# the chat socket


async def chat(fake: MockServer, visit: Visit) -> Any:
    query = urlencode({"session_id": visit.session_id, "session_token": fake.key})
    url = f"{fake.url.replace('http', 'ws')}/v1/ws/streaming.chat?{query}"
    return await connect(url, open_timeout=SOON, ping_interval=None)


def on_chat(do: str, **parameters: Any) -> dict[str, Any]:
    return {"on": "chat", "nth": 1, "do": do, **parameters}


@pytest.mark.parametrize(
    ("deviation", "said"),
    [
        (on_chat("chat-unknown-event"), '{"event_type":"user_blinked","message":"?"}'),
        (on_chat("chat-not-json", form="word"), "user_start"),
        (on_chat("chat-not-json", form="cut"), '{"event_type":"user_st'),
        (on_chat("chat-not-json", form="empty"), ""),
        (on_chat("chat-not-json", form="binary"), b"\x0a\x06\x1a\x04Hi.\xff"),
    ],
)
def test_a_chat_socket_can_begin_with_what_nobody_expects(
    deviation: dict[str, Any], said: str | bytes, fake: MockServer
) -> None:
    async def scene(visit: Visit) -> None:
        async with await chat(fake, visit) as socket:
            assert await socket.recv() == said

    events = play(fake, scene, deviation)
    assert [one for one in events if "chat" in one or one == "fault"][:2] == [
        "fault",
        "chat_opened",
    ]


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_chat_socket_can_be_refused(status: int, fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        with pytest.raises(InvalidStatus, match=str(status)):
            await chat(fake, visit)
        async with await chat(fake, visit):
            pass

    play(fake, scene, on_chat("socket-refused", status=status))
    sockets = [one for one in fake.requests() if one["path"] == "/v1/ws/streaming.chat"]
    assert [(one["status"], one.get("faults")) for one in sockets] == [(status, [0]), (101, None)]


def test_a_chat_socket_can_be_closed_as_soon_as_it_has_opened(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        async with await chat(fake, visit) as socket:
            with pytest.raises(ConnectionClosed, match="1000"):
                await socket.recv()

    assert "chat_opened" not in play(fake, scene, on_chat("socket-closed-early"))


def test_a_chat_socket_can_be_closed_in_the_middle(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        async with await chat(fake, visit) as socket:
            with pytest.raises(ConnectionClosed, match="1011"):
                await socket.recv()

    events = play(fake, scene, on_chat("socket-closed", at_ms=20, code=1011))
    assert [one for one in events if "chat" in one] == ["chat_opened", "chat_closed"]


def test_a_chat_socket_can_never_open(fake: MockServer) -> None:
    async def scene(visit: Visit) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(chat(fake, visit), SHORT)

    play(fake, scene, on_chat("socket-stalled"))


def test_a_server_stops_though_sockets_are_stalled() -> None:
    with MockServer(media="none") as fake:
        fake.play([{"on": "chat", "do": "socket-stalled"}, {"on": "room", "do": "socket-stalled"}])

        async def scene() -> None:
            api = Api(fake.url, key=fake.key, seconds=SOON, again=with_care(0))
            visit = Visit(api, await api.post("new", {"version": "v2"}))
            waiting = asyncio.create_task(chat(fake, visit))
            with pytest.raises(ClientError):
                await visit.guest(seconds=SHORT).join()
            fake.stop()
            with pytest.raises((InvalidStatus, ConnectionClosed, OSError, InvalidMessage)):
                await waiting

        asyncio.run(scene())
