"""Where LiveKit clients come in: ``/rtc`` and ``/rtc/validate``.

Version 0 of the path only: clients try ``/rtc/v1`` first and fall back when that is answered 404.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mock_server.core.access_token import Grant, TokenError
from mock_server.core.faults.plan import Deviation, FaultPlan
from mock_server.handshake import deny

if TYPE_CHECKING:
    from mock_server.livekit.odd_visit import OddVisit, OddVisits
    from mock_server.livekit.participant import Line
    from mock_server.livekit.room import LiveRoom
    from mock_server.livekit.rooms import LiveRooms

MAX_UNSENT = 300
"""Messages for a client that does not read; then it is let go."""
LINGER = 5.0
"""Seconds that a client has to read what is left for it, once it is let go."""
MAX_MESSAGE = 262_144

Check = Callable[[str], Grant]
"""The text of a token -> whom it lets in. Raises TokenError."""


class SocketLine:
    """Implements ``participant.Line`` over one WebSocket."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._over = False
        self._code = 1000
        self.done = asyncio.create_task(self._write(), name="signalling")

    def send(self, message: bytes) -> None:
        if self._over:
            return
        self._queue.put_nowait(message)
        if self._queue.qsize() > MAX_UNSENT:
            self.hang_up()

    def hang_up(self, code: int = 1000) -> None:
        if not self._over:
            self._over, self._code = True, code
            self._queue.put_nowait(None)
            asyncio.get_running_loop().call_later(LINGER, self.done.cancel)

    async def _write(self) -> None:
        # The client may be gone, in as many ways as there are WebSocket libraries.
        with contextlib.suppress(Exception):
            while (message := await self._queue.get()) is not None:
                await self._send({"type": "websocket.send", "bytes": message})
            await self._send({"type": "websocket.close", "code": self._code})


class Door:
    """The signalling endpoint, as an ASGI application for WebSockets and for its validation.

    ``note`` is told the path and the status of everything that is answered, None for what never
    is, and the places in the plan of what made it so; ``deviated`` the session and what went wrong
    with a visit to its room as ``faults`` asked.
    """

    def __init__(
        self,
        rooms: Callable[[], Awaitable[LiveRooms]],
        *,
        check: Check,
        note: Callable[[str, int | None, Sequence[int]], None],
        faults: FaultPlan,
        deviated: Callable[[str, Deviation], None],
    ) -> None:
        self._rooms = rooms
        self._check = check
        self._note = note
        self._faults = faults
        self._deviated = deviated
        self._odd: OddVisits | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query, headers = QueryParams(scope["query_string"]), Headers(scope=scope)
        status, text, grant = self._judge(query, headers)
        rooms = await self._rooms()
        room = None if grant is None else rooms.find(grant.room)
        if grant is not None and room is None:
            status, text = 404, "requested room does not exist"
        elif grant is not None and room is not None:
            why = room.refusal(grant.identity)
            if why is not None:
                status, text, room = 401, why, None
        is_socket, again = scope["type"] == "websocket", _comes_back(query)
        visit = None
        if grant is not None and room is not None:
            visit = self._visit(room, grant, new=is_socket and not again)
            if visit is not None and not again and visit.spoils(scope):
                self._note(scope["path"], *visit.answered)
                await visit.spoil(scope, receive, send)
                return
        self._note(scope["path"], 101 if is_socket and room is not None else status, ())
        if not is_socket:
            await PlainTextResponse(text, status_code=status)(scope, receive, send)
            return
        await receive()  # websocket.connect
        if grant is None or room is None:
            await deny(send, status=status, content=text.encode())
            return
        await send({"type": "websocket.accept"})
        await self._serve(rooms, grant, query, receive, send, visit=visit)

    def _visit(self, room: LiveRoom, grant: Grant, *, new: bool) -> OddVisit | None:
        """What goes wrong with a visit that begins now, or goes on; None for a right one."""
        due = self._faults.meet("room") if new else ()
        if due and self._odd is None:
            from mock_server.livekit.odd_visit import OddVisits  # noqa: PLC0415

            self._odd = OddVisits(self._deviated)
        if self._odd is None:
            return None
        return self._odd.begin(room, grant, due) if new else self._odd.find(room, grant)

    def _judge(self, query: QueryParams, headers: Headers) -> tuple[int, str, Grant | None]:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        token = query.get("access_token") or (bearer if scheme.lower() == "bearer" else "")
        try:
            return 200, "success", self._check(token.strip())
        except TokenError as error:
            return 401, str(error), None

    async def _serve(
        self,
        rooms: LiveRooms,
        grant: Grant,
        query: QueryParams,
        receive: Receive,
        send: Send,
        *,
        visit: OddVisit | None,
    ) -> None:
        # Imported by now, with the rooms.
        from mock_server.livekit.messages import leave, leave_and_return  # noqa: PLC0415
        from mock_server.livekit.room import AvatarsNameError, RoomFullError  # noqa: PLC0415

        again, line = _comes_back(query), SocketLine(send)
        way: Line = line if visit is None else visit.line(line, first=not again)
        room = rooms.find(grant.room)
        participant = None
        if room is None:  # it ended while the handshake went on
            line.send(leave("deleted").SerializeToString())
            line.hang_up()
        elif again:
            refusal = None if visit is None else visit.refuse_return()
            if refusal is None:
                participant = room.resume(grant.identity, query.get("sid", ""), way)
            if participant is None:
                line.send((refusal or leave_and_return()).SerializeToString())
                line.hang_up()
        else:
            try:
                participant = room.join(grant, way, None if visit is None else visit.treatment)
            except (RoomFullError, AvatarsNameError):
                line.send(leave("failure").SerializeToString())
                line.hang_up()
        try:
            while (event := await _next(receive, line)) is not None:
                content = event.get("bytes")
                if participant is not None and content and len(content) <= MAX_MESSAGE:
                    await participant.take(content)
        finally:
            line.hang_up()
            if room is not None and participant is not None:
                room.broken(participant, way)
            await asyncio.wait([line.done])


def _comes_back(query: QueryParams) -> bool:
    return query.get("reconnect") in ("1", "true")


async def _next(receive: Receive, line: SocketLine) -> dict[str, bytes] | None:
    """The client's next message; None when either side has ended."""
    reading = asyncio.ensure_future(receive())
    await asyncio.wait((reading, line.done), return_when=asyncio.FIRST_COMPLETED)
    if not reading.done():
        reading.cancel()
        return None
    event = dict(reading.result())
    return event if event["type"] == "websocket.receive" else None
