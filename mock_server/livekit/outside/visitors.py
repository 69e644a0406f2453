"""Who is in an avatar's room elsewhere, and what they say there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livekit import rtc

from mock_server.core.levels import level
from mock_server.livekit.publication import Publication
from mock_server.peers import Listener

_MACHINES = frozenset(
    {
        rtc.ParticipantKind.PARTICIPANT_KIND_AGENT,
        rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS,
        rtc.ParticipantKind.PARTICIPANT_KIND_INGRESS,
    }
)
"""Participants that the deployment itself brings along are no viewers."""

_HEARD_RATE, _HEARD_MS = 16_000, 20


class _Visitor:
    """One participant: what it publishes and says goes to its listener."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.publication = Publication(listener, with_data=True)
        self.sees = False
        self.ears: dict[str, asyncio.Task[None]] = {}


class Visitors:
    """Follows the events of one room. ``watched`` is called for the first viewer, once."""

    def __init__(
        self,
        room: rtc.Room,
        *,
        watched: Callable[[], None],
        note: Callable[[str, dict[str, str | float]], None],
        listen: Callable[[], Listener],
    ) -> None:
        self._room = room
        self._watched = watched
        self._note = note
        self._listen = listen
        self._visitors: dict[str, _Visitor] = {}
        self._open = False
        self._seen = False
        self._ended: set[asyncio.Task[None]] = set()
        room.on("participant_connected", self._came)
        room.on("participant_active", self._came)
        room.on("participant_disconnected", lambda who: self._left(who.identity, "it left"))
        room.on("track_published", lambda publication, _: _want(publication))
        room.on("track_subscribed", self._subscribed)
        room.on("track_unsubscribed", lambda _, publication, who: self._end(who, publication))
        room.on("track_muted", lambda who, track: self._mute(who, track, muted=True))
        room.on("track_unmuted", lambda who, track: self._mute(who, track, muted=False))
        room.on("data_received", self._received)

    def open(self) -> None:
        """The avatar is to be seen from now on: whoever is there already is a viewer."""
        self._open = True
        for participant in tuple(self._room.remote_participants.values()):
            self._came(participant)
            for publication in participant.track_publications.values():
                _want(publication)
                if publication.track is not None:  # while the avatar was still joining
                    self._subscribed(publication.track, publication, participant)

    async def close(self) -> None:
        """Nobody is listened to any more."""
        for identity in tuple(self._visitors):
            self._left(identity, "the session is over")
        if self._ended:
            await asyncio.wait(self._ended)

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        visitor = self._visitor(participant)
        # Before it is active it has no connection to get pictures or data by.
        active = participant.state == rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE
        if visitor is None or visitor.sees or not active:
            return
        visitor.sees = True
        self._note("viewer_connected", {"identity": participant.identity})
        if not self._seen:
            self._seen = True
            self._watched()

    def _visitor(self, participant: rtc.RemoteParticipant) -> _Visitor | None:
        if not self._open or participant.kind in _MACHINES:
            return None
        visitor = self._visitors.get(participant.identity)
        if visitor is None:
            visitor = self._visitors[participant.identity] = _Visitor(self._listen())
            self._note("viewer_joined", {"identity": participant.identity})
        return visitor

    def _left(self, identity: str, reason: str) -> None:
        visitor = self._visitors.pop(identity, None)
        if visitor is None:
            return
        for sid in tuple(visitor.ears):
            self._hang_up(visitor, sid)
        visitor.listener.left()
        self._note("viewer_left", {"identity": identity, "reason": reason})

    # what they say

    def _received(self, packet: rtc.DataPacket) -> None:
        visitor = None if packet.participant is None else self._visitor(packet.participant)
        if visitor is not None:
            visitor.publication.payload(packet.data)

    def _mute(
        self, participant: rtc.Participant, publication: rtc.TrackPublication, *, muted: bool
    ) -> None:
        visitor = self._visitors.get(participant.identity)
        if visitor is not None and publication.kind == rtc.TrackKind.KIND_AUDIO:
            visitor.publication.mute(publication.sid, muted=muted)

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        visitor = self._visitor(participant)
        if visitor is None or track.kind != rtc.TrackKind.KIND_AUDIO:
            return
        self._hang_up(visitor, publication.sid)
        visitor.publication.mute(publication.sid, muted=publication.muted)
        ear = asyncio.create_task(_hear(track, visitor.publication), name="microphone elsewhere")
        visitor.ears[publication.sid] = ear

    def _end(self, participant: rtc.Participant, publication: rtc.TrackPublication) -> None:
        visitor = self._visitors.get(participant.identity)
        if visitor is not None:
            self._hang_up(visitor, publication.sid)
            visitor.publication.forget(publication.sid)

    def _hang_up(self, visitor: _Visitor, sid: str) -> None:
        ear = visitor.ears.pop(sid, None)
        if ear is not None:
            ear.cancel()
            self._ended.add(ear)
            ear.add_done_callback(self._ended.discard)


def _want(publication: rtc.RemoteTrackPublication) -> None:
    """Only sound is subscribed to: pictures would be decoded, for nobody."""
    if publication.kind == rtc.TrackKind.KIND_AUDIO:
        publication.set_subscribed(True)


async def _hear(track: rtc.Track, publication: Publication) -> None:
    stream = rtc.AudioStream(
        track, sample_rate=_HEARD_RATE, num_channels=1, frame_size_ms=_HEARD_MS
    )
    try:
        async for one in stream:
            frame = one.frame
            seconds = frame.samples_per_channel / frame.sample_rate
            publication.sound(level(bytes(frame.data)), seconds)
    finally:
        await stream.aclose()
