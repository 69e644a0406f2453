"""What a room must say, right and wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from livekit.protocol import models, rtc

from contract.rooms import judges
from tests.contract.rooms.lines import ROOM, avatar, heard, join, leave, offer


def test_a_right_room_is_right() -> None:
    guest = heard(join(others=[avatar()]), offer(), leave())
    assert judges.judge_join(guest, room=ROOM, identity="client") is None
    assert judges.judge_avatar(guest.avatar) is None
    assert judges.judge_offer(guest) is None
    assert judges.judge_leave(guest, reason=models.ROOM_DELETED) is None


def _change(change: Callable[[rtc.JoinResponse], object]) -> str | None:
    said = join()
    change(said.join)
    return judges.judge_join(heard(said), room=ROOM, identity="client")


def _set(**fields: object) -> Callable[[object], None]:
    def change(message: object) -> None:
        for name, value in fields.items():
            setattr(message, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda it: _set(name="other")(it.room), "room 'other'"),
        (lambda it: _set(sid="1")(it.room), "a room with the sid '1'"),
        (lambda it: _set(identity="me")(it.participant), "a participant 'me'"),
        (lambda it: _set(sid="1")(it.participant), "a participant with the sid '1'"),
        (lambda it: _set(state=0)(it.participant), "a participant that is not active"),
        (_set(subscriber_primary=False), "subscriber_primary false"),
        (_set(server_version=""), "no server version"),
        (_set(ping_timeout=5), "pings every 5 s, and at most 5 s without"),
        (_set(ping_interval=0), "pings every 0 s, and at most 15 s without"),
    ],
)
def test_each_part_of_join_is_looked_at(
    change: Callable[[rtc.JoinResponse], object], wrong: str
) -> None:
    assert _change(change) == wrong


def test_join_comes_first() -> None:
    early = heard(offer(), join())
    assert judges.judge_join(early, room=ROOM, identity="client") == "offer before join"
    none = heard(offer())
    assert judges.judge_join(none, room=ROOM, identity="client") == "offer, and no join"
    assert judges.judge_join(heard(), room=ROOM, identity="client") == "nothing, and no join"


def _avatar(change: Callable[[models.ParticipantInfo], object]) -> str | None:
    one = avatar()
    change(one)
    return judges.judge_avatar(one)


def test_the_avatar_has_one_track_of_each_kind() -> None:
    assert judges.judge_avatar(None) == "no participant heygen"
    assert _avatar(lambda it: it.tracks.pop()) == "1 tracks, of the types [0]"
    assert _avatar(lambda it: _set(sid="x")(it.tracks[0])) == "tracks with the sids ['x', 'TR_V1']"
    assert _avatar(lambda it: _set(sid="TR_V1")(it.tracks[0])) is not None
    assert _avatar(lambda it: _set(width=0)(it.tracks[1])) == "a video track without a size"
    assert _avatar(_set(sid="heygen")) is not None
    assert _avatar(_set(state=models.ParticipantInfo.JOINING)) is not None


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (offer("PA_avatar"), "msid PA_avatar TR_A1 for audio of PA_avatar, TR_A1"),
        (offer("PA_1|x"), "msid PA_1|x TR_A1 for audio of PA_avatar, TR_A1"),
        (offer(video="TR_V2"), "msid PA_avatar|x TR_V2 for video of PA_avatar, TR_V1"),
        (offer(data=False), "no data channel"),
    ],
)
def test_an_offer_names_whose_tracks_it_has(said: rtc.SignalResponse, wrong: str) -> None:
    assert judges.judge_offer(heard(join(others=[avatar()]), said)) == wrong


def test_without_an_offer_nothing_is_shown() -> None:
    assert judges.judge_offer(heard(join(others=[avatar()]))) == "no offer of the avatar's tracks"


def test_both_kinds_of_ping_are_answered() -> None:
    pong, timely = (
        rtc.SignalResponse(pong=1),
        rtc.SignalResponse(pong_resp=rtc.Pong(last_ping_timestamp=7)),
    )
    assert judges.judge_pongs(heard(pong, timely), stamp=7) is None
    assert judges.judge_pongs(heard(timely), stamp=7) == "no pong for a ping"
    assert judges.judge_pongs(heard(pong), stamp=7) == "no pong_resp for a ping_req"
    assert judges.judge_pongs(heard(pong, timely), stamp=8) == "pongs of [7]"


def test_a_farewell_is_for_good_and_says_why() -> None:
    deleted = models.ROOM_DELETED
    assert judges.judge_leave(heard(), reason=deleted) == "a closed socket without leave"
    assert judges.judge_leave(heard(ends=False), reason=deleted) == "no leave"
    staying = judges.judge_leave(heard(leave(), ends=False), reason=deleted)
    assert staying == "a socket that stays open"
    other = judges.judge_leave(heard(leave(models.SERVER_SHUTDOWN)), reason=deleted)
    assert other == "leave with the reason SERVER_SHUTDOWN"
    again = judges.judge_leave(heard(leave(action=rtc.LeaveRequest.RECONNECT)), reason=deleted)
    assert again == "leave with the action RECONNECT"


def test_who_comes_back_goes_on_or_joins_anew() -> None:
    goes_on = rtc.SignalResponse(reconnect=rtc.ReconnectResponse())
    assert judges.judge_resumed(heard(goes_on)) is None
    assert judges.judge_resumed(heard(leave(action=rtc.LeaveRequest.RECONNECT))) is None
    assert judges.judge_resumed(heard(leave())) == "leave with the action 0"
    assert judges.judge_resumed(heard(join())) == "join"
    assert judges.judge_resumed(heard()) == "nothing"


def test_a_track_is_published_under_its_owners_name() -> None:
    def told(cid: str, sid: str) -> rtc.SignalResponse:
        track = models.TrackInfo(sid=sid)
        return rtc.SignalResponse(track_published=rtc.TrackPublishedResponse(cid=cid, track=track))

    assert judges.judge_published(heard(told("mine", "TR_1")), "mine") is None
    assert judges.judge_published(heard(), "mine") == "no track_published"
    assert judges.judge_published(heard(told("x", "TR_1")), "mine") == "track_published of 'x'"
    assert judges.judge_published(heard(told("mine", "1")), "mine") == "a track with the sid '1'"
