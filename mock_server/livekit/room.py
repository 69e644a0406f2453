"""The room of one v2 session: the avatar, and who watches it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from livekit.protocol import rtc

from mock_server.core.access_token import Grant
from mock_server.core.speech import Speech
from mock_server.livekit import messages
from mock_server.livekit.messages import AVATAR, Member, Published, Reason
from mock_server.livekit.participant import Host, Line, Participant
from mock_server.livekit.publication import Publication
from mock_server.livekit.treatment import LIKE_ALL, Treatment
from mock_server.peers import Listener, PeerConnected, PeerFactory, PeerNews, PeerSpec, Publisher

MAX_PARTICIPANTS = 64
RESUME_TIME = 15.0
"""Seconds for which a participant whose WebSocket broke is kept, as in livekit-server."""


class RoomFullError(Exception):
    """No further participant fits in."""


class AvatarsNameError(Exception):
    """The avatar is there under the identity that was to join. The message says what to do."""


class LiveRoom:
    """Implements ``peers.Room``. Each participant has a peer of its own, with its own media."""

    def __init__(
        self,
        spec: PeerSpec,
        notify: Callable[[PeerNews], None],
        *,
        note: Callable[[str, dict[str, str | float]], None],
        listen: Callable[[], Listener],
        peers: PeerFactory,
        edit: Callable[[str, Any], Any],
        now: Callable[[], float],
        closed: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._notify = notify
        self._note = note
        self._listen = listen
        self._peers = peers
        self._closed = closed
        self._created_at = int(now())
        self._now = now
        name = hashlib.sha256(spec.session_id.encode("utf-8", "surrogatepass")).hexdigest()
        self._sid = f"RM_{name[:12]}"
        audio = Published(f"TR_A{name[12:22]}", "audio", "avatar")
        video = Published(f"TR_V{name[12:22]}", "video", "avatar", spec.quality.size)
        self._avatar = Member(f"PA_{name[22:34]}", AVATAR, AVATAR, self._created_at, [audio, video])
        self._host = Host(
            avatar=self._avatar,
            tracks={"audio": audio.sid, "video": video.sid},
            announced=lambda: self._announced,
            watching=self._watching,
            left=lambda participant: self._remove(participant, "it left"),
            lost=self._lost,
            failed=lambda participant: self._dismiss(participant, "failure", "it cannot be served"),
            changed=self._changed,
            edit=edit,
            now=now,
        )
        self._participants: dict[str, Participant] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._announced = False
        self._watched = False
        self._over = False
        self._speech: Speech | None = None

    # for the runtime

    async def open(self) -> None:
        """There is nothing to wait for."""

    async def announce(self) -> None:
        self._announced = True
        # Who came first has to go, as whenever somebody joins under the identity of another.
        self.expel(AVATAR, "duplicate", "the avatar has its identity")
        for participant in self._participants.values():
            participant.tell("update", messages.update([self._avatar]))
            participant.negotiate()

    def show(self, speech: Speech | None) -> None:
        self._speech = speech
        for participant in self._participants.values():
            participant.peer.show(speech)

    def send(self, message: bytes | str) -> None:
        # A text frame goes out as it is: it is what a plan asked for.
        packet = (
            message if isinstance(message, str) else messages.data(message, sender=self._avatar)
        )
        for participant in self._participants.values():
            participant.peer.send(packet)

    async def close(self, *, shutdown: bool) -> None:
        if not self._over:
            self._over = True
            self._closed()
            for participant in tuple(self._participants.values()):
                why: Reason = "shutdown" if shutdown else "deleted"
                self._dismiss(participant, why, "the session is over")
        if self._closing:
            await asyncio.wait(self._closing)

    # for the signalling

    def refusal(self, identity: str) -> str | None:
        """Why nobody may join under that identity now, in words for who tries; None if one may.

        livekit-server would let the older one go, which is the avatar: nothing were left to see.
        """
        if not self._announced or identity != AVATAR:
            return None
        return (
            f"permissions denied: the identity {AVATAR} is that of the avatar, which is in the "
            "room: make the token for another identity (sub)"
        )

    def join(self, grant: Grant, line: Line, treatment: Treatment | None = None) -> Participant:
        """Lets somebody in; who has the same identity has to go.

        Raises RoomFullError, AvatarsNameError.
        """
        if (why := self.refusal(grant.identity)) is not None:
            raise AvatarsNameError(why)
        former = self._participants.get(grant.identity)
        if former is not None:
            self._dismiss(former, "duplicate", "it joined again")
        if self._over or len(self._participants) >= MAX_PARTICIPANTS:
            raise RoomFullError(f"the room has {MAX_PARTICIPANTS} participants")
        treatment = treatment or LIKE_ALL
        member = Member(f"PA_{secrets.token_hex(6)}", grant.identity, grant.name, int(self._now()))
        participant = Participant(
            member,
            grant,
            treatment.host(self._host),
            peer=lambda notify: treatment.peer(self._peers(treatment.spec(self._spec), notify)),
            publisher=self._make_publisher,
            listener=self._listen(),
            greeting=lambda: self._greeting(participant),
        )
        participant.line = line
        participant.peer.show(self._speech)
        self._participants[grant.identity] = participant
        self._note("viewer_joined", {"identity": grant.identity})
        self._tell_others(participant, messages.update([member]))
        participant.negotiate()
        return participant

    def resume(self, identity: str, sid: str, line: Line) -> Participant | None:
        """Who comes back by a new WebSocket and may go on; None when a full join is needed."""
        participant = self._participants.get(identity)
        if participant is None or participant.member.sid != sid or not participant.resumable:
            return None
        self._cancel_timer(identity)
        if participant.line is not None:
            participant.line.hang_up()
        participant.line = line
        self._note("viewer_resumed", {"identity": identity})
        participant.tell("reconnect", messages.reconnect())
        # What it may have missed, as livekit-server does (pkg/rtc/room.go, ResumeParticipant).
        participant.tell("update", messages.update(self._others(participant)))
        participant.offer_anew()
        return participant

    def _others(self, participant: Participant) -> list[Member]:
        others = [o.member for o in self._participants.values() if o is not participant]
        return [self._avatar, *others] if self._announced else others

    def _greeting(self, participant: Participant) -> rtc.SignalResponse:
        return messages.join(
            room_sid=self._sid,
            room=self._spec.session_id,
            created_at=self._created_at,
            me=participant.member,
            others=self._others(participant),
        )

    def broken(self, participant: Participant, line: Line) -> None:
        """The WebSocket has ended; its participant may come back within RESUME_TIME seconds."""
        identity = participant.member.identity
        if participant.line is not line or self._participants.get(identity) is not participant:
            return
        participant.line = None
        if not participant.resumable:
            self._remove(participant, "its WebSocket ended")
            return
        self._timers[identity] = asyncio.get_running_loop().call_later(
            RESUME_TIME, self._remove, participant, "its WebSocket ended"
        )

    def expel(self, identity: str, why: Reason, noted: str) -> None:
        """Makes somebody leave, if still there, who may come again."""
        participant = self._participants.get(identity)
        if participant is not None:
            self._dismiss(participant, why, noted)

    # news of participants

    def _make_publisher(self, publication: Publication) -> Publisher:
        return self._peers.publisher(publication)

    def _watching(self, participant: Participant) -> None:
        self._note("viewer_connected", {"identity": participant.member.identity})
        if not self._watched:
            self._watched = True
            self._notify(PeerConnected())

    def _lost(self, participant: Participant, reason: str) -> None:
        participant.tell("leave", messages.leave_and_return())
        self._remove(participant, reason)

    def _dismiss(self, participant: Participant, why: Reason, noted: str) -> None:
        participant.tell("leave", messages.leave(why))
        self._remove(participant, noted)

    def _changed(self, participant: Participant) -> None:
        self._tell_others(participant, messages.update([participant.member]))

    def _tell_others(self, participant: Participant, message: rtc.SignalResponse) -> None:
        for other in self._participants.values():
            if other is not participant:
                other.tell("update", message)

    def _remove(self, participant: Participant, reason: str) -> None:
        identity = participant.member.identity
        if self._participants.get(identity) is not participant:
            return
        self._cancel_timer(identity)
        del self._participants[identity]
        if participant.line is not None:
            participant.line.hang_up()
            participant.line = None
        self._note("viewer_left", {"identity": identity, "reason": reason})
        self._tell_others(participant, messages.update([participant.member], gone=True))
        task = asyncio.create_task(participant.close(), name=f"close {participant.member.sid}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _cancel_timer(self, identity: str) -> None:
        timer = self._timers.pop(identity, None)
        if timer is not None:
            timer.cancel()
