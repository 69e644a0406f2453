"""What one would write without this project: aiortc, stock senders, an encoder per session.

``python -m bench.live_server`` speaks the same three calls as the fake. Its pictures and sounds
are the fake's, decoded before, so that nothing but encoding and sending is compared.
"""

from __future__ import annotations

import asyncio
import math
import socket
import time
import uuid
from fractions import Fraction

import aioice.ice
import uvicorn
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from av import AudioFrame, VideoFrame
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.live_frames import FRAME, SOUND, Show, pictures, record

_READY = 4


class Grid:
    """Numbers of due steps; late ones are left out."""

    def __init__(self, epoch: float, step: float) -> None:
        self._epoch = epoch
        self._step = step
        self._number = -1

    async def next(self) -> int:
        now = time.monotonic()
        self._number = max(self._number + 1, math.floor((now - self._epoch) / self._step))
        await asyncio.sleep(max(0.0, self._epoch + self._number * self._step - now))
        return self._number


class Picture(MediaStreamTrack):
    kind = "video"

    def __init__(self, show: Show, frames: tuple[VideoFrame, ...], epoch: float) -> None:
        super().__init__()
        self._show = show
        self._frames = frames
        self._grid = Grid(epoch, FRAME)

    async def recv(self) -> VideoFrame:
        number = await self._grid.next()
        frame = self._frames[self._show.states[number % len(self._show.states)]]
        frame.pts = number * 3600
        frame.time_base = Fraction(1, 90000)
        return frame


class Sound(MediaStreamTrack):
    kind = "audio"

    def __init__(self, show: Show, epoch: float) -> None:
        super().__init__()
        self._show = show
        self._grid = Grid(epoch, SOUND)

    async def recv(self) -> AudioFrame:
        number = await self._grid.next()
        # Shared by all sessions: at the same moment they all give it the same number.
        frame = self._show.sounds[number % len(self._show.sounds)]
        frame.pts = number * 960
        frame.time_base = Fraction(1, 48000)
        return frame


class Live:
    """The calls of the server."""

    def __init__(self) -> None:
        self._show = record()
        self._epoch = time.monotonic()
        # Decoded before anybody asks, so that opening a session does not wait for it.
        self._frames = [pictures() for _ in range(_READY)]
        self._sessions: dict[str, tuple[RTCPeerConnection, tuple[VideoFrame, ...]]] = {}

    async def new(self, request: Request) -> JSONResponse:
        session_id = uuid.uuid4().hex
        frames = self._frames.pop() if self._frames else pictures()
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.addTrack(Picture(self._show, frames, self._epoch))
        peer.addTrack(Sound(self._show, self._epoch))
        await peer.setLocalDescription(await peer.createOffer())
        self._sessions[session_id] = peer, frames
        sdp = {"type": "offer", "sdp": peer.localDescription.sdp}
        return JSONResponse({"data": {"session_id": session_id, "sdp": sdp}})

    async def start(self, request: Request) -> JSONResponse:
        body = await request.json()
        peer, _ = self._sessions[body["session_id"]]
        await peer.setRemoteDescription(RTCSessionDescription(body["sdp"]["sdp"], "answer"))
        return JSONResponse({})

    async def stop(self, request: Request) -> JSONResponse:
        peer, frames = self._sessions.pop((await request.json())["session_id"])
        await peer.close()
        self._frames.append(frames)
        return JSONResponse({})

    async def nothing(self, request: Request) -> JSONResponse:
        """It speaks all the time."""
        return JSONResponse({})


def main() -> None:
    found = aioice.ice.get_host_addresses
    if not found(use_ipv4=True, use_ipv6=False):
        # aioice leaves out loopback, which is all that a machine without network has.
        aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    live = Live()
    calls = {
        "new": live.new,
        "start": live.start,
        "stop": live.stop,
        "task": live.nothing,
        "interrupt": live.nothing,
    }
    app = Starlette(
        routes=[Route(f"/v1/streaming.{n}", call, methods=["POST"]) for n, call in calls.items()]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"Listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app, http="httptools", loop="asyncio", log_level="error", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
