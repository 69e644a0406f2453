"""A room: who is in it, and what each of them is told. Without sockets."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models, rtc

from mock_server.core.access_token import Grant
from mock_server.core.null_sdp import NullTransport, null_answer
from mock_server.core.sdp import parse_description
from mock_server.livekit.publication import Publication
from mock_server.livekit.room import (
    MAX_PARTICIPANTS,
    RESUME_TIME,
    AvatarsNameError,
    RoomFullError,
)
from mock_server.peers import PeerConnected
from tests.livekit.house import Ear, House, Line, answer, run, turn


def test_the_first_message_is_join_and_the_second_an_offer() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        _, line = await house.join()
        assert line.kinds() == ["join", "offer"]
        join = line.last("join")
        assert join.subscriber_primary
        assert join.server_version
        assert (join.ping_interval, join.ping_timeout) == (5, 15)
        assert (join.participant.identity, join.room.name) == ("client", "a-room")
        (avatar,) = join.other_participants
        assert (avatar.identity, avatar.state) == ("heygen", models.ParticipantInfo.ACTIVE)
        assert [(t.type, t.width, t.height) for t in avatar.tracks] == [
            (models.AUDIO, 0, 0),
            (models.VIDEO, 854, 480),
        ]
        sdp = line.last("offer").sdp
        for track in avatar.tracks:
            assert f"a=msid:{avatar.sid}|avatar {track.sid}" in sdp

    run(scene)


def test_who_joins_before_the_avatar_gets_it_by_a_second_offer() -> None:
    async def scene(house: House) -> None:
        participant, line = await house.join()
        assert not line.last("join").other_participants
        await answer(participant, line)
        assert house.news == []
        await house.room.announce()
        await turn()
        assert line.kinds() == ["join", "offer", "update", "offer"]
        assert [p.identity for p in line.last("update").participants] == ["heygen"]
        await answer(participant, line)
        assert house.news == [PeerConnected()]

    run(scene)


def test_an_avatar_that_comes_while_an_offer_is_open_waits_for_its_answer() -> None:
    async def scene(house: House) -> None:
        participant, line = await house.join()
        await house.room.announce()
        await turn()
        assert line.kinds() == ["join", "offer", "update"]
        await answer(participant, line)
        assert line.kinds() == ["join", "offer", "update", "offer"]
        assert house.news == []
        await answer(participant, line)
        assert house.news == [PeerConnected()]

    run(scene)


def test_the_session_hears_of_its_first_viewer_alone() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        await house.watch("one")
        await house.watch("two")
        assert house.news == [PeerConnected()]
        assert [event for event, _ in house.notes] == ["viewer_joined", "viewer_connected"] * 2

    run(scene)


def test_participants_hear_of_each_other() -> None:
    async def scene(house: House) -> None:
        _, line = await house.join("one")
        two, other = await house.join("two")
        assert [p.identity for p in other.last("join").other_participants] == ["one"]
        assert [p.identity for p in line.last("update").participants] == ["two"]
        await two.take(rtc.SignalRequest(leave=rtc.LeaveRequest()).SerializeToString())
        (gone,) = line.last("update").participants
        assert (gone.identity, gone.state) == ("two", models.ParticipantInfo.DISCONNECTED)
        assert house.notes[-1] == ("viewer_left", "it left")
        assert other.over
        assert not line.over

    run(scene)


def test_the_same_identity_replaces_the_one_before() -> None:
    async def scene(house: House) -> None:
        _, first = await house.watch()
        _, second = await house.watch()
        assert first.last("leave").reason == models.DUPLICATE_IDENTITY
        assert first.over
        assert not second.over
        assert house.ears[0].heard == ["left"]

    run(scene)


def test_nobody_joins_beside_the_avatar_under_its_identity() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        _, line = await house.watch("one")
        with pytest.raises(AvatarsNameError, match="identity heygen"):
            await house.join("heygen")
        assert line.kinds() == ["join", "offer"]

    run(scene)


def test_the_avatar_takes_the_place_of_who_has_its_identity() -> None:
    async def scene(house: House) -> None:
        _, line = await house.join("heygen")
        _, other = await house.join("one")
        await house.room.announce()
        assert line.last("leave").reason == models.DUPLICATE_IDENTITY
        assert line.over
        (avatar,) = other.last("update").participants
        assert (avatar.identity, len(avatar.tracks)) == ("heygen", 2)

    run(scene)


@pytest.mark.parametrize(
    ("shutdown", "reason"), [(False, models.ROOM_DELETED), (True, models.SERVER_SHUTDOWN)]
)
def test_the_end_tells_everybody_why(*, shutdown: bool, reason: int) -> None:
    async def scene(house: House) -> None:
        lines = [(await house.watch(name))[1] for name in ("one", "two")]
        await house.room.close(shutdown=shutdown)
        for line in lines:
            assert line.last("leave").reason == reason
            assert line.last("leave").action == rtc.LeaveRequest.DISCONNECT
            assert line.over
        assert house.rooms.find("a-room") is None
        with pytest.raises(RoomFullError):
            house.room.join(Grant("a-room", "late", ""), Line())

    run(scene)


def test_a_viewer_whose_websocket_breaks_may_go_on_by_a_new_one() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        participant, line = await house.watch()
        house.room.broken(participant, line)
        await asyncio.sleep(RESUME_TIME - 1)
        again = Line()
        sid = participant.member.sid
        assert house.room.resume("client", "PA_other", again) is None
        back = house.room.resume("client", sid, again)
        assert back is participant
        assert again.kinds() == ["reconnect", "update"]
        await asyncio.sleep(RESUME_TIME)
        house.room.broken(back, line)  # the old one's end, late
        assert house.notes[-1] == ("viewer_resumed", None)

    run(scene)


def test_one_that_does_not_come_back_has_left() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        participant, line = await house.watch()
        house.room.broken(participant, line)
        await asyncio.sleep(RESUME_TIME + 1)
        assert house.notes[-1] == ("viewer_left", "its WebSocket ended")
        assert house.room.resume("client", participant.member.sid, Line()) is None

    run(scene)


def test_one_that_publishes_must_join_anew() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        participant, line = await house.watch()
        sdp = null_answer(  # of the form of an offer of data and sound
            NullTransport.for_session("publisher"),
            parse_description("offer", line.last("offer").sdp),
        ).replace("a=setup:active", "a=setup:actpass")
        offer = rtc.SignalRequest(offer=rtc.SessionDescription(type="offer", sdp=sdp, id=7))
        await participant.take(offer.SerializeToString())
        assert line.last("answer").id == 7
        house.room.broken(participant, line)
        assert house.room.resume("client", participant.member.sid, Line()) is None

    run(scene)


def test_pings_are_answered_with_their_own_time() -> None:
    async def scene(house: House) -> None:
        participant, line = await house.join()
        await participant.take(rtc.SignalRequest(ping=5).SerializeToString())
        assert line.sent[-1].pong == 1_800_000_000_500
        ping = rtc.SignalRequest(ping_req=rtc.Ping(timestamp=77, rtt=1))
        await participant.take(ping.SerializeToString())
        assert line.last("pong_resp").last_ping_timestamp == 77

    run(scene)


def test_a_track_is_published_under_a_sid_of_its_own_and_the_others_are_told() -> None:
    async def scene(house: House) -> None:
        participant, line = await house.join("one")
        _, other = await house.join("two")
        for cid in ("mic", "cam"):
            kind = models.AUDIO if cid == "mic" else models.VIDEO
            request = rtc.SignalRequest(add_track=rtc.AddTrackRequest(cid=cid, type=kind, name=cid))
            await participant.take(request.SerializeToString())
        published = [m.track_published for m in line.sent if m.HasField("track_published")]
        assert [p.cid for p in published] == ["mic", "cam"]
        assert len({p.track.sid for p in published}) == 2
        assert len(other.last("update").participants[0].tracks) == 2

    run(scene)


def test_a_viewer_without_the_right_to_publish_publishes_nothing() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        participant, line = await house.join(can_publish=False)
        request = rtc.SignalRequest(add_track=rtc.AddTrackRequest(cid="mic", type=models.AUDIO))
        await participant.take(request.SerializeToString())
        assert "track_published" not in line.kinds()

    run(scene)


def said(payload: bytes) -> bytes:
    packet = models.DataPacket(user=models.UserPacket(payload=payload))
    return packet.SerializeToString()


def test_what_a_viewer_says_reaches_the_avatar() -> None:
    ear = Ear()
    publication = Publication(ear, with_data=True)
    for payload in (
        b'"talk to me"', b'"push_to_talk:start"', b'"push_to_talk:stop"',
        b"{}", b"no json", b"[" * 9999, b"\xff",
    ):  # fmt: skip
        publication.data(said(payload))
    publication.data(b"\xff no packet")
    publication.sound(-20.0, 0.02)
    publication.mute("TR_1", muted=True)
    publication.sound(-20.0, 0.02)
    publication.mute("TR_1", muted=False)
    publication.sound(-30.0, 0.02)
    publication.data(models.DataPacket(metrics={}).SerializeToString())  # of the SDK's own accord
    useless = 'ignored data packet: it holds no JSON string, such as "Hello!"'
    assert ear.heard == [
        "talk to me",
        True,
        False,
        *[useless] * 4,
        "ignored message: it is no DataPacket",
        (-20.0, 0.02),
        (-30.0, 0.02),
    ]


def test_a_muted_track_that_has_ended_mutes_no_other() -> None:
    ear = Ear()
    publication = Publication(ear)
    publication.mute("TR_1", muted=True)
    publication.mute("TR_2", muted=True)
    publication.sound(-10.0, 0.02)
    publication.forget("TR_2")
    publication.forget("TR_1")
    publication.sound(-20.0, 0.02)
    publication.mute("TR_1", muted=True)
    publication.mute("TR_2", muted=False)
    publication.sound(-30.0, 0.02)
    assert ear.heard == [(-20.0, 0.02), (-30.0, 0.02)]


def test_a_viewer_is_listened_to_as_far_as_its_token_allows() -> None:
    ear = Ear()
    Publication(ear, with_data=False).data(said(b'"hello"'))
    Publication(ear, with_sound=False).sound(-20.0, 0.02)
    assert ear.heard == []


@pytest.mark.parametrize(
    "sdp", ["", "v=0", "nonsense", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"]
)
def test_an_answer_that_fits_nothing_ends_the_visit(sdp: str) -> None:
    async def scene(house: House) -> None:
        participant, line = await house.join()
        request = rtc.SignalRequest(answer=rtc.SessionDescription(type="answer", sdp=sdp))
        await participant.take(request.SerializeToString())
        assert line.last("leave").reason == models.JOIN_FAILURE
        assert line.over

    run(scene)


def test_a_message_can_be_kept_from_a_participant() -> None:
    async def scene(house: House) -> None:
        house.dropped = frozenset({"join", "pong"})
        participant, line = await house.join()
        await participant.take(rtc.SignalRequest(ping=5).SerializeToString())
        assert line.kinds() == ["offer"]

    run(scene)


def test_a_room_holds_only_so_many() -> None:
    async def scene(house: House) -> None:
        for number in range(MAX_PARTICIPANTS):
            house.room.join(Grant("a-room", str(number), ""), Line())
        with pytest.raises(RoomFullError):
            house.room.join(Grant("a-room", "one more", ""), Line())
        await turn()

    run(scene)


def described(kind: str, sdp: str) -> rtc.SignalRequest:
    description = rtc.SessionDescription(type=kind, sdp=sdp)
    if kind == "offer":
        return rtc.SignalRequest(offer=description)
    return rtc.SignalRequest(answer=description)


requests = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda **given: rtc.SignalRequest(**given).SerializeToString(),
        trickle=st.builds(
            rtc.TrickleRequest, candidateInit=st.text(), target=st.sampled_from([0, 1])
        ),
    ),
    st.builds(
        lambda kind, sdp: described(kind, sdp).SerializeToString(),
        st.sampled_from(["offer", "answer"]),
        st.text() | st.just("v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"),
    ),
)


@given(st.lists(requests, max_size=8))
def test_whatever_a_client_says_the_room_goes_on(said: list[bytes]) -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        bad, _ = await house.join("bad")
        for content in said:
            await bad.take(content)
        await house.watch("good")
        assert PeerConnected() in house.news

    run(scene)
