"""Talks to an avatar as the official SDK's voice chat does by WebSocket.

    python examples/voice_client.py question.wav

The recording must be 16-bit WAV; without one a tone is sent, as loud as a voice. Needs
`pip install livekit websockets`. It stops its session whatever happens.
"""

import asyncio
import json
import math
import os
import struct
import sys
import urllib.request
import wave
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from livekit import rtc
from websockets.asyncio.client import ClientConnection, connect

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


def microphone(arguments: list[str]) -> Iterator[tuple[bytes, int, int]]:
    """What is said, and a second of silence: samples, samples per second, channels."""
    rate, channels = 16_000, 1
    if arguments:
        with wave.open(arguments[0]) as recording:
            rate, channels = recording.getframerate(), recording.getnchannels()
            while block := recording.readframes(512):
                yield block, rate, channels
    else:
        samples = (round(6000 * math.sin(n / 8)) for n in range(rate))
        tone = b"".join(struct.pack("<h", sample) for sample in samples)
        for start in range(0, len(tone), 1024):
            yield tone[start : start + 1024], rate, channels
    for _ in range(rate // 512):
        yield bytes(1024 * channels), rate, channels


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def frame(pcm: bytes, rate: int, channels: int) -> bytes:
    """A pipecat.Frame with an AudioRawFrame, in protobuf."""
    audio = b"\x1a" + varint(len(pcm)) + pcm + b"\x20" + varint(rate) + b"\x28" + varint(channels)
    return b"\x12" + varint(len(audio)) + audio


async def listen(chat: ClientConnection) -> None:
    async for message in chat:
        event = json.loads(message)
        print(f"chat  {event['event_type']}  {event.get('message', '')}".rstrip())


async def main() -> None:
    sound = list(microphone(sys.argv[1:]))  # a file that cannot be read costs no session
    session = await asyncio.to_thread(post, "new", version="v2", quality="low")
    session_id = session["session_id"]
    query = urlencode({"session_id": session_id, "session_token": KEY, "silence_response": "false"})
    room, answered = rtc.Room(), asyncio.Event()

    @room.on("data_received")
    def received(packet: rtc.DataPacket) -> None:
        event = json.loads(packet.data)
        print(f"room  {event['type']}  {event.get('message', '')}".rstrip())
        if event["type"] == "avatar_stop_talking":
            answered.set()

    try:
        await asyncio.to_thread(post, "start", session_id=session_id)
        await room.connect(session["url"], session["access_token"])
        socket = URL.replace("http", "ws", 1) + "/v1/ws/streaming.chat?" + query
        async with connect(socket) as chat:
            told = asyncio.create_task(listen(chat))
            for pcm, rate, channels in sound:
                await chat.send(frame(pcm, rate, channels))
                await asyncio.sleep(len(pcm) / (2 * rate * channels))  # as fast as it was said
            await asyncio.wait_for(answered.wait(), 30)  # a silent file is never answered
        await told
    finally:
        await asyncio.to_thread(post, "stop", session_id=session_id)
        await room.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
