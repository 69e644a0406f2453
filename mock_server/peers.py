"""What carries sessions to their viewers, as the runtime sees it: peers and rooms.

And what comes back from viewers: news of their connections, their sound, their words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from mock_server.core.catalogue import Avatar, Emotion, Encoding, Quality, Voice
from mock_server.core.faults.misplay import Misplay
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.speech import Speech


@dataclass(frozen=True, slots=True)
class PeerSpec:
    """What one session's viewer is to see and hear."""

    session_id: str
    avatar: Avatar
    voice: Voice
    emotion: Emotion
    quality: Quality
    encoding: Encoding
    seed: int
    """Chooses when the eyes blink, so that a seeded server shows the same pictures again."""
    misplay: Misplay | None = None
    """What goes wrong with it; None for a right one."""
    channels: tuple[str, ...] = ("events",)
    """Labels of the server's data channels. Events go on the last of them."""


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """ICE and DTLS are up: media flows."""


@dataclass(frozen=True, slots=True)
class PeerLost:
    """The viewer is gone: closed its end, or stopped answering consent checks (RFC 7675)."""

    reason: str


PeerNews = PeerConnected | PeerLost


class Audience(Protocol):
    """Whoever sees and hears one session."""

    def show(self, speech: Speech | None) -> None:
        """What the avatar says from now on; None for silence."""

    def send(self, message: bytes | str) -> None:
        """An event for all of them, kept until it can be sent."""


class Peer(Audience, Protocol):
    """One viewer's transport. Coroutines are awaited one after the other, in order."""

    async def offer(self, *, media: bool = True) -> str:
        """The server's SDP offer, with all candidates inside.

        Without ``media`` its sections are there and inactive; a later offer on the same transport
        makes them active.
        """

    async def accept(self, answer: SessionDescription) -> None:
        """Completes :meth:`offer`. Raises SdpError, and is as before, when it does not fit."""

    async def answer(self, offer: SessionDescription) -> str:
        """Starts anew from the viewer's offer. Raises SdpError, and is as before."""

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """A remote candidate, None for end-of-candidates. Never raises for one it cannot use."""

    async def close(self) -> None:
        """Ends transport and media; may be called twice."""


class Listener(Protocol):
    """Hears what one viewer says otherwise than by HTTP."""

    def text(self, text: str) -> None:
        """A task for the avatar to answer, as by streaming.task of type chat."""

    def push_to_talk(self, *, on: bool) -> None:
        """The viewer holds, or lets go of, the button that opens the microphone."""

    def audio(self, level: float, seconds: float) -> None:
        """A block of microphone sound: its loudness (RMS in dBFS) and its length."""

    def ignore(self, what: str, why: str) -> None:
        """Something came that is of no use; said in the session's timeline."""

    def left(self) -> None:
        """The viewer is gone."""


class Room(Audience, Protocol):
    """All viewers of one v2 session: who joins sees the avatar, once it is announced."""

    async def open(self) -> None:
        """Makes the room ready for viewers. Raises PeerUnavailableError."""

    async def announce(self) -> None:
        """The avatar joins; may be called once. Raises PeerUnavailableError."""

    async def close(self, *, shutdown: bool) -> None:
        """Everybody is told to leave, and why; may be called twice."""


class RoomFactory(Protocol):
    """Makes rooms. ``notify`` is told that the avatar has a viewer; ``note`` writes an entry of
    the session's timeline; ``listen`` makes a listener for each viewer.
    """

    def __call__(
        self,
        spec: PeerSpec,
        notify: Callable[[PeerNews], None],
        *,
        note: Callable[[str, dict[str, str | float]], None],
        listen: Callable[[], Listener],
    ) -> Room: ...

    async def close(self) -> None:
        """Stops what all rooms share, after the last of them is closed."""


Rooms = Callable[[], Awaitable[RoomFactory]]
"""Gives the factory; the first call may have to wait until the LiveKit protocol is imported."""


class Hearing(Protocol):
    """Gets what one participant of a room sends."""

    def data(self, message: bytes) -> None:
        """A message of a data channel."""

    def sound(self, level: float, seconds: float) -> None:
        """A block of sound: its loudness (RMS in dBFS) and its length."""


class Publisher(Protocol):
    """The transport by which one participant of a room sends."""

    async def answer(self, offer: SessionDescription) -> str:
        """The answer to its offer, the first or a later one. Raises SdpError, and is as before."""

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """A remote candidate, None for end-of-candidates. Never raises for one it cannot use."""

    async def close(self) -> None:
        """Ends the transport; may be called twice."""


class PeerFactory(Protocol):
    """Makes a peer. ``notify`` may be called from the event loop at any later time."""

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer: ...

    def publisher(self, hearing: Hearing) -> Publisher:
        """What takes the media and data of a participant of a room."""

    async def close(self) -> None:
        """Stops what all peers share, after the last of them is closed."""


class PeerUnavailableError(Exception):
    """No peer can be made now, for a reason outside the session: no free port, no media address."""


Peers = Callable[[], Awaitable[PeerFactory]]
"""Gives the factory; the first call may have to wait until aiortc is imported."""
