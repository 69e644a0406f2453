"""The example of voice chat prints what its page shows, and says a recording too."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from mock_server.pytest_plugin import HeygenMock

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.peers, pytest.mark.process]


def run(fake: HeygenMock, *arguments: str) -> list[str]:
    """What it prints, sorted: the room's messages and the chat socket's go different ways."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "voice_client.py", *arguments],
        env={**os.environ, "HEYGEN_BASE_URL": fake.url, "HEYGEN_API_KEY": fake.key},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return sorted(done.stdout.splitlines())


def test_the_voice_client_is_heard_and_answered_as_the_page_shows(
    heygen_mock: HeygenMock, tmp_path: Path
) -> None:
    script = {"heard": "Are you open on Sundays?", "chat": "We are open every day but Monday."}
    heygen_mock.replies(heard=[script["heard"]], chat=[script["chat"], "Yes."])
    page = (ROOT / "docs" / "howto" / "voice-chat.md").read_text()
    shown = page.partition("$ python examples/voice_client.py\n")[2].partition("```")[0]
    assert run(heygen_mock) == sorted(shown.splitlines())
    (session,) = heygen_mock.sessions()
    assert (session["version"], session["closed_because"]) == ("v2", "stopped")
    with wave.open(str(tmp_path / "question.wav"), "wb") as recording:
        recording.setnchannels(2)
        recording.setsampwidth(2)
        recording.setframerate(44_100)
        recording.writeframes(b"\x00\x10\x00\xf0\x00\xf0\x00\x10" * 11_025)
    lines = run(heygen_mock, str(tmp_path / "question.wav"))
    assert "chat  user_talking_message  Hello, can you hear me?" in lines
