"""The process of a viewer that decodes: aiortc as it stands, asked by lines of JSON.

``python -m bench.decoder URL``
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from bench.service import Service
from bench.signalling import Signalling

_PATIENCE = 30.0


class Decoder:
    """Opens one session at a time and decodes its pictures."""

    def __init__(self, url: str) -> None:
        self._service = Service(url)
        self._session_id = ""
        self._line: Signalling | None = None
        self._peer: RTCPeerConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._frames = 0
        self._first = 0.0
        self._size = 0, 0
        self._seen = asyncio.Event()

    async def open(self, version: str = "v1") -> dict[str, object]:
        """Milliseconds from ``streaming.new`` to the first decoded frame, and its size."""
        self._seen.clear()
        began = time.perf_counter()
        if version == "v2":
            self._session_id, self._line = self._service.room()
            offer = self._line.offer()
        else:
            self._session_id, offer = self._service.new()
        peer = self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.on("track", self._take)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        answer = peer.localDescription.sdp
        if self._line is not None:
            self._line.answer(answer)
        else:
            await asyncio.to_thread(self._service.start, self._session_id, answer)
        async with asyncio.timeout(_PATIENCE):
            await self._seen.wait()
        return {"ms": (self._first - began) * 1000, "size": self._size}

    async def watch(self, seconds: float) -> dict[str, object]:
        """Decoded frames in so many seconds, and the time it really took."""
        began, before = time.perf_counter(), self._frames
        await asyncio.sleep(seconds)
        return {"seconds": time.perf_counter() - began, "frames": self._frames - before}

    async def close(self) -> dict[str, object]:
        """Ends the session."""
        await asyncio.to_thread(self._service.stop, self._session_id)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()
        if self._peer is not None:
            await self._peer.close()
            self._peer = None
        if self._line is not None:
            self._line.close()
            self._line = None
        return {}

    def _take(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.create_task(self._consume(track)))

    async def _consume(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if not isinstance(frame, VideoFrame):
                    continue
                self._frames += 1
                if not self._seen.is_set():
                    self._first = time.perf_counter()
                    self._size = frame.width, frame.height
                    self._seen.set()


async def serve(url: str) -> None:
    decoder = Decoder(url)
    actions: dict[str, Any] = {
        "open": decoder.open,
        "watch": decoder.watch,
        "close": decoder.close,
    }
    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        try:
            answer = await actions[command.pop("do")](**command)
        except Exception as error:  # noqa: BLE001 - told to the one who asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
