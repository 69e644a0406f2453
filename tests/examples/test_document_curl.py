"""The curl examples of the API's own document, with real curl, on a fake with real media.

They are as the document has them, but for scheme and host. ``interrupt`` and ``create_token`` have
no example there; theirs are written like the others.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_server import MockServer
from tests.rtc.viewer import Viewer, eventually
from tests.rtc.viewer import run as run_peers

SERVICE = "https://api.heygen.com"
NEW = r"""curl --request POST \
  --url https://api.heygen.com/v1/streaming.new \
  --header 'content-type: application/json' \
  --header 'x-api-key: YOUR_API_KEY' \
  --data '{
    "quality": "medium",
    "avatar_id": "AVATAR_ID",
    "voice": {
      "voice_name": "Emma",
      "rate": 1.2,
      "emotion": "Friendly"
    },
    "video_encoding": "VP8"
  }'"""
START = r"""curl --request POST \
  --url https://api.heygen.com/v1/streaming.start \
  --header 'content-type: application/json' \
  --header 'x-api-key: YOUR_API_KEY' \
  --data '{
    "session_id": "SESSION_ID",
    "sdp": {
      "type": "offer",
      "sdp": "SDP_DATA"
    }
  }'"""
ICE = r"""curl --request POST \
  --url https://api.heygen.com/v1/streaming.ice \
  --header 'content-type: application/json' \
  --header 'x-api-key: YOUR_API_KEY' \
  --data '{
    "session_id": "SESSION_ID",
    "candidate": {
      "candidate": "CANDIDATE",
      "sdpMid": "0",
      "sdpMLineIndex": 0,
      "usernameFragment": "USERNAME_FRAGMENT"
    }
  }'"""
TASK = r"""curl --request POST \
  --url https://api.heygen.com/v1/streaming.task \
  --header 'content-type: application/json' \
  --header 'x-api-key: YOUR_API_KEY' \
  --data '{
    "session_id": "SESSION_ID",
    "text": "Hello, welcome to the meeting!",
    "task_mode": "sync",
    "task_type": "repeat"
  }'"""
LIST = r"""curl --request GET \
  --url https://api.heygen.com/v1/streaming.list \
  --header 'accept: application/json' \
  --header 'x-api-key: YOUR_API_KEY'"""
STOP = r"""curl --request POST \
  --url https://api.heygen.com/v1/streaming.stop \
  --header 'content-type: application/json' \
  --header 'x-api-key: YOUR_API_KEY' \
  --data '{
    "session_id": "SESSION_ID"
  }'"""
INTERRUPT = STOP.replace("streaming.stop", "streaming.interrupt")
CREATE_TOKEN = r"""curl --request POST \
  --url https://api.heygen.com/v1/streaming.create_token \
  --header 'x-api-key: YOUR_API_KEY'"""

UNKNOWN = {"code": 400004, "message": "Session does not exist. SessionID: SESSION_ID"}

pytestmark = [
    pytest.mark.peers,
    pytest.mark.process,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]


class Curl:
    """Runs commands as one would in a shell."""

    def __init__(self, url: str, home: Path) -> None:
        self._url = url
        self._environment = {**os.environ, "CURL_HOME": str(home)}
        # The status comes behind the body, so that the commands stay as they are.
        (home / ".curlrc").write_text('silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')

    def __call__(self, command: str, values: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON; ``values`` stand in JSON texts in place of placeholders."""
        command = command.replace(SERVICE, self._url)
        for placeholder, value in (values or {}).items():
            assert f'"{placeholder}"' in command
            command = command.replace(f'"{placeholder}"', json.dumps(value))
        done = subprocess.run(
            ["bash", "-c", command],
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (done.returncode, done.stderr) == (0, "")
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)


@pytest.fixture
def curl(tmp_path: Path) -> Iterator[Curl]:
    with MockServer() as fake:
        yield Curl(fake.url, tmp_path)


def candidates(description: str) -> list[str]:
    return re.findall(r"^a=(candidate:.*)\r$", description, re.MULTILINE)


def without_candidates(description: str) -> str:
    """As a client sends it that submits its candidates one by one."""
    return re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", description)


def test_the_examples_work_with_the_values_of_a_live_peer(curl: Curl) -> None:
    async def ask(command: str, **values: str) -> Any:
        status, body = await asyncio.to_thread(curl, command, values)
        assert status == 200, body
        return body

    async def main() -> None:
        viewer = Viewer()
        try:
            await converse(viewer)
        finally:
            await viewer.close()

    async def converse(viewer: Viewer) -> None:
        new = await ask(NEW)
        assert (new["code"], new["message"]) == (100, "success")
        assert new["data"]["ice_servers"] == []
        assert new["data"]["sdp"]["type"] == "offer"
        session_id = new["data"]["session_id"]

        viewer.peer.addTransceiver("video", direction="recvonly")
        viewer.peer.addTransceiver("audio", direction="recvonly")
        viewer.open_channel("mine")
        offer = await viewer.offer()
        start = await ask(START, SESSION_ID=session_id, SDP_DATA=without_candidates(offer))
        assert start["status"] == "success"
        assert start["data"]["sdp"]["type"] == "answer"
        await viewer.take(start["data"]["sdp"]["sdp"])

        fragment = re.findall(r"^a=ice-ufrag:(.*)\r$", offer, re.MULTILINE)[0]
        local = sorted(set(candidates(offer)))
        assert local != []
        for candidate in local:
            sent = {"CANDIDATE": candidate, "USERNAME_FRAGMENT": fragment}
            assert (await ask(ICE, SESSION_ID=session_id, **sent))["status"] == "success"
        await eventually(lambda: viewer.pictures and viewer.channels[0].readyState == "open")
        assert (viewer.pictures[0].width, viewer.pictures[0].height) == (1280, 720)

        listed = await ask(LIST)
        (one,) = listed["sessions"]
        assert (one["session_id"], one["status"]) == (session_id, "connected")
        assert isinstance(one["created_at"], int)

        task = await ask(TASK, SESSION_ID=session_id)
        assert isinstance(task["duration_ms"], float)
        assert 1000 < task["duration_ms"] < 3000
        assert (await ask(INTERRUPT, SESSION_ID=session_id))["code"] == 100
        await eventually(lambda: len(viewer.messages) == 4)
        for label in ("events", "mine"):  # the server's channel, and the one of the offer
            texts = [m for name, m in viewer.messages if name == label and isinstance(m, bytes)]
            started, stopped = map(json.loads, texts)
            assert started == {"type": "avatar_start_talking", "task_id": task["task_id"]}
            assert (stopped["type"], stopped["task_id"]) == ("avatar_stop_talking", task["task_id"])
            assert 0 < stopped["duration_ms"] < task["duration_ms"]

        assert (await ask(STOP, SESSION_ID=session_id))["status"] == "success"
        assert (await ask(LIST))["sessions"] == []
        await eventually(lambda: viewer.peer.connectionState == "closed")

    run_peers(main)


def test_an_answer_to_the_servers_offer_works_in_the_same_command(curl: Curl) -> None:
    async def main() -> None:
        viewer = Viewer()
        try:
            _, new = await asyncio.to_thread(curl, NEW)
            answer = await viewer.answer(new["data"]["sdp"]["sdp"])
            values = {"SESSION_ID": new["data"]["session_id"], "SDP_DATA": answer}
            command = START.replace('"type": "offer"', '"type": "answer"')
            status, start = await asyncio.to_thread(curl, command, values)
            assert (status, start["status"]) == (200, "success")
            await eventually(lambda: viewer.pictures)
        finally:
            await viewer.close()

    run_peers(main)


def test_create_token_gives_a_token(curl: Curl) -> None:
    status, body = curl(CREATE_TOKEN)
    assert status == 200
    assert body["error"] is None
    token = body["data"]["token"]
    assert isinstance(token, str)
    authorized = NEW.replace("x-api-key: YOUR_API_KEY", f"authorization: Bearer {token}")
    assert curl(authorized)[0] == 200
    assert curl(authorized) == (401, {"code": 400112, "message": "Unauthorized"})


@pytest.mark.parametrize(
    "command",
    [START, ICE, TASK, STOP, INTERRUPT],
    ids=["start", "ice", "task", "stop", "interrupt"],
)
def test_with_the_placeholders_left_in_no_session_is_found(curl: Curl, command: str) -> None:
    assert curl(command) == (400, UNKNOWN)


def test_with_a_real_session_the_other_placeholders_are_refused(curl: Curl) -> None:
    session_id = curl(NEW)[1]["data"]["session_id"]
    for command, code, start in (
        (START, 400, "peer start failed,please check the answer"),
        (ICE, 400175, "Invalid parameter: candidate"),
        (TASK, 10001, "session state wrong: new"),
    ):
        status, body = curl(command, {"SESSION_ID": session_id})
        assert (status, body["code"]) == (400, code)
        assert body["message"].startswith(start)
    assert curl(INTERRUPT, {"SESSION_ID": session_id})[0] == 200
    assert curl(STOP, {"SESSION_ID": session_id})[0] == 200
    again = {"code": 10005, "message": "session state wrong: closed"}
    assert curl(STOP, {"SESSION_ID": session_id}) == (400, again)
