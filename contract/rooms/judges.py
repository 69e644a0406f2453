"""What a room must say: each judge gives what is wrong, or None."""

from __future__ import annotations

import re

from livekit.protocol import models, rtc

from contract.rooms.guest import AVATAR, Guest

_MSID = re.compile(r"^a=msid:(\S+) (\S+)\s*$", re.MULTILINE)
_ACTIVE = models.ParticipantInfo.ACTIVE
_END = rtc.LeaveRequest


def judge_join(guest: Guest, *, room: str, identity: str) -> str | None:
    """The first message is join; it names room and participant, and who has to offer what."""
    kinds = guest.kinds()
    if not kinds or guest.join is None:
        return f"{', '.join(kinds) or 'nothing'}, and no join"
    if kinds[0] != "join":
        return f"{kinds[0] or 'no message of the protocol'} before join"
    join = guest.join
    me = join.participant
    wrong = {
        f"room {join.room.name!r:.60}": join.room.name != room,
        f"a room with the sid {join.room.sid!r:.60}": not join.room.sid.startswith("RM_"),
        f"a participant {me.identity!r:.60}": me.identity != identity,
        f"a participant with the sid {me.sid!r:.60}": not me.sid.startswith("PA_"),
        "a participant that is not active": me.state != _ACTIVE,
        "subscriber_primary false": not join.subscriber_primary,
        "no server version": not (join.server_version or join.server_info.version),
        f"pings every {join.ping_interval} s, and at most {join.ping_timeout} s without": not (
            0 < join.ping_interval < join.ping_timeout
        ),
    }
    return next((words for words, holds in wrong.items() if holds), None)


def judge_avatar(avatar: models.ParticipantInfo | None) -> str | None:
    """The avatar is an active participant with one track of sound and one of pictures."""
    if avatar is None:
        return f"no participant {AVATAR}"
    if not avatar.sid.startswith("PA_") or avatar.state != _ACTIVE:
        return f"a participant with the sid {avatar.sid!r:.60} in state {avatar.state}"
    kinds = sorted(track.type for track in avatar.tracks)
    if kinds != sorted((models.AUDIO, models.VIDEO)):
        return f"{len(kinds)} tracks, of the types {kinds}"
    odd = [track.sid for track in avatar.tracks if not track.sid.startswith("TR_")]
    if odd or len({track.sid for track in avatar.tracks}) != len(avatar.tracks):
        return f"tracks with the sids {[track.sid for track in avatar.tracks]!r:.100}"
    if any(t.type == models.VIDEO and not (t.width and t.height) for t in avatar.tracks):
        return "a video track without a size"
    return None


def judge_offer(guest: Guest) -> str | None:
    """The offer's sections name the participant and the track that they carry."""
    avatar = guest.avatar
    if guest.unanswerable is not None:
        return f"an offer that cannot be answered: {guest.unanswerable[:200]}"
    offers = [offer for offer in guest.answered if "m=video" in offer]
    if avatar is None or not offers:
        return "no offer of the avatar's tracks"
    sections = offers[-1].split("\nm=")[1:]
    for track in avatar.tracks:
        name = "video" if track.type == models.VIDEO else "audio"
        mine = [s for s in sections if s.startswith(name) and "recvonly" not in s]
        told = [match.groups() for section in mine for match in _MSID.finditer(section)]
        if not any(_is_of(stream, avatar.sid) and sid == track.sid for stream, sid in told):
            said = ", ".join(" ".join(pair) for pair in told) or "none"
            return f"msid {said:.120} for {name} of {avatar.sid}, {track.sid}"
    if not any(section.startswith("application") for section in sections):
        return "no data channel"
    return None


def _is_of(stream: str, sid: str) -> bool:
    """Whether the stream is the participant's: the Rust SDK takes what stands before the bar."""
    return "|" in stream and stream.partition("|")[0] == sid


def judge_pongs(guest: Guest, *, stamp: int) -> str | None:
    """Both kinds of ping were answered, the newer with its own time."""
    if not guest.all_of("pong"):
        return "no pong for a ping"
    told = [each.pong_resp.last_ping_timestamp for each in guest.all_of("pong_resp")]
    if stamp not in told:
        return f"pongs of {told[:5]}" if told else "no pong_resp for a ping_req"
    return None


def judge_leave(guest: Guest, *, reason: models.DisconnectReason) -> str | None:
    """The room said farewell for good, with that reason, and hung up."""
    told = [each.leave for each in guest.all_of("leave")]
    if not told:
        return "no leave" if guest.ended_at is None else "a closed socket without leave"
    last = told[-1]
    if last.action != _END.DISCONNECT or last.can_reconnect:
        return f"leave with the action {_END.Action.Name(last.action)}"
    if last.reason != reason:
        return f"leave with the reason {models.DisconnectReason.Name(last.reason)}"
    return None if guest.ended_at is not None else "a socket that stays open"


def judge_resumed(guest: Guest) -> str | None:
    """Who comes back goes on with what it has, or is told to join anew."""
    kinds = guest.kinds()
    if not kinds:
        return "nothing"
    if kinds[0] == "reconnect":
        return None
    if kinds[0] != "leave":
        return kinds[0] or "no message of the protocol"
    action = guest.heard[0].message.leave.action
    return None if action == _END.RECONNECT else f"leave with the action {action}"


def judge_published(guest: Guest, cid: str) -> str | None:
    """A track that was announced may be published, under the name that its owner knows."""
    told = [each.track_published for each in guest.all_of("track_published")]
    if not told:
        return "no track_published"
    if cid not in [each.cid for each in told]:
        return f"track_published of {told[-1].cid!r:.60}"
    sid = next(each.track.sid for each in told if each.cid == cid)
    return None if sid.startswith("TR_") else f"a track with the sid {sid!r:.60}"
