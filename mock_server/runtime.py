"""Performs what sessions ask for, feeds outcomes back as events, and owns every task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mock_server.core.catalogue import Avatar, Emotion, Encoding, Quality, Voice
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


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """ICE and DTLS are up: media flows."""


@dataclass(frozen=True, slots=True)
class PeerLost:
    """The viewer is gone: closed its end, or stopped answering consent checks (RFC 7675)."""

    reason: str


PeerNews = PeerConnected | PeerLost


class Peer(Protocol):
    """One viewer's transport. Coroutines are awaited one after the other, in order."""

    async def offer(self) -> str:
        """The server's SDP offer, with all candidates inside."""

    async def accept(self, answer: SessionDescription) -> None:
        """Completes :meth:`offer`. Raises SdpError, and is as before, when it does not fit."""

    async def answer(self, offer: SessionDescription) -> str:
        """Starts anew from the viewer's offer: the SDP answer. Raises SdpError, and is as before."""

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """A remote candidate, None for end-of-candidates. Never raises for one it cannot use."""

    def show(self, speech: Speech | None) -> None:
        """What the avatar says from now on; None for silence."""

    def send(self, message: bytes) -> None:
        """An event for the data channel, kept until the channel is open."""

    async def close(self) -> None:
        """Ends transport and media; may be called twice."""


class PeerFactory(Protocol):
    """Makes a peer. ``notify`` may be called from the event loop at any later time."""

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> Peer: ...

    async def close(self) -> None:
        """Stops what all peers share, after the last of them is closed."""
