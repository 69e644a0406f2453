"""Voice chat of the SDK 2.1.0, with a recording for the microphone of Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Launch, empty_tab, room_viewer
from tests.browser.microphone import record
from tests.browser.room_viewer import RoomViewer
from tests.browser.served import Fake

HEARD = "Are you open on Sundays?"
ANSWER = "We are open every day but Monday."
VOICE_CHAT = "options => void viewer.avatar.startVoiceChat(options)"
"""Not awaited: the SDK waits some seconds more until its call resolves."""


@pytest.fixture(scope="module")
def speaker(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that all the time hears somebody speak for a while, and then nobody."""
    browser = launch(*record(tmp_path_factory.mktemp("microphone") / "speech.wav"))
    yield browser
    browser.close()


@pytest.fixture
def talker(speaker: Browser, fake: Fake, foreign_site: str) -> Iterator[RoomViewer]:
    fake.call("PUT", "/__mock__/replies", {"heard": [HEARD], "chat": [ANSWER]})
    with empty_tab(speaker) as page:
        yield room_viewer(page, fake, foreign_site)


def of_users(viewer: RoomViewer) -> list[tuple[str, str | None]]:
    return [
        (one["type"], one.get("message"))
        for one in viewer.events()
        if one["type"].startswith("user_")
    ]


TOLD = [
    ("user_start", None),
    ("user_talking_message", HEARD),
    ("user_end_message", None),
    ("user_stop", None),
]


@pytest.mark.parametrize("transport", ["websocket", "livekit"])
def test_a_user_who_speaks_is_answered_and_one_who_is_muted_is_not(
    talker: RoomViewer, speaker: Browser, fake: Fake, foreign_site: str, transport: str
) -> None:
    with empty_tab(speaker) as page:
        muted = room_viewer(page, fake, foreign_site)
        for viewer, mute in ((muted, True), (talker, False)):
            viewer.open(voiceChatTransport=transport)
            viewer.page.evaluate(VOICE_CHAT, {"isInputAudioMuted": mute})
        assert talker.event("avatar_talking_message")["message"] == ANSWER
        talker.event("user_stop")
        talker.hears_voice()
        assert of_users(talker)[:4] == TOLD
        by_chat_socket = "event_type" in talker.event("user_start")
        assert by_chat_socket == (transport == "websocket")
        assert of_users(muted) == []


def test_with_push_to_talk_only_what_is_said_while_the_key_is_held_is_heard(
    talker: RoomViewer,
) -> None:
    talker.open(voiceChatTransport="livekit", enablePushToTalk=True)
    talker.page.evaluate(VOICE_CHAT, {})
    talker.page.wait_for_function("viewer.room.localParticipant.getTrackPublications().length")
    pressed = talker.page.evaluate("performance.now()")
    talker.call("pushToTalkStart")
    assert talker.event("user_start")["at"] > pressed
    talker.call("pushToTalkStop")
    assert talker.event("avatar_talking_message")["message"] == ANSWER
    talker.event("user_stop")
    assert of_users(talker) == TOLD


def test_texts_go_by_the_room_also_after_its_connection_was_lost(talker: RoomViewer) -> None:
    """Who sends into the room cannot resume: aiortc restarts no ICE. It joins anew."""
    talker.open(voiceChatTransport="livekit")
    talker.page.evaluate("viewer.observe()")
    assert talker.call("speak", {"text": "Hello"}) is None
    assert talker.event("avatar_talking_message")["message"] == ANSWER
    talker.page.evaluate("viewer.room.simulateScenario('signal-reconnect')")
    talker.event("room:reconnected")
    names = [one["type"] for one in talker.events() if one["type"].startswith("room:")]
    assert names == ["room:signalReconnecting", "room:reconnecting", "room:reconnected"]
    talker.call("interrupt")
    talker.call("speak", {"text": "Are you still there?"})
    assert "Are you still there?" in talker.event("avatar_talking_message", 2)["message"]
