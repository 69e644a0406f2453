"""The official SDK 1.0.16 in Chromium, from another origin, only its base path changed."""

from __future__ import annotations

import pytest

from mock_server.core.catalogue import Emotion
from mock_server.core.speech import Mouth
from tests.browser.sdk_viewer import SdkViewer
from tests.browser.served import Fake

SENTENCE = "Good morning, and welcome to the museum."
LONG = "This is a long story about a lighthouse, its keeper, and the storm of the century. " * 4


def test_the_sdk_creates_a_session_that_is_connected(sdk: SdkViewer, fake: Fake) -> None:
    created = sdk.open(quality="medium")
    sdk.page.wait_for_function("viewer.avatar.peerConnection.connectionState === 'connected'")
    assert fake.open_sessions() == [created["sessionId"]]


@pytest.mark.parametrize(
    ("quality", "size"),
    [("low", (854, 480)), ("medium", (1280, 720)), ("high", (1920, 1080))],
)
def test_the_video_moves_at_the_size_of_its_quality(
    sdk: SdkViewer, quality: str, size: tuple[int, int]
) -> None:
    sdk.open(quality=quality)
    sdk.speak(SENTENCE)
    sdk.event("avatar_start_talking")
    assert len(set(sdk.pictures(12))) >= 4
    assert sdk.size() == size
    assert sdk.video()["codec"] == "video/VP8"


def test_speech_is_heard_while_the_avatar_talks_and_only_then(sdk: SdkViewer) -> None:
    sdk.open(quality="medium")
    sdk.hears_silence()
    sdk.speak(SENTENCE)
    sdk.hears_voice()
    begin, end = sdk.event("avatar_start_talking"), sdk.event("avatar_stop_talking")
    sdk.hears_silence()
    # The SDK asks the browser to buffer 200 ms of sound, the events do not wait for it.
    assert sdk.share_of_sound(begin["at"] + 300, end["at"]) > 0.5
    assert sdk.video()["freezeCount"] == 0


def test_talking_events_name_the_task_and_how_long_it_lasted(sdk: SdkViewer) -> None:
    sdk.open(quality="low")
    first, second = sdk.speak("Good morning."), sdk.speak("And good night.")
    for nth, task in ((1, first), (2, second)):
        assert sdk.event("avatar_start_talking", nth)["task_id"] == task["taskId"]
        stop = sdk.event("avatar_stop_talking", nth)
        assert stop["task_id"] == task["taskId"]
        assert stop["duration_ms"] == task["durationMs"]


def test_an_interrupted_avatar_falls_silent_and_says_how_long_it_spoke(sdk: SdkViewer) -> None:
    sdk.open(quality="medium")
    task = sdk.speak(LONG)
    sdk.hears_voice()
    sdk.interrupt()
    stop = sdk.event("avatar_stop_talking")
    sdk.hears_silence()
    assert stop["task_id"] == task["taskId"]
    assert 0 < stop["duration_ms"] < task["durationMs"] / 2
    assert {stamp.mouth for stamp in sdk.stamps(5)} == {Mouth.REST}


def test_a_task_after_stop_is_refused_with_the_error_of_the_api(sdk: SdkViewer, fake: Fake) -> None:
    sdk.open(quality="low")
    sdk.stop()
    assert fake.open_sessions() == []
    stops = [
        request["status"]
        for request in fake.call("GET", "/__mock__/requests")
        if request["operation"] == "stopSession"
    ]
    assert stops[-1] == 200  # although the SDK closes its peer connection before it stops
    refusal = sdk.page.evaluate("viewer.refusal(() => viewer.speak('Still there?'))")
    assert refusal == {
        "status": 400,
        "body": {"code": 10005, "message": "session state wrong: closed"},
    }


def test_the_picture_shows_the_chosen_avatar_and_emotion_with_a_moving_mouth(
    sdk: SdkViewer,
) -> None:
    sdk.open(quality="medium", avatarName="Bruno_office_20240501", voice={"emotion": "Excited"})
    idle = sdk.stamps(5)
    sdk.speak(SENTENCE)
    sdk.event("avatar_start_talking")
    talking = sdk.stamps(25)
    assert {(stamp.avatar, stamp.emotion) for stamp in idle + talking} == {(1, Emotion.EXCITED)}
    assert {stamp.mouth for stamp in idle} == {Mouth.REST}
    assert len({stamp.mouth for stamp in talking}) >= 4


def test_h264_is_sent_when_it_is_asked_for(sdk: SdkViewer) -> None:
    sdk.open(quality="medium", encoding="H264", voice={"emotion": "Serious"})
    stamps = sdk.stamps(5)
    video = sdk.video()
    assert video["codec"] == "video/H264"
    assert sdk.size() == (1280, 720)
    assert {stamp.emotion for stamp in stamps} == {Emotion.SERIOUS}
