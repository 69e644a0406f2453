"""One participant of a room: what its client says on the signalling WebSocket, and gets."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from mock_server.core.access_token import Grant
from mock_server.core.candidates import parse_candidate
from mock_server.core.sdp import IceCandidate, SdpError, parse_description
from mock_server.livekit import messages
from mock_server.livekit.messages import Member, Published
from mock_server.livekit.naming import named
from mock_server.livekit.publication import Publication
from mock_server.peers import (
    Listener,
    Peer,
    PeerConnected,
    PeerNews,
    PeerUnavailableError,
    Publisher,
)

STEP_TIMEOUT = 15.0
MAX_CANDIDATES = 64
MAX_TRACKS = 16

Step = Callable[[], Awaitable[None]]

log = logging.getLogger("heygen_mock")


class Line(Protocol):
    """The way to the client: the signalling WebSocket. Never blocks."""

    def send(self, message: bytes) -> None: ...

    def hang_up(self) -> None:
        """Closes after what was sent."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a participant is given by its room."""

    avatar: Member
    tracks: dict[str, str]
    """Sids of the avatar's tracks by their kind."""
    announced: Callable[[], bool]
    watching: Callable[[Participant], None]
    """The participant sees the avatar."""
    left: Callable[[Participant], None]
    """It has taken its leave."""
    lost: Callable[[Participant, str], None]
    """Its connection is gone without a word in the room, for the reason given."""
    failed: Callable[[Participant], None]
    """It cannot be served."""
    changed: Callable[[Participant], None]
    """It published something."""
    edit: Callable[[str, rtc.SignalResponse], rtc.SignalResponse | None]
    now: Callable[[], float]
    """Unix seconds."""


class Participant:
    """A client in a room. ``line`` is None while its WebSocket is broken."""

    def __init__(
        self,
        member: Member,
        grant: Grant,
        host: Host,
        *,
        peer: Callable[[Callable[[PeerNews], None]], Peer],
        publisher: Callable[[Publication], Publisher],
        listener: Listener,
        greeting: Callable[[], rtc.SignalResponse],
    ) -> None:
        self.member = member
        self.line: Line | None = None
        self.sees = False
        self._grant = grant
        self._host = host
        self._peer = peer(self._heard)
        self._make_publisher = publisher
        self._listener = listener
        # Said once the first offer is there: who cannot be served is told so in its place, as
        # LiveKit's SDKs take the first message for the answer to their call.
        self._greeting: Callable[[], rtc.SignalResponse] | None = greeting
        self._publication = Publication(
            listener, with_data=grant.can_publish_data, with_sound=grant.can_publish
        )
        self._publisher: Publisher | None = None
        self._connected = False
        self._offering = False
        self._offer_again = False
        self._unanswered: rtc.SignalResponse | None = None
        self._offered_media = False
        self._accepted = False
        self._early: list[IceCandidate] = []
        self._early_publisher: list[IceCandidate] = []
        self._published = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._complained = False
        self._closed = False

    @property
    def peer(self) -> Peer:
        """What it sees and hears the avatar by."""
        return self._peer

    @property
    def resumable(self) -> bool:
        """Whether its connections can go on by a new WebSocket: a publisher's would restart ICE,
        which aiortc 1.16 cannot.
        """
        return self._connected and self._publisher is None and not self._closed

    def tell(self, kind: str, message: rtc.SignalResponse) -> None:
        """Sends a message, if there is a way. What comes before the greeting is part of that."""
        if self._greeting is not None and kind != "leave":
            return
        edited = self._host.edit(kind, message)
        if self.line is not None and edited is not None:
            self.line.send(edited.SerializeToString())

    def negotiate(self) -> None:
        """Offers what there is to see now, once an offer that is open has been answered."""
        if self._offering:
            self._offer_again = True
            return
        self._offering = True
        self._begin("offer", self._offer)

    def offer_anew(self) -> None:
        """Sends the offer that is open again: it or its answer may have been lost."""
        if self._unanswered is not None:
            self.tell("offer", self._unanswered)

    async def _offer(self) -> None:
        media = self._host.announced() and self._grant.can_subscribe
        text = await self._peer.offer(media=media)
        if self._greeting is not None:
            greeting, self._greeting = self._greeting, None
            self.tell("join", greeting())
        self._offered_media = media
        sdp = named(text, participant_sid=self._host.avatar.sid, tracks=self._host.tracks)
        self._unanswered = messages.offer(sdp)
        self.tell("offer", self._unanswered)

    async def take(self, content: bytes) -> None:
        """One message of the client. What makes no sense is ignored, as a LiveKit server does."""
        if self.line is None:  # it has to go: what it still says is not to begin anything
            return
        try:
            request = rtc.SignalRequest.FromString(content)
        except DecodeError:
            return
        kind = str(request.WhichOneof("message"))
        step = partial(self._take, kind, request)
        await asyncio.wait([self._begin(f"client's {kind}", step)])

    def _begin(self, what: str, step: Step) -> asyncio.Task[None]:
        """Takes a step in a task that ends with the participant."""
        task = asyncio.create_task(self._guarded(what, step), name=f"{what} {self.member.sid}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, what: str, step: Step) -> None:
        """A step that fails ends the visit of this viewer at most, and nobody else's."""
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                await step()
        except (SdpError, TimeoutError, PeerUnavailableError) as error:
            # Once: who floods the server with nonsense must not flood its log.
            level = logging.DEBUG if self._complained else logging.WARNING
            self._complained = True
            log.log(level, "the %s fails for viewer %r: %s", what, self.member.identity, error)
            if what != "client's offer":  # it sees and hears the avatar all the same
                self._host.failed(self)
        except Exception:
            log.exception("the %s fails for viewer %r", what, self.member.identity)
            self._host.failed(self)

    async def _take(self, kind: str, request: rtc.SignalRequest) -> None:
        match kind:
            case "ping":
                self.tell("pong", messages.pong(self._now_ms()))
            case "ping_req":
                self.tell("pong", messages.pong(self._now_ms()))
                self.tell("pong_resp", messages.pong_to(request.ping_req, now_ms=self._now_ms()))
            case "answer":
                await self._accept(request.answer.sdp)
            case "trickle":
                await self._trickle(request.trickle)
            case "offer":
                await self._answer(request.offer)
            case "add_track":
                self._add_track(request.add_track)
            case "mute":
                self._set_muted(request.mute.sid, muted=request.mute.muted)
            case "leave":
                self._host.left(self)

    def _now_ms(self) -> int:
        return int(self._host.now() * 1000)

    async def _accept(self, sdp: str) -> None:
        if self._unanswered is None:
            return
        await self._peer.accept(parse_description("answer", sdp))
        self._unanswered = None
        self._accepted = True
        early, self._early = self._early, []
        for candidate in early:
            await self._peer.add_candidate(candidate)
        self._offering = False
        self._look()
        if self._offer_again:
            self._offer_again = False
            self.negotiate()

    async def _trickle(self, trickle: rtc.TrickleRequest) -> None:
        candidate = _candidate(trickle.candidateInit)
        if candidate is None:
            return
        if trickle.target == rtc.SUBSCRIBER:
            if self._accepted:
                await self._peer.add_candidate(candidate)
            elif len(self._early) < MAX_CANDIDATES:
                self._early.append(candidate)
        elif self._publisher is not None:
            await self._publisher.add_candidate(candidate)
        elif len(self._early_publisher) < MAX_CANDIDATES:
            self._early_publisher.append(candidate)

    async def _answer(self, offer: rtc.SessionDescription) -> None:
        description = parse_description("offer", offer.sdp)
        if self._publisher is None:
            self._publisher = self._make_publisher(self._publication)
        answer = await self._publisher.answer(description)
        early, self._early_publisher = self._early_publisher, []
        for candidate in early:
            await self._publisher.add_candidate(candidate)
        self.tell("answer", messages.answer(answer, number=offer.id))

    def _add_track(self, request: rtc.AddTrackRequest) -> None:
        if not self._grant.can_publish:
            return
        tracks = self.member.tracks
        if len(tracks) >= MAX_TRACKS:
            # No message says that a track is no longer sent; who begins so many has ended some.
            self._publication.forget(tracks.pop(0).sid)
        track = Published(
            sid=f"TR_{self.member.sid[3:]}{self._published}",
            kind="audio" if request.type == models.AUDIO else "video",
            name=request.name[:256],
            size=(request.width, request.height),
            source=request.source,
            muted=request.muted,
        )
        self._published += 1
        tracks.append(track)
        self.tell("track_published", messages.track_published(request.cid, track))
        self._changed(track)

    def _set_muted(self, sid: str, *, muted: bool) -> None:
        tracks = self.member.tracks
        for number, track in enumerate(tracks):
            if track.sid == sid and track.muted != muted:
                tracks[number] = changed = replace(track, muted=muted)
                self._changed(changed)

    def _changed(self, track: Published) -> None:
        if track.kind == "audio":  # a camera that is covered says nothing of the microphone
            self._publication.mute(track.sid, muted=track.muted)
        self._host.changed(self)

    def _heard(self, news: PeerNews) -> None:
        if self._closed:
            return
        if isinstance(news, PeerConnected):
            self._connected = True
            self._look()
        else:
            self._connected = False
            self._host.lost(self, news.reason)

    def _look(self) -> None:
        """Whether it sees the avatar from now on."""
        if self._connected and self._offered_media and not self._offering and not self.sees:
            self.sees = True
            self._host.watching(self)

    async def close(self) -> None:
        """Ends its connections; may be called twice."""
        if self._closed:
            return
        self._closed = True
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._publisher is not None:
            await self._publisher.close()
        self._listener.left()
        await self._peer.close()


def _candidate(text: str) -> IceCandidate | None:
    """The candidate in the JSON of a RTCIceCandidateInit; None for one that is of no use."""
    try:
        init = json.loads(text)
        return parse_candidate(
            init.get("candidate") or "",
            sdp_mid=None,
            sdp_mline_index=None,
            username_fragment=None,
        )
    except (ValueError, RecursionError, AttributeError, TypeError, SdpError):
        return None
