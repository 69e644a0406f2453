"""The smallest client: one sentence, seen and heard.

It bears no misbehaviour, and stops no session when something goes wrong: examples/speak.py is a
careful one.
"""

import asyncio
import contextlib
import json
import os
import urllib.request
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

URL = os.environ.get("HEYGEN_BASE_URL", "http://127.0.0.1:8000")
KEY = os.environ.get("HEYGEN_API_KEY", "test-key")


def post(name: str, **body: object) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the address is the user's own
        f"{URL}/v1/streaming.{name}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Api-Key": KEY},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)["data"]


async def receive(track: MediaStreamTrack) -> None:
    frames, frame = 0, None
    with contextlib.suppress(MediaStreamError):  # the end of the track
        while True:
            frame = await track.recv()  # an av.VideoFrame or av.AudioFrame
            frames += 1
    print(f"{track.kind}: {frames} frames, the last {frame}")


async def main() -> None:
    session = await asyncio.to_thread(post, "new", quality="low")
    session_id = session["session_id"]
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    open_channel, silent, tracks = asyncio.Event(), asyncio.Event(), list[asyncio.Task[None]]()
    peer.on("track", lambda track: tracks.append(asyncio.create_task(receive(track))))

    @peer.on("datachannel")
    def opened(channel: RTCDataChannel) -> None:
        open_channel.set()

        @channel.on("message")
        def heard(message: bytes) -> None:
            event = json.loads(message)
            print(event)
            if event["type"] == "avatar_stop_talking":
                silent.set()

    await peer.setRemoteDescription(
        RTCSessionDescription(session["sdp"]["sdp"], session["sdp"]["type"])
    )
    await peer.setLocalDescription(await peer.createAnswer())
    answer = {"type": "answer", "sdp": peer.localDescription.sdp}
    await asyncio.to_thread(post, "start", session_id=session_id, sdp=answer)
    await open_channel.wait()
    await asyncio.to_thread(post, "task", session_id=session_id, text="Hello, world!")
    await silent.wait()
    await asyncio.to_thread(post, "stop", session_id=session_id)
    await peer.close()
    await asyncio.gather(*tracks)


if __name__ == "__main__":
    asyncio.run(main())
