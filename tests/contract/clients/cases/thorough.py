"""Clients that call everything and mind nothing, so that every case has its occasion."""

from __future__ import annotations

import asyncio
import http.client
import json
from contextlib import closing, suppress
from time import monotonic
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from livekit.protocol import models, rtc
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from contract.clients.runner import Address, Ended, Watch
from contract.sdp import SdpError
from contract.viewers.paper import write_answer
from tests.clients.api import ClientError
from tests.clients.signalling import Signalling
from tests.clients.viewer import Viewer

_PATIENCE = 0.3
"""Seconds for an answer."""


class Thorough:
    """A client in this process: it calls every operation, whatever comes back.

    ``video``: it connects and watches; ``paper``: it only writes answers that fit; ``room``: it
    does so in a room of v2, beside which it opens a chat socket.
    """

    def __init__(self, by: Literal["video", "paper", "room"]) -> None:
        self._do = {"video": self._video, "paper": self._paper, "room": self._room}[by]

    def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
        """Runs it once."""
        began = monotonic()
        asyncio.run(self._do(at))
        return Ended(monotonic() - began, 0)

    async def _paper(self, at: Address) -> None:
        api = _Api(at)
        for path in ("/v1/streaming/avatar.list", "/v2/voices"):
            api.call(path, method="GET")
        api.post("create_token")
        session_id, offer = api.open()
        with suppress(SdpError, ValueError):
            answer = write_answer(session_id, offer)
            start = {"session_id": session_id, "sdp": {"type": "answer", "sdp": answer}}
            for _ in range(2):
                api.post("start", start)
        mine = {"session_id": session_id}
        api.post("ice", {**mine, "candidate": None})
        for name in ("start_listening", "stop_listening", "keep_alive"):
            api.post(name, mine)
        api.post("task", {**mine, "text": "Hi."})
        api.advance(0.25)
        api.post("task", {**mine, "text": "Hi."})
        api.post("interrupt", mine)
        api.advance(5)
        for _ in range(2):  # the second list is of what is over
            api.call("/v1/streaming.list", method="GET")
            api.post("stop", mine)
        api.call("/v1/streaming.list", method="GET")

    async def _video(self, at: Address) -> None:
        api = _Api(at)
        session_id, offer = api.open()
        viewer = Viewer([])
        mine = {"session_id": session_id}
        try:
            with suppress(ClientError):
                answer = await viewer.answer(offer)
                await asyncio.to_thread(api.post, "start", {**mine, "sdp": answer})
                await viewer.connected(1)
                await asyncio.to_thread(api.post, "task", {**mine, "text": "Hello there!"})
                await asyncio.sleep(0.7)
        finally:
            await asyncio.to_thread(api.post, "stop", mine)
            await viewer.close()

    async def _room(self, at: Address) -> None:
        api = _Api(at)
        opened = api.post("new", {"version": "v2"})["data"]
        mine = {"session_id": opened["session_id"]}
        api.post("start", mine)

        async def answer(offer: str) -> str:
            return write_answer(opened["session_id"], offer)

        url, token = str(opened.get("url")), str(opened.get("access_token"))
        room = Signalling(url, token, answer=answer, seconds=_PATIENCE)
        query = urlencode({**mine, "session_token": at.key})
        try:
            with suppress(ClientError):
                await room.join()
                track = rtc.AddTrackRequest(cid="mic", type=models.AUDIO)
                await room.say(rtc.SignalRequest(ping=1))
                await room.say(rtc.SignalRequest(add_track=track))
                await room.until(lambda: room.answered, _PATIENCE, otherwise="no offer")
            with suppress(OSError, WebSocketException, TimeoutError):
                url = f"{at.url.replace('http', 'ws')}/v1/ws/streaming.chat?{query}"
                async with asyncio.timeout(_PATIENCE / 2), connect(url, ping_interval=None) as chat:
                    await chat.recv()
            await asyncio.to_thread(api.post, "task", {**mine, "text": "Hi."})
        finally:
            await room.close()
            await asyncio.to_thread(api.post, "stop", mine)


class _Api:
    def __init__(self, at: Address) -> None:
        parts = urlsplit(at.url)
        self._host, self._port, self._key = parts.hostname or "", parts.port, at.key

    def open(self) -> tuple[str, str]:
        """The session's id and its offer; empty texts where neither of two calls tells them."""
        for _ in range(2):
            data: Any = self.post("new").get("data")
            with suppress(TypeError, KeyError):
                return str(data["session_id"]), str(data["sdp"]["sdp"])
        return "", ""

    def post(self, name: str, body: object = None) -> dict[str, Any]:
        return self.call(f"/v1/streaming.{name}", body or {})

    def advance(self, seconds: float) -> None:
        self.call("/__mock__/clock", {"advance": seconds})

    def call(self, path: str, body: object = None, *, method: str = "POST") -> dict[str, Any]:
        """The answer, if it is a JSON object."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE)
        headers = {"X-Api-Key": self._key, "Content-Type": "application/json"}
        with closing(connection), suppress(OSError, http.client.HTTPException, ValueError):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            found = json.loads(connection.getresponse().read())
            return found if isinstance(found, dict) else {}
        return {}
