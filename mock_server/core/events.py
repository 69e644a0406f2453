"""What can happen to a session: calls of clients, news of its peer, and time passing."""

from __future__ import annotations

from dataclasses import dataclass

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
    call: int
    description: SessionDescription


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
    """ICE and DTLS are up."""


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


ClientCall = Open | Start | Candidate | Speak | Interrupt | KeepAlive | Listen | Stop
PeerReport = (
    OfferMade | DescriptionAccepted | DescriptionRefused | Connected | Lost | Unavailable | Crashed
)
Event = ClientCall | PeerReport | TimePassed | SpeechEnded | Expired | Shutdown
