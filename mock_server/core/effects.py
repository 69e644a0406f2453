"""What a session may ask of the world. The runtime performs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mock_server.core.errors import ErrorRow
from mock_server.core.faults.plan import Deviation
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.speech import Speech

Way = Literal["room", "chat"]
"""How a v2 client and the avatar talk beside HTTP: in the LiveKit room, or by the chat socket."""


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Make the room of a v2 session."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Let the avatar join its room."""


@dataclass(frozen=True, slots=True)
class OpenPeer:
    """Make the peer and its offer."""


@dataclass(frozen=True, slots=True)
class ApplyDescription:
    """Give the viewer's offer or answer to the peer."""

    description: SessionDescription


@dataclass(frozen=True, slots=True)
class AddCandidate:
    candidate: IceCandidate | None


@dataclass(frozen=True, slots=True)
class Show:
    """What the avatar says from now on; None for silence."""

    speech: Speech | None


@dataclass(frozen=True, slots=True)
class SendEvent:
    """A message to viewers: on the data channel, in the room, or on chat sockets alone.

    ``duration_ms`` is there when talking stops, ``message`` when text is told; ``task_id`` is
    empty for what belongs to no task.
    """

    type: str
    task_id: str
    duration_ms: float | None = None
    message: str | None = None
    way: Way = "room"


@dataclass(frozen=True, slots=True)
class ClosePeer:
    """Peer or room; ``shutdown`` when it is the server that ends, not the session alone."""

    shutdown: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """An entry of the session's timeline, for the control API and the journal."""

    event: str
    detail: tuple[tuple[str, str | float], ...] = ()


@dataclass(frozen=True, slots=True)
class Deviated:
    """A deviation was applied to the session."""

    deviation: Deviation


@dataclass(frozen=True, slots=True)
class Offered:
    """``sdp`` is the server's offer; None in v2, where the room negotiates."""

    sdp: str | None


@dataclass(frozen=True, slots=True)
class Started:
    """``sdp`` is the answer to a viewer's offer, None where the viewer answered."""

    sdp: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    task_id: str
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Done:
    pass


Outcome = Offered | Started | Spoken | Done


@dataclass(frozen=True, slots=True)
class Reply:
    call: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Refuse:
    call: int
    row: ErrorRow
    detail: str = ""


Effect = (
    OpenPeer
    | OpenRoom
    | Announce
    | ApplyDescription
    | AddCandidate
    | Show
    | SendEvent
    | ClosePeer
    | Note
    | Deviated
    | Reply
    | Refuse
)
