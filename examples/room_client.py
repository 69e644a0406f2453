"""The smallest client of version v2: one sentence in a LiveKit room, and one to the avatar.

Needs `pip install livekit`. It stops its session whatever happens.
"""

import asyncio
import json
import os
import urllib.request
from typing import Any

from livekit import rtc

URL = os.environ.get("HEYGEN_BASE_URL", "http://127.0.0.1:8000")
KEY = os.environ.get("HEYGEN_API_KEY", "test-key")


def post(name: str, **body: object) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the address is the user's own
        f"{URL}/v1/streaming.{name}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Api-Key": KEY},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)["data"]


async def first_picture(track: rtc.Track) -> None:
    stream = rtc.VideoStream(track)
    async for event in stream:
        print(f"picture    {event.frame.width}x{event.frame.height}")
        break
    await stream.aclose()


async def main() -> None:
    session = await asyncio.to_thread(post, "new", version="v2", quality="low")
    session_id = session["session_id"]
    room, silent = rtc.Room(), asyncio.Semaphore(0)
    # The avatar can be told something once it has a viewer.
    video: asyncio.Future[rtc.Track] = asyncio.get_running_loop().create_future()

    @room.on("track_subscribed")
    def subscribed(track: rtc.Track, *_: object) -> None:
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            video.set_result(track)

    @room.on("data_received")
    def received(packet: rtc.DataPacket) -> None:
        event = json.loads(packet.data)
        print(f"event      {event['type']}  {event.get('message', '')}".rstrip())
        if event["type"] == "avatar_stop_talking":
            silent.release()

    try:
        await asyncio.to_thread(post, "start", session_id=session_id)
        await room.connect(session["url"], session["access_token"])
        await first_picture(await video)
        task = {"text": "Hello, room!", "task_type": "repeat"}
        await asyncio.to_thread(post, "task", session_id=session_id, **task)
        await silent.acquire()
        # What the user says to the avatar goes through the room: a JSON string as a data packet.
        await room.local_participant.publish_data(json.dumps("Who are you?"))
        await silent.acquire()
    finally:
        await asyncio.to_thread(post, "stop", session_id=session_id)
        await room.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
