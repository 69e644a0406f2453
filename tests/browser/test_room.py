"""The official SDKs of v2 in Chromium, from another origin: what one session shows and tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import SDKS_OF_V2, empty_tab, room_viewer
from tests.browser.room_viewer import RoomViewer
from tests.browser.served import Fake

SENTENCE = "Good morning, and welcome to the museum."
SHORT = "The doors close at six."
LONG = "This is a long story about a lighthouse, its keeper, and the storm of the century. " * 4


@dataclass(frozen=True, slots=True)
class Told:
    """What a page saw of a session with two tasks: the first told whole, the second in chunks."""

    fake: Fake
    created: dict[str, Any]
    open_sessions: list[str]
    talking: list[bytes]
    size: tuple[int, int]
    video: dict[str, Any]
    tasks: tuple[dict[str, Any], dict[str, Any]]
    share_of_sound: float
    events: list[dict[str, Any]]
    open_after_stop: list[str]

    def of_task(self, nth: int) -> list[dict[str, Any]]:
        return [one for one in self.events if one.get("task_id") == self.tasks[nth]["task_id"]]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["type"] == name]


@pytest.fixture(scope="module", params=SDKS_OF_V2)
def told(
    request: pytest.FixtureRequest, browser: Browser, running_fake: Fake, foreign_site: str
) -> Iterator[Told]:
    with empty_tab(browser) as page:
        viewer = room_viewer(page, running_fake, foreign_site, version=request.param)
        created = viewer.open(quality="medium")
        open_sessions = running_fake.open_sessions()
        viewer.hears_silence()
        first = viewer.repeat(SENTENCE)
        begin = viewer.event("avatar_start_talking")
        talking = viewer.pictures(20)
        end = viewer.event("avatar_stop_talking")
        viewer.hears_silence()
        with running_fake.set(talking_messages="chunks"):
            second = viewer.repeat(SHORT)
            viewer.event("avatar_stop_talking", 2)
        size, video = viewer.size(), viewer.video()
        viewer.call("stopAvatar")
        viewer.event("stream_disconnected")
        yield Told(
            fake=running_fake,
            created=created,
            open_sessions=open_sessions,
            talking=talking,
            size=size,
            video=video,
            tasks=(first, second),
            # The browser plays a little later than it tells.
            share_of_sound=viewer.share_of_sound(begin["at"] + 200, end["at"]),
            events=viewer.events(),
            open_after_stop=running_fake.open_sessions(),
        )


def test_create_start_avatar_resolves_with_the_room_of_the_session(told: Told) -> None:
    assert told.created["url"] == told.fake.url.replace("http:", "ws:")
    assert told.created["access_token"].count(".") == 2
    assert told.open_sessions == [told.created["session_id"]]


def test_the_stream_is_ready_once_with_a_picture_and_a_sound(told: Told) -> None:
    assert [one["tracks"] for one in told.named("stream_ready")] == [["audio", "video"]]


def test_the_video_moves_at_the_size_of_its_quality(told: Told) -> None:
    assert len(set(told.talking)) >= 3
    assert told.size == (1280, 720)
    assert (told.video["frameWidth"], told.video["frameHeight"]) == (1280, 720)


def test_vp8_is_sent_although_the_sdk_asks_for_h264(told: Told) -> None:
    assert told.video["codec"] == "video/VP8"


def test_speech_is_heard_while_the_avatar_talks_and_only_then(told: Told) -> None:
    assert told.share_of_sound > 0.5


@pytest.mark.parametrize("nth", [0, 1])
def test_the_events_of_a_task_come_in_order_with_its_id(told: Told, nth: int) -> None:
    names = [one["type"] for one in told.of_task(nth)]
    messages = names.count("avatar_talking_message")
    assert names == [
        "avatar_start_talking",
        *["avatar_talking_message"] * messages,
        "avatar_end_message",
        "avatar_stop_talking",
    ]
    assert told.of_task(nth)[-1]["duration_ms"] == told.tasks[nth]["duration_ms"]


def test_the_spoken_text_is_told_whole_or_in_chunks(told: Told) -> None:
    whole, chunks = (
        [one["message"] for one in told.of_task(nth) if one["type"] == "avatar_talking_message"]
        for nth in (0, 1)
    )
    assert whole == [SENTENCE]
    assert len(chunks) > 2
    assert "".join(chunks) == SHORT


def test_stop_avatar_ends_the_room(told: Told) -> None:
    room_deleted = 5
    assert [one["detail"] for one in told.named("stream_disconnected")] == [room_deleted]
    assert told.open_after_stop == []


@pytest.mark.parametrize(("quality", "size"), [("low", (854, 480)), ("high", (1920, 1080))])
def test_other_qualities_have_sizes_of_their_own(
    room: RoomViewer, quality: str, size: tuple[int, int]
) -> None:
    room.open(quality=quality)
    assert room.size() == size


def test_an_interrupted_avatar_falls_silent_and_says_how_long_it_spoke(room: RoomViewer) -> None:
    room.open()
    task = room.repeat(LONG)
    room.hears_voice()
    room.call("interrupt")
    stop = room.event("avatar_stop_talking")
    room.hears_silence()
    assert stop["task_id"] == task["task_id"]
    assert 0 < stop["duration_ms"] < task["duration_ms"] / 2


def test_a_chat_text_goes_by_the_chat_socket_and_is_answered(room: RoomViewer) -> None:
    """Unlike a text to repeat, which goes by HTTP: the SDK's call resolves with nothing."""
    room.open()
    assert room.call("speak", {"text": "What time do you open?"}) is None
    answer = room.event("avatar_talking_message")
    assert "What time do you open?" in answer["message"]
    assert answer["task_id"] == room.event("avatar_start_talking")["task_id"]


def test_what_is_spoken_as_soon_as_the_stream_is_ready_is_told(room: RoomViewer) -> None:
    """The connection is up by then, its data channels may not be."""
    greeting = {**room.options(), "greeting": SHORT}
    created = room.page.evaluate("options => viewer.open(options)", greeting)
    assert room.event("avatar_start_talking")["task_id"] == created["greeted"]["task_id"]
