"""A room that says what a test has written down."""

from __future__ import annotations

from collections.abc import Iterable

from livekit.protocol import models, rtc

from contract.rooms.guest import Guest
from tests.contract.wires import ScriptedWire

ROOM = "1f86a0a2-bd4e-11ef-8f3a-0242ac110002"


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
