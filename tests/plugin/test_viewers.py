"""The check for open sessions with a real viewer, in the event loop of the test."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from mock_server.pytest_plugin import HeygenMock

pytestmark = pytest.mark.peers


def post(mock: HeygenMock, name: str, **body: object) -> Any:
    request = urllib.request.Request(
        f"{mock.url}/v1/streaming.{name}",
        data=json.dumps(body).encode(),
        headers={"X-Api-Key": mock.key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["data"]


async def connect(mock: HeygenMock) -> RTCPeerConnection:
    session = await asyncio.to_thread(post, mock, "new", quality="low")
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connected = asyncio.Event()

    @peer.on("connectionstatechange")
    def changed() -> None:
        if peer.connectionState == "connected":
            connected.set()

    await peer.setRemoteDescription(RTCSessionDescription(**session["sdp"]))
    await peer.setLocalDescription(await peer.createAnswer())
    answer = {"type": "answer", "sdp": peer.localDescription.sdp}
    await asyncio.to_thread(post, mock, "start", session_id=session["session_id"], sdp=answer)
    async with asyncio.timeout(20):
        await connected.wait()
    return peer


def test_a_viewer_that_the_test_has_closed_counts_as_gone(heygen_mock: HeygenMock) -> None:
    """No stop call: the fixture fails at teardown unless the session ends by itself."""

    async def scenario() -> None:
        peer = await connect(heygen_mock)
        await peer.close()

    asyncio.run(scenario())


@pytest.mark.heygen_mock(leak_check=False)
def test_the_next_test_begins_although_a_viewer_stays(heygen_mock: HeygenMock) -> None:
    async def scenario() -> None:
        peer = await connect(heygen_mock)
        heygen_mock.reset()
        assert heygen_mock.sessions() == []
        await peer.close()

    asyncio.run(scenario())
