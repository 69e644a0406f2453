"""A room that says what a test has written down."""

from __future__ import annotations

from collections.abc import Iterable

from livekit.protocol import models, rtc

from contract.exchange import Headers
from contract.rooms.guest import Guest
from contract.wire import EndedError

ROOM = "1f86a0a2-bd4e-11ef-8f3a-0242ac110002"


class ScriptedWire:
    """Implements ``contract.wire.Wire``: says its messages, then hangs up, or says no more."""

    def __init__(self, messages: Iterable[bytes | str], *, ends: bool = True) -> None:
        self._messages = list(messages)
        self._ends = ends
        self.sent: list[rtc.SignalRequest] = []
        self.url = ""
        self.headers: Headers = ()
        self.closed = False

    def dial(self, url: str, headers: Headers) -> ScriptedWire:
        self.url, self.headers = url, headers
        return self

    def send(self, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        self.sent.append(rtc.SignalRequest.FromString(data))

    def receive(self, seconds: float) -> bytes | str | None:
        if self._messages:
            return self._messages.pop(0)
        if self._ends:
            raise EndedError
        return None

    def close(self) -> None:
        self.closed = True


def heard(*messages: rtc.SignalResponse, ends: bool = True) -> Guest:
    """A guest that has heard all of these."""
    wire = ScriptedWire([message.SerializeToString() for message in messages], ends=ends)
    guest = Guest(wire.dial, "ws://room", "token", answer=lambda offer: "v=0\r\n")
    guest.attend(lambda it: len(it.heard) == len(messages), 1.0)
    guest.attend(lambda it: False, 0.01)
    return guest


def avatar() -> models.ParticipantInfo:
    return models.ParticipantInfo(
        sid="PA_avatar",
        identity="heygen",
        state=models.ParticipantInfo.ACTIVE,
        tracks=[
            models.TrackInfo(sid="TR_A1", type=models.AUDIO),
            models.TrackInfo(sid="TR_V1", type=models.VIDEO, width=854, height=480),
        ],
    )


def join(*, others: Iterable[models.ParticipantInfo] = ()) -> rtc.SignalResponse:
    return rtc.SignalResponse(
        join=rtc.JoinResponse(
            room=models.Room(sid="RM_1", name=ROOM),
            participant=models.ParticipantInfo(
                sid="PA_1", identity="client", state=models.ParticipantInfo.ACTIVE
            ),
            other_participants=list(others),
            server_version="1.9.0",
            subscriber_primary=True,
            ping_interval=5,
            ping_timeout=15,
        )
    )


def offer(
    stream: str = "PA_avatar|x", *, audio: str = "TR_A1", video: str = "TR_V1", data: bool = True
) -> rtc.SignalResponse:
    sections = (
        f"m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=msid:{stream} {audio}\r\na=sendonly\r\n"
        f"m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=msid:{stream} {video}\r\na=sendonly\r\n"
    )
    sections += "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" if data else ""
    return rtc.SignalResponse(offer=rtc.SessionDescription(type="offer", sdp=f"v=0\r\n{sections}"))


def leave(
    reason: models.DisconnectReason = models.ROOM_DELETED,
    action: rtc.LeaveRequest.Action = rtc.LeaveRequest.DISCONNECT,
) -> rtc.SignalResponse:
    return rtc.SignalResponse(leave=rtc.LeaveRequest(reason=reason, action=action))
