"""What is said on the signalling WebSocket and on data channels, as protobuf messages.

Field by field what livekit-client 2.11 and the Rust SDK behind PyPI ``livekit`` 1.2 need.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from livekit.protocol import models, rtc

PROTOCOL = 15
AVATAR = "heygen"
"""The avatar's identity, which public clients compare with (pipecat, 2025)."""
PING_INTERVAL, PING_TIMEOUT = 5, 15
"""Seconds; a client that hears no pong for the latter connects anew."""

VERSION = "1.9.0"
"""The server version that is told: livekit-client takes an empty one for a very old server."""

Reason = Literal["deleted", "shutdown", "duplicate", "removed", "failure", "left"]
_REASONS: dict[Reason, models.DisconnectReason] = {
    "deleted": models.ROOM_DELETED,
    "shutdown": models.SERVER_SHUTDOWN,
    "duplicate": models.DUPLICATE_IDENTITY,
    "removed": models.PARTICIPANT_REMOVED,
    "failure": models.JOIN_FAILURE,
    "left": models.CLIENT_INITIATED,
}


@dataclass(frozen=True, slots=True)
class Published:
    """One track of a participant. ``size`` is in pixels, for video."""

    sid: str
    kind: Literal["audio", "video"]
    name: str
    size: tuple[int, int] = (0, 0)
    source: models.TrackSource = models.UNKNOWN
    muted: bool = False


@dataclass(slots=True)
class Member:
    """What the others in a room are told of a participant. ``joined_at`` is in Unix seconds."""

    sid: str
    identity: str
    name: str
    joined_at: int
    tracks: list[Published] = field(default_factory=list)


def track_info(track: Published) -> models.TrackInfo:
    """The track as LiveKit tells of it."""
    audio = track.kind == "audio"
    width, height = track.size
    return models.TrackInfo(
        sid=track.sid,
        type=models.AUDIO if audio else models.VIDEO,
        name=track.name,
        muted=track.muted,
        width=width,
        height=height,
        source=track.source or (models.MICROPHONE if audio else models.CAMERA),
        mime_type="audio/opus" if audio else "video/VP8",
        stream=track.name,
        # One quality, encoded before it is served: no layers to choose from.
        layers=[]
        if audio
        else [models.VideoLayer(quality=models.HIGH, width=width, height=height)],
    )


def participant_info(member: Member, *, gone: bool = False) -> models.ParticipantInfo:
    """The participant as LiveKit tells of it; ``gone`` when it has left."""
    return models.ParticipantInfo(
        sid=member.sid,
        identity=member.identity,
        name=member.name,
        state=models.ParticipantInfo.DISCONNECTED if gone else models.ParticipantInfo.ACTIVE,
        joined_at=member.joined_at,
        is_publisher=bool(member.tracks),
        tracks=[track_info(track) for track in member.tracks],
        permission=models.ParticipantPermission(
            can_subscribe=True, can_publish=True, can_publish_data=True
        ),
    )


def join(
    *, room_sid: str, room: str, created_at: int, me: Member, others: Iterable[Member]
) -> rtc.SignalResponse:
    """The first message of every connection."""
    known = list(others)
    return rtc.SignalResponse(
        join=rtc.JoinResponse(
            room=models.Room(
                sid=room_sid,
                name=room,
                creation_time=created_at,
                num_participants=len(known) + 1,
            ),
            participant=participant_info(me),
            other_participants=[participant_info(other) for other in known],
            server_version=VERSION,
            server_info=models.ServerInfo(version=VERSION, protocol=PROTOCOL, node_id="mock"),
            subscriber_primary=True,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            enabled_publish_codecs=[
                models.Codec(mime="audio/opus"),
                models.Codec(mime="video/VP8"),
            ],
        )
    )


def offer(sdp: str) -> rtc.SignalResponse:
    """The server's offer for what the participant sees and hears."""
    return rtc.SignalResponse(offer=rtc.SessionDescription(type="offer", sdp=sdp))


def answer(sdp: str, *, number: int) -> rtc.SignalResponse:
    """The answer to the participant's own offer, whose ``id`` is ``number``."""
    return rtc.SignalResponse(answer=rtc.SessionDescription(type="answer", sdp=sdp, id=number))


def update(members: Iterable[Member], *, gone: bool = False) -> rtc.SignalResponse:
    """News of other participants."""
    infos = [participant_info(member, gone=gone) for member in members]
    return rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=infos))


def track_published(cid: str, track: Published) -> rtc.SignalResponse:
    """The participant may publish the track it announced as ``cid``."""
    return rtc.SignalResponse(
        track_published=rtc.TrackPublishedResponse(cid=cid, track=track_info(track))
    )


def pong(now_ms: int) -> rtc.SignalResponse:
    """To the older kind of ping."""
    return rtc.SignalResponse(pong=now_ms)


def pong_to(ping: rtc.Ping, *, now_ms: int) -> rtc.SignalResponse:
    """To the newer kind, whose time goes back with it."""
    return rtc.SignalResponse(
        pong_resp=rtc.Pong(last_ping_timestamp=ping.timestamp, timestamp=now_ms)
    )


def reconnect() -> rtc.SignalResponse:
    """The participant goes on with the connections it has."""
    return rtc.SignalResponse(
        reconnect=rtc.ReconnectResponse(
            server_info=models.ServerInfo(version=VERSION, protocol=PROTOCOL, node_id="mock")
        )
    )


def leave(reason: Reason) -> rtc.SignalResponse:
    """The participant is to leave for good."""
    return rtc.SignalResponse(
        leave=rtc.LeaveRequest(reason=_REASONS[reason], action=rtc.LeaveRequest.DISCONNECT)
    )


def leave_and_return() -> rtc.SignalResponse:
    """The participant is to join anew."""
    return rtc.SignalResponse(
        leave=rtc.LeaveRequest(
            can_reconnect=True,
            reason=models.STATE_MISMATCH,
            action=rtc.LeaveRequest.RECONNECT,
        )
    )


def data(payload: bytes, *, sender: Member) -> bytes:
    """A packet of a data channel that carries ``payload``."""
    packet = models.DataPacket(
        kind=models.DataPacket.RELIABLE,
        participant_identity=sender.identity,
        user=models.UserPacket(
            participant_sid=sender.sid, participant_identity=sender.identity, payload=payload
        ),
    )
    return packet.SerializeToString()
