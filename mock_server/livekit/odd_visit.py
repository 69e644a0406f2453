"""A viewer's visit to a room that goes wrong as a plan says, from its join to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import replace
from functools import partial
from weakref import WeakKeyDictionary

from livekit.protocol import models, rtc
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mock_server.core.access_token import Grant
from mock_server.core.faults import rooms as kinds
from mock_server.core.faults.misplay import acting
from mock_server.core.faults.plan import Deviation
from mock_server.livekit import messages
from mock_server.livekit.messages import AVATAR, Reason
from mock_server.livekit.odd_line import FORMS, OddLine, Socket
from mock_server.livekit.odd_packets import PacketPeer
from mock_server.livekit.participant import Host, Participant
from mock_server.livekit.room import LiveRoom
from mock_server.livekit.treatment import Treatment
from mock_server.odd_sockets import REFUSED, TEXTS, bad_handshake, shake, status_of
from mock_server.peers import Peer, PeerSpec

Used = Callable[[str, Deviation], None]
"""Is told the session and the deviation that was applied to it."""

_REASONS: dict[str, Reason] = {
    "participant-removed": "removed",
    "server-shutdown": "shutdown",
    "duplicate-identity": "duplicate",
    "room-deleted": "deleted",
}
_PACKETS = (
    kinds.PACKET_MALFORMED.do,
    kinds.PACKET_LOSSY.do,
    kinds.PACKET_FROM_STRANGER.do,
    kinds.AVATAR_RENAMED.do,
)


class OddVisits:
    """The visits for which a plan had something, for as long as their rooms are open."""

    def __init__(self, used: Used) -> None:
        self._used = used
        self._visits: WeakKeyDictionary[LiveRoom, dict[str, OddVisit]] = WeakKeyDictionary()

    def begin(self, room: LiveRoom, grant: Grant, due: tuple[Deviation, ...]) -> OddVisit | None:
        """A new visit of somebody; None for a right one."""
        known = self._visits.setdefault(room, {})
        known.pop(grant.identity, None)
        if due:
            known[grant.identity] = OddVisit(
                room, grant.identity, due, lambda one: self._used(grant.room, one)
            )
        return known.get(grant.identity)

    def find(self, room: LiveRoom, grant: Grant) -> OddVisit | None:
        """The last visit of somebody who comes back to it; None when it is a right one."""
        return self._visits.get(room, {}).get(grant.identity)


class OddVisit:
    """What goes wrong with one visit. ``used`` is told of each deviation that took effect."""

    def __init__(
        self,
        room: LiveRoom,
        identity: str,
        due: tuple[Deviation, ...],
        used: Callable[[Deviation], None],
    ) -> None:
        self._room = room
        self._identity = identity
        self._due = due
        self._tell = used
        self._told: set[int] = set()
        self._line: OddLine | None = None
        self._timers: list[asyncio.TimerHandle] = []

    # the handshake

    def spoils(self, scope: Scope) -> bool:
        """Whether not even the WebSocket opens, or its validation is refused."""
        wrong = bad_handshake(self._due)
        return wrong is not None and (scope["type"] == "websocket" or wrong.do == REFUSED)

    @property
    def answered(self) -> tuple[int | None, Sequence[int]]:
        """The status of a handshake that is spoilt, None for never, and by which deviations."""
        wrong = bad_handshake(self._due)
        assert wrong is not None
        return status_of(wrong), [wrong.at]

    async def spoil(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a handshake, or a validation, as wrongly as it shall be."""
        wrong = bad_handshake(self._due)
        assert wrong is not None
        self.use(wrong)
        if scope["type"] == "http":
            status = wrong["status"]
            await PlainTextResponse(TEXTS[status], status_code=status)(scope, receive, send)
        else:
            await receive()  # websocket.connect
            await shake(wrong, receive, send)

    # the rest

    def use(self, deviation: Deviation) -> None:
        """Reports it, once."""
        if deviation.at not in self._told:
            self._told.add(deviation.at)
            self._tell(deviation)

    def line(self, inner: Socket, *, first: bool) -> OddLine:
        """The way to the viewer by that WebSocket, which is its ``first`` or a later one."""
        self._line = self._first(inner) if first else OddLine(inner)
        return self._line

    def _first(self, inner: Socket) -> OddLine:
        if silent := self._asks(kinds.JOIN_MISSING.do):
            self.use(silent)
        late = self._asks(kinds.JOIN_LATE.do)
        if late:
            self.use(late)
        unknown = self._asks(kinds.SIGNAL_UNKNOWN.do)
        return OddLine(
            inner,
            late=None if silent else late["ms"] / 1000 if late else 0.0,
            after_first=FORMS[unknown.get("form", "unknown")] if unknown else None,
            told=lambda: self.use(unknown) if unknown else None,
        )

    def refuse_return(self) -> rtc.SignalResponse | None:
        """What a viewer that comes back is told in place of going on; None when it may."""
        refused = self._asks(kinds.RESUME_REFUSED.do)
        if refused is None:
            return None
        self.use(refused)
        self._room.expel(self._identity, "removed", "it may not come back")
        if refused.get("action", "leave") == "leave":
            return messages.leave("removed")
        return messages.leave_and_return()

    @property
    def treatment(self) -> Treatment:
        """How its participant is served."""
        return Treatment(host=self._host, spec=self._spec, peer=self._peer)

    def _host(self, host: Host) -> Host:
        def edit(kind: str, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
            made = host.edit(kind, message)
            return None if made is None else self._edited(kind, made)

        def watching(participant: Participant) -> None:
            host.watching(participant)
            self._watched()

        missing = self._asks(kinds.AVATAR_MISSING.do)
        announced = host.announced if missing is None else lambda: False
        return replace(host, edit=edit, watching=watching, announced=announced)

    def _spec(self, spec: PeerSpec) -> PeerSpec:
        # Events go on the last of the channels.
        lossy = self._asks(kinds.PACKET_LOSSY.do)
        return replace(spec, channels=spec.channels[::-1]) if lossy else spec

    def _peer(self, peer: Peer) -> Peer:
        wrong = tuple(one for one in self._due if one.do in _PACKETS)
        return PacketPeer(peer, wrong, used=self.use, closed=self._end)

    # messages

    def _edited(self, kind: str, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        match kind:
            case "join":
                return self._joined(message)
            case "update":
                return self._updated(message)
            case "offer":
                return self._offered(message)
            case "pong" | "pong_resp":
                return self._dropped(kinds.PONG_MISSING.do, message)
            case "track_published":
                return self._dropped(kinds.PUBLISH_UNANSWERED.do, message)
            case _:
                return message

    def _joined(self, message: rtc.SignalResponse) -> rtc.SignalResponse:
        changed = _copy(message)
        pong = self._asks(kinds.PONG_MISSING.do)
        if pong is not None:
            seconds = pong.get("seconds", kinds.PING_TIMEOUT)
            changed.join.ping_timeout = seconds
            changed.join.ping_interval = max(1, seconds // 3)
        self._tell_of(changed.join.other_participants)
        return changed

    def _updated(self, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        changed = _copy(message)
        self._tell_of(changed.update.participants)
        return changed if changed.update.participants else None

    def _tell_of(self, others: MutableSequence[models.ParticipantInfo]) -> None:
        """The avatar as this viewer is told of it, in a list that holds it perhaps."""
        missing, renamed = self._asks(kinds.AVATAR_MISSING.do), self._asks(kinds.AVATAR_RENAMED.do)
        for other in tuple(others):
            if other.identity != AVATAR:
                continue
            if missing is not None:
                self.use(missing)
                others.remove(other)
            elif renamed is not None:
                self.use(renamed)
                other.identity = other.name = renamed.get("identity", "avatar")

    def _offered(self, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        if self._dropped(kinds.OFFER_MISSING.do, message) is None:
            return None
        late = self._asks(kinds.OFFER_LATE.do)
        if late is None:
            return message
        self.use(late)
        self._later(late["ms"], partial(self._send, message))
        return None

    def _dropped(self, do: str, message: rtc.SignalResponse) -> rtc.SignalResponse | None:
        deviation = self._asks(do)
        if deviation is None:
            return message
        self.use(deviation)
        return None

    def _send(self, message: rtc.SignalResponse) -> None:
        if self._line is not None:
            self._line.send(message.SerializeToString())

    # what happens in the middle

    def _watched(self) -> None:
        for one in self._due:
            match one.do:
                case kinds.SOCKET_CLOSED.do | kinds.RESUME_REFUSED.do:
                    self._later(one["at_ms"], partial(self._close, one))
                case kinds.VIEWER_REMOVED.do:
                    self._later(one["at_ms"], partial(self._remove, one))

    def _close(self, deviation: Deviation) -> None:
        if self._line is not None:
            self.use(deviation)
            self._line.hang_up(deviation.get("code", 1001))

    def _remove(self, deviation: Deviation) -> None:
        self.use(deviation)
        reason = deviation["reason"]
        self._room.expel(self._identity, _REASONS[reason], reason.replace("-", " "))

    def _later(self, ms: int, do: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(ms / 1000, do))

    def _end(self) -> None:
        for timer in self._timers:
            timer.cancel()

    def _asks(self, do: str) -> Deviation | None:
        return acting(self._due, do)


def _copy(message: rtc.SignalResponse) -> rtc.SignalResponse:
    """Of its own: all participants may be told by one message."""
    copy = rtc.SignalResponse()
    copy.CopyFrom(message)
    return copy
