"""The WebRTC side of the reference clients: what is seen, and what the avatar tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from tests.clients.api import ClientError, Json


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the avatar, and when it was heard."""

    type: str
    task_id: object
    duration_ms: object
    at: float


class Viewer:
    """One peer connection. Whatever the server sends, it raises ClientError and nothing else.

    ``unpack`` takes the JSON out of a message of a data channel; None where there is none.
    """

    def __init__(
        self,
        servers: object,
        *,
        unpack: Callable[[str | bytes], str | bytes | None] = lambda message: message,
    ) -> None:
        self._unpack = unpack
        # What aiortc says of broken packets and lost peers is for developers of aiortc.
        logging.getLogger("aiortc").setLevel(logging.CRITICAL)
        logging.getLogger("aioice").setLevel(logging.CRITICAL)
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=_servers(servers)))
        self._news = asyncio.Event()
        self._pulls: list[asyncio.Task[None]] = []
        self._pictures = 0
        self.told: list[Told] = []
        self._peer.on("track", self._add_track)
        self._peer.on("datachannel", self._add_channel)
        self._peer.on("connectionstatechange", self._news.set)

    async def answer(self, offer: str) -> Json:
        """Takes the server's offer; the answer holds all candidates of this side."""
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except Exception as error:  # noqa: BLE001 - aiortc's parser raises of every kind
            said = f"{type(error).__name__}: {error!s:.80}"
            raise ClientError(f"the offer cannot be used ({said})") from None
        return {"type": "answer", "sdp": self._peer.localDescription.sdp}

    async def connected(self, seconds: float) -> None:
        await self._until(
            lambda: self._peer.connectionState == "connected",
            by=monotonic() + seconds,
            otherwise="no connection",
        )

    async def watching(self, seconds: float) -> None:
        await self._until(
            lambda: self._pictures > 0, by=monotonic() + seconds, otherwise="no picture"
        )

    async def hears(self, wanted: Callable[[Told], bool], *, nth: int = 1, by: float) -> Told:
        """The nth such event, heard before or still to come."""

        def heard() -> list[Told]:
            return [told for told in self.told if wanted(told)]

        await self._until(
            lambda: len(heard()) >= nth, by=by, otherwise="the avatar did not tell that it is done"
        )
        return heard()[nth - 1]

    async def close(self) -> None:
        for pull in self._pulls:  # the track of a connection that never came up never ends
            pull.cancel()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(0.5):
                await self._peer.close()

    async def _until(self, condition: Callable[[], bool], *, by: float, otherwise: str) -> None:
        try:
            async with asyncio.timeout(by - monotonic()):
                while not condition():
                    if self._peer.connectionState in ("failed", "closed"):
                        raise ClientError(f"{otherwise}: it is {self._peer.connectionState}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise ClientError(f"{otherwise} in time") from None

    def _add_track(self, track: MediaStreamTrack) -> None:
        self._pulls.append(asyncio.ensure_future(self._pull(track)))

    async def _pull(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                if track.kind == "video":
                    self._pictures += 1
                    self._news.set()

    def _add_channel(self, channel: RTCDataChannel) -> None:
        @channel.on("message")
        def heard(message: str | bytes) -> None:
            try:
                event = json.loads(self._unpack(message) or "")
            except (ValueError, RecursionError):
                return  # not of this protocol, or of a newer one
            if isinstance(event, dict):
                kind = str(event.get("type"))
                told = Told(kind, event.get("task_id"), event.get("duration_ms"), monotonic())
                self.told.append(told)
                self._news.set()


def _servers(given: object) -> list[RTCIceServer]:
    """Of the ICE servers of an answer those that can be used."""
    found = []
    for entry in given if isinstance(given, list) else []:
        if not isinstance(entry, dict):
            continue
        urls = entry.get("urls")
        usable = [
            url
            for url in (urls if isinstance(urls, list) else [urls])
            if isinstance(url, str) and url.startswith(("stun:", "turn:"))
        ]
        if usable:
            user, secret = entry.get("username"), entry.get("credential")
            found.append(RTCIceServer(urls=usable, username=user, credential=secret))
    return found
