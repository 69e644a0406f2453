"""The LiveKit side of the reference clients of v2: one visit to a room, by its signalling."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic
from urllib.parse import urlencode

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.clients.api import ClientError

AVATAR = "heygen"
Answer = Callable[[str], Awaitable[str]]
"""The server's offer -> what this side answers. Raises ClientError."""

Read = Callable[[str | bytes], rtc.SignalResponse]


def read(data: str | bytes) -> rtc.SignalResponse:
    """A message of the server; what cannot be read is one of a kind that nobody knows."""
    with contextlib.suppress(DecodeError):
        if isinstance(data, bytes):
            return rtc.SignalResponse.FromString(data)
    return rtc.SignalResponse()


class Signalling:
    """Comes back by itself, once, when its WebSocket breaks.

    Whatever the server sends, it raises ClientError and nothing else.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        answer: Answer,
        seconds: float | None,
        read: Read = read,
    ) -> None:
        """``seconds`` is the longest wait for the first message, None for ever."""
        self._url = f"{url}/rtc"
        self._query = {"access_token": token, "auto_subscribe": "1", "protocol": "15"}
        self._answer = answer
        self._seconds = seconds
        self._read = read
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: ClientConnection | None = None
        self._sid = ""
        self._quiet: float | None = None
        self._came_back = False
        self._mistake: BaseException | None = None
        self.avatar: models.ParticipantInfo | None = None
        self.answered = 0
        self.resumed = False
        self.published: list[str] = []
        self.over = ""
        """Why it has ended; empty while it lasts."""

    async def join(self) -> None:
        """Returns when the room has let this viewer in. Raises ClientError."""
        first = await self._connect({})
        if first.WhichOneof("message") != "join":
            raise ClientError(f"the room begins with {first.WhichOneof('message')}")
        self._sid = first.join.participant.sid
        self._see(first.join.other_participants)
        self._quiet = first.join.ping_timeout or None
        self._tasks = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._ping(max(1, first.join.ping_interval))),
        ]
        for task in self._tasks:
            task.add_done_callback(self._fallen)

    async def until(
        self, condition: Callable[[], object], seconds: float | None, *, otherwise: str
    ) -> None:
        """Waits for something that the room tells. Raises ClientError."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    if self._mistake is not None:
                        raise self._mistake
                    if self.over:
                        raise ClientError(f"{otherwise}: {self.over}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise ClientError(f"{otherwise} in time") from None

    async def say(self, request: rtc.SignalRequest) -> None:
        with contextlib.suppress(WebSocketException, OSError):
            if self._socket is not None:
                await self._socket.send(request.SerializeToString())

    async def close(self) -> None:
        """Takes its leave."""
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            await self.say(rtc.SignalRequest(leave=rtc.LeaveRequest()))
            with contextlib.suppress(Exception):
                async with asyncio.timeout(0.3):
                    await self._socket.close()

    async def _connect(self, more: dict[str, str]) -> rtc.SignalResponse:
        url = f"{self._url}?{urlencode({**self._query, **more})}"
        try:
            async with asyncio.timeout(self._seconds):
                self._socket = await connect(
                    url, open_timeout=None, ping_interval=None, max_size=None
                )
                return self._read(await self._socket.recv())
        except TimeoutError:
            raise ClientError("the room does not answer in time") from None
        except (WebSocketException, OSError) as error:
            raise ClientError(f"the room cannot be joined ({error!s:.80})") from None

    async def _listen(self) -> None:
        while not self.over:
            assert self._socket is not None
            try:
                async with asyncio.timeout(self._quiet):
                    data = await self._socket.recv()
            except TimeoutError:
                self._end("the room answers no ping")
            except (WebSocketException, OSError) as error:
                await self._return(error)
            else:
                await self._take(self._read(data))

    async def _return(self, error: Exception) -> None:
        if self._came_back:
            self._end(f"its WebSocket ended ({error!s:.80})")
            return
        self._came_back = True
        try:
            await self._take(await self._connect({"reconnect": "1", "sid": self._sid}))
        except ClientError as failure:
            self._end(str(failure))

    async def _take(self, message: rtc.SignalResponse) -> None:
        match message.WhichOneof("message"):
            case "offer":
                try:
                    sdp = await self._answer(message.offer.sdp)
                except ClientError as error:
                    self._end(str(error))
                    return
                answer = rtc.SessionDescription(type="answer", sdp=sdp)
                await self.say(rtc.SignalRequest(answer=answer))
                self.answered += 1
            case "reconnect":
                self.resumed = True
            case "update":
                self._see(message.update.participants)
            case "track_published":
                self.published.append(message.track_published.cid)
            case "leave":
                self._end(f"told to leave, reason {message.leave.reason}")
        self._news.set()

    def _see(self, others: Iterable[models.ParticipantInfo]) -> None:
        for other in others:
            if other.identity == AVATAR:
                self.avatar = other

    async def _ping(self, interval: float) -> None:
        while not self.over:
            await asyncio.sleep(interval)
            await self.say(rtc.SignalRequest(ping=int(monotonic() * 1000)))

    def _fallen(self, task: asyncio.Task[None]) -> None:
        """A mistake of this side, which nobody awaits, is one of whoever waits for the room."""
        if not task.cancelled():
            self._mistake = task.exception()
            self._news.set()

    def _end(self, why: str) -> None:
        self.over = self.over or why
        self._news.set()
