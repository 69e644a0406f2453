"""Who may watch a room of v2, with whom, and how it comes back after its connection was lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Launch, empty_tab, room_viewer
from tests.browser.room_viewer import RoomViewer
from tests.browser.served import Fake

LONG = "This is a long story about a lighthouse, its keeper, and the storm of the century. " * 4
WITH_TOKEN = """async ({basePath, token, request, signature}) => {
    viewer.avatar = new HeyGen.StreamingAvatar({token, basePath});
    const created = await viewer.avatar.newSession(request);
    const [head, claims] = created.access_token.split(".");
    const info = {...created, access_token: `${head}.${claims}.${signature}`};
    return viewer.refusal(() => viewer.avatar.startAvatar(request, info));
}"""


def test_two_browsers_watch_one_session(
    room: RoomViewer, fake: Fake, foreign_site: str, launch: Launch
) -> None:
    created = room.open()
    second = launch()
    try:
        with empty_tab(second) as page:
            other = room_viewer(page, fake, foreign_site)
            other.watch(created["url"], created["livekit_agent_token"])
            task = room.repeat(LONG)
            for viewer in (room, other):
                viewer.hears_voice()
                assert viewer.size() == (854, 480)
            room.call("interrupt")
            for viewer in (room, other):
                assert viewer.event("avatar_stop_talking")["task_id"] == task["task_id"]
            room.call("stopAvatar")
            for viewer in (room, other):
                assert viewer.event("stream_disconnected")["detail"] == 5
    finally:
        second.close()


def test_who_joins_again_under_the_same_name_takes_the_place(
    room: RoomViewer, fake: Fake, foreign_site: str, browser: Browser
) -> None:
    created = room.open()
    with empty_tab(browser) as page:
        again = room_viewer(page, fake, foreign_site)
        again.watch(created["url"], created["access_token"])
        duplicate_identity = 2
        assert room.event("stream_disconnected")["detail"] == duplicate_identity
        room.repeat(LONG)  # by HTTP: the session goes on
        again.hears_voice()
        assert fake.open_sessions() == [created["session_id"]]


def test_a_page_that_is_left_leaves_the_session_to_who_comes_next(
    room: RoomViewer, fake: Fake
) -> None:
    created = room.open()
    room.page.reload()
    room.page.click("#wake")
    room.watch(created["url"], created["access_token"])
    task = {"session_id": created["session_id"], "text": LONG}
    fake.call("POST", "/v1/streaming.task", task)
    room.hears_voice()


def test_a_session_that_nobody_used_for_too_long_ends_its_room(
    room: RoomViewer, fake: Fake
) -> None:
    room.open(activityIdleTimeout=30)
    fake.call("POST", "/__mock__/clock", {"advance": 31})
    assert room.event("stream_disconnected")["detail"] == 5
    assert fake.open_sessions() == []


@pytest.mark.parametrize("how", ["signal-reconnect", "full-reconnect"])
def test_a_viewer_comes_back_after_it_lost_its_connection(
    room: RoomViewer, fake: Fake, how: str
) -> None:
    """By resuming where only the signalling was lost, by joining anew where all was."""
    created = room.open()
    room.page.evaluate("viewer.observe()")
    room.page.evaluate("how => viewer.room.simulateScenario(how)", how)
    room.event("room:reconnected")
    names = [one["type"] for one in room.events() if one["type"].startswith("room:")]
    lost = {"signal-reconnect": "signalReconnecting", "full-reconnect": "reconnecting"}
    assert names == [f"room:{lost[how]}", "room:reconnected"]
    room.page.evaluate("viewer.listen(viewer.avatar.mediaStream)")  # an audio graph keeps to tracks
    task = room.repeat(LONG)
    room.hears_voice()  # late by what came in before livekit-client told of the new tracks
    assert len(set(room.pictures(25))) >= 2
    room.call("interrupt")
    assert room.event("avatar_stop_talking")["task_id"] == task["task_id"]
    assert fake.open_sessions() == [created["session_id"]]


def test_an_access_token_that_was_changed_is_refused_with_a_reason(room: RoomViewer) -> None:
    refusal = room.page.evaluate(WITH_TOKEN, {**room.options(), "signature": "A" * 43})
    assert (refusal["name"], refusal["status"]) == ("ConnectionError", 401)
    assert "token" in refusal["message"]


def test_a_refused_session_is_told_with_the_error_of_the_api(room: RoomViewer) -> None:
    refusal = room.page.evaluate(
        "options => viewer.refusal(() => viewer.open(options))",
        room.options(avatarName="mock:avatar-not-found"),
    )
    assert (refusal["name"], refusal["status"]) == ("APIError", 400)
    assert '"message":"avatar not found"' in refusal["text"].replace(": ", ":")
