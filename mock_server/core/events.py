"""What can happen to a session: calls of clients, news of its peer, and time passing."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.core.effects import Way
from mock_server.core.faults.plan import Deviation
from mock_server.core.sdp import IceCandidate, SessionDescription
from mock_server.core.speech import Utterance

# Calls carry the number under which the caller waits for a Reply or Refuse.


@dataclass(frozen=True, slots=True)
class Open:
    """The session was registered and wants its peer."""

    call: int


@dataclass(frozen=True, slots=True)
class Start:
    """``description`` is the viewer's; None in v2, where the room negotiates."""

    call: int
    description: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Candidate:
    call: int
    candidate: IceCandidate | None
    """None is end-of-candidates."""


@dataclass(frozen=True, slots=True)
class Speak:
    call: int
    task_id: str
    utterance: Utterance
    sync: bool
    blocks: bool
    """A sync task that is answered when its speech ends, not when it begins."""
    messages: tuple[str, ...] = ()
    """The text as viewers are told it while it is spoken, in pieces; v1 tells nothing."""


@dataclass(frozen=True, slots=True)
class Extend:
    """More is to be said in a task: ``utterance`` is all of it, and begins as it did before."""

    call: int
    task_id: str
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Interrupt:
    call: int


@dataclass(frozen=True, slots=True)
class KeepAlive:
    call: int


@dataclass(frozen=True, slots=True)
class Listen:
    call: int
    on: bool


@dataclass(frozen=True, slots=True)
class Stop:
    call: int


@dataclass(frozen=True, slots=True)
class UserStarted:
    """The user's voice is heard; ``way`` is how it comes, and where events of it go."""

    way: Way


@dataclass(frozen=True, slots=True)
class UserStopped:
    """The user has said ``text``."""

    way: Way
    task_id: str
    text: str


@dataclass(frozen=True, slots=True)
class RoomOpened:
    """The room of a v2 session can be joined."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The avatar of a v2 session is in its room."""


@dataclass(frozen=True, slots=True)
class OfferMade:
    sdp: str


@dataclass(frozen=True, slots=True)
class DescriptionAccepted:
    """The peer took the viewer's description; ``sdp`` is its answer where the viewer offered."""

    sdp: str | None


@dataclass(frozen=True, slots=True)
class DescriptionRefused:
    """The peer is as it was before."""

    detail: str


@dataclass(frozen=True, slots=True)
class Connected:
    """ICE and DTLS are up; in v2, those of the first viewer since the avatar is in the room."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The viewer is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No peer can be made now."""

    detail: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """The peer failed by a fault of this program; the session ends, the others go on."""

    detail: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    """A deadline may have come: the session finds out which of the next two it amounts to."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The avatar has said all of its current text."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The session was idle, or open, for too long, or a ``deviation`` ends it before its time."""

    reason: str
    deviation: Deviation | None = None


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The server ends, or was reset."""


ClientCall = Open | Start | Candidate | Speak | Extend | Interrupt | KeepAlive | Listen | Stop
PeerReport = (
    OfferMade
    | RoomOpened
    | Announced
    | DescriptionAccepted
    | DescriptionRefused
    | Connected
    | Lost
    | Unavailable
    | Crashed
)
UserNews = UserStarted | UserStopped
Event = ClientCall | PeerReport | UserNews | TimePassed | SpeechEnded | Expired | Shutdown
