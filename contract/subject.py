"""The server under test, as stimuli see it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from contract.exchange import Send
from contract.findings import Findings, Profile
from contract.spec import Answers, Spec
from contract.wire import Dial

Advance = Callable[[float], None]
"""Moves the server's clock on by seconds; what is due on the way has happened when it returns."""


class Viewer(Protocol):
    """What stands behind an SDP answer. One per subject, shared by its stimuli; thread-safe."""

    def answer(self, session_id: str, offer: str) -> str:
        """An answer that fits. Raises ValueError for an offer that cannot be answered."""
        ...

    def offer(self, session_id: str) -> str:
        """An offer of the client's own."""
        ...

    def connected(self, session_id: str, answer: str | None = None) -> bool:
        """Whether it is connected, after waiting a few seconds; False once the limit is spent.

        ``answer`` is the server's to an :meth:`offer`.
        """
        ...

    def leave(self, session_id: str) -> None:
        """Closes the viewer's side; nothing happens when there is none."""
        ...

    def close(self) -> None:
        """Closes all that is open."""
        ...


class Seat(Protocol):
    """What stands behind the answers of one viewer in a room."""

    def answer(self, offer: str) -> str:
        """An answer that receives what is offered. Raises ValueError."""
        ...

    def is_up(self, seconds: float) -> bool:
        """Whether it is connected, at the latest after so many seconds."""
        ...

    def close(self) -> None:
        """Says goodbye. May be called twice."""
        ...


class Publisher(Protocol):
    """A connection of one viewer's own, by which it sends data to its room."""

    def offer(self) -> str:
        """What it offers to the room."""
        ...

    def take(self, answer: str) -> None:
        """The room's answer. Raises ValueError for one that cannot be used."""
        ...

    def send(self, data: bytes, seconds: float) -> bool:
        """Sends a message reliably; False where there is no way after so many seconds."""
        ...

    def close(self) -> None:
        """Says goodbye. May be called twice."""
        ...


class RoomViewer(Protocol):
    """What sits in the rooms of version v2. One per subject, shared by its stimuli."""

    @property
    def dial(self) -> Dial:
        """Opens WebSockets, for who wants to sit there otherwise."""
        ...

    def seat(self, session_id: str) -> Seat:
        """What stands behind such a one's answers."""
        ...

    def publisher(self) -> Publisher | None:
        """What such a one sends data by; None where nobody stands behind the answers."""
        ...

    def enter(self, session_id: str, url: str, token: str) -> bool:
        """Joins the room of a session; whether it was let in."""
        ...

    def connected(self, session_id: str) -> bool:
        """Whether the avatar was offered and is received, after waiting a few seconds."""
        ...

    def leave(self, session_id: str) -> None:
        """Leaves the room; nothing happens for who is not in it."""
        ...

    def close(self) -> None:
        """Leaves all rooms."""
        ...


class Progress(Protocol):
    """Where a stimulus says how far it is."""

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """``other_key`` is another account's key; None where there is only one.

    ``advance`` is None where the server's clock cannot be moved. ``max_sessions`` is the limit of
    active sessions per account where it is known. ``exclusive`` says that nobody else uses the
    key, so that every session it lists is one of ours. ``viewer`` is None where no session is to
    be connected. ``clock`` gives Unix seconds and runs with the server's, ``advance`` apart.
    ``concurrent`` says that ``send`` may be called from several threads at one time; ``on_paper``
    that the server takes a fitting answer for a connection, so that no viewer can leave. ``rooms``
    is None where no room can be entered; then nothing of version v2 is judged but its HTTP.
    """

    spec: Spec
    url: str
    send: Send
    key: str
    other_key: str | None = None
    accepts_any_key: bool = False
    profile: Profile = "strict"
    answers: Answers = "union"
    viewer: Viewer | None = None
    advance: Advance | None = None
    max_sessions: int | None = None
    exclusive: bool = True
    seed: int = 1
    clock: Callable[[], float] = time.time
    concurrent: bool = True
    on_paper: bool = False
    rooms: RoomViewer | None = None

    def findings(self) -> Findings:
        """An empty collection, of this subject's contract and profile."""
        return Findings(self.spec, self.profile)


Stimulus = Callable[[Subject, Findings, Progress], None]
"""Drives the subject and has every exchange judged; what is found is in the findings at once, so
that Ctrl-C loses nothing.

Raises UnreachableError when the subject is gone.
"""
