"""The example clients, run as a user runs them, against a fake with real media."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import wave
from array import array
from pathlib import Path

import pytest

from mock_server.pytest_plugin import HeygenMock

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

pytestmark = [pytest.mark.peers, pytest.mark.process]


def run(
    script: str, *arguments: str | Path, fake: HeygenMock, cwd: Path
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HEYGEN_BASE_URL": fake.url, "HEYGEN_API_KEY": fake.key}
    return subprocess.run(
        [sys.executable, EXAMPLES / script, *arguments],
        cwd=cwd,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_speak_says_a_sentence_and_keeps_what_it_saw_and_heard(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    wishes = ["--emotion", "Excited", "--rate", "1.2", "--picture", "a.png", "--sound", "a.wav"]
    done = run("speak.py", "Great news, everyone!", *wishes, fake=heygen_mock, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (session,) = heygen_mock.sessions()
    assert (session["status"], session["closed_because"]) == ("closed", "stopped")
    assert (session["emotion"], session["quality"]) == ("excited", "medium")
    lines = [line.split() for line in done.stdout.splitlines()]
    # The event may overtake the answer to the call that caused it.
    assert [line[0] for line in lines if line[0] not in ("picture", "task")] == [
        *("session", "connected", "event", "event", "stopped", "received", "sound")
    ]
    assert sum(line[0] == "task" for line in lines) == 1
    assert [line[2] for line in lines if line[0] == "event"] == [
        "avatar_start_talking",
        "avatar_stop_talking",
    ]
    png = (tmp_path / "a.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1280, 720)
    with wave.open(str(tmp_path / "a.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (2, 48_000)
        samples = array("h", sound.readframes(sound.getnframes()))
    assert max(samples) > 2_000


def test_speak_shows_h264_and_asks_for_a_reply(heygen_mock: HeygenMock, tmp_path: Path) -> None:
    heygen_mock.replies(chat=["Fine."])
    options = ["--encoding", "H264", "--quality", "low", "--task-type", "chat"]
    done = run("speak.py", "How are you?", *options, fake=heygen_mock, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^picture +854x480", done.stdout, re.MULTILINE)
    (session,) = heygen_mock.sessions()
    assert session["video_encoding"] == "H264"


def test_speak_tells_a_refusal_in_one_line(heygen_mock: HeygenMock, tmp_path: Path) -> None:
    done = run("speak.py", "--avatar", "mock:trial-limit", fake=heygen_mock, cwd=tmp_path)
    text = '{"code":10015,"message":"Trial API limit reached"}'
    assert done.stderr == f"speak: streaming.new is refused, 400: {text}\n"
    assert done.returncode == 1


def test_speak_stops_the_session_when_a_later_call_is_refused(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    done = run("speak.py", "--avatar", "mock:rate-limit@sendTask", fake=heygen_mock, cwd=tmp_path)
    text = '{"code":400123,"message":"Exceed rate limit"}'
    assert done.stderr == f"speak: streaming.task is refused, 429: {text}\n"
    (session,) = heygen_mock.sessions()
    assert session["closed_because"] == "stopped"


def test_speak_says_how_to_start_what_does_not_answer(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    done = run("speak.py", "--url", "http://127.0.0.1:1", fake=heygen_mock, cwd=tmp_path)
    assert re.fullmatch(
        r"speak: nothing answers at http://127\.0\.0\.1:1 \(.*refused\); start `heygen-mock "
        r"serve`, or give another address with --url\n",
        done.stderr,
    )
    assert done.returncode == 1


@pytest.mark.heygen_mock(media="none")
def test_speak_gives_up_a_connection_that_does_not_come_and_stops_the_session(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    done = run("speak.py", "--patience", "0.5", fake=heygen_mock, cwd=tmp_path)
    assert done.stderr.startswith("speak: no WebRTC connection after 0.5 s: the server must serve")
    assert done.returncode == 1
    (session,) = heygen_mock.sessions()
    assert session["closed_because"] == "stopped"


def test_the_smallest_client_sees_and_hears_one_sentence(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    done = run("smallest_client.py", fake=heygen_mock, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [call["operation"] for call in heygen_mock.requests()] == [
        *("newSession", "startSession", "sendTask", "stopSession")
    ]
    assert re.search(r"^video: \d+ frames, the last .* 854x480", done.stdout, re.MULTILINE)
    assert re.search(r"^audio: \d+ frames, the last .* 48000Hz, stereo", done.stdout, re.MULTILINE)


def test_the_room_s_client_sees_the_avatar_and_talks_to_it(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    done = run("room_client.py", fake=heygen_mock, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (EXAMPLES.parent / "docs" / "howto" / "livekit-rooms.md").read_text()
    assert f"$ python examples/room_client.py\n{done.stdout}```" in page
    (session,) = heygen_mock.sessions()
    assert (session["version"], session["closed_because"]) == ("v2", "stopped")
