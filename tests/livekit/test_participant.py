"""One participant's own life: what it may say when, and what is left of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from livekit.protocol import models, rtc

from mock_server.core.access_token import Grant
from mock_server.core.null_sdp import NullTransport, null_answer
from mock_server.core.sdp import SessionDescription, parse_description
from mock_server.livekit.participant import MAX_TRACKS, Participant
from mock_server.null_peer import NullPeer, NullPeerFactory, NullPublisher
from mock_server.peers import Hearing, PeerConnected, PeerNews, PeerSpec, PeerUnavailableError
from tests.livekit.house import House, Line, answer, run, turn


def published(line: Line) -> list[str]:
    return [m.track_published.track.sid for m in line.sent if m.HasField("track_published")]


async def publish(participant: Participant, cid: str, *, audio: bool, muted: bool = False) -> None:
    kind = models.AUDIO if audio else models.VIDEO
    track = rtc.AddTrackRequest(cid=cid, type=kind, muted=muted)
    await participant.take(rtc.SignalRequest(add_track=track).SerializeToString())


async def mute(participant: Participant, sid: str, *, muted: bool) -> None:
    request = rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid=sid, muted=muted))
    await participant.take(request.SerializeToString())


async def send_offer(participant: Participant, line: Line) -> None:
    sdp = null_answer(  # of the form of an offer of data and sound
        NullTransport.for_session("publisher"), parse_description("offer", line.last("offer").sdp)
    ).replace("a=setup:active", "a=setup:actpass")
    offer = rtc.SessionDescription(type="offer", sdp=sdp)
    await participant.take(rtc.SignalRequest(offer=offer).SerializeToString())


class Publishers(NullPeerFactory):
    """Notes its publishers; ``broken`` raises in what ought to answer."""

    def __init__(self, *, broken: Exception | None = None, waits: bool = False) -> None:
        self.hearings: list[Hearing] = []
        self.open = 0
        self.broken = broken
        self.waits = waits

    def publisher(self, hearing: Hearing) -> NullPublisher:
        self.hearings.append(hearing)
        self.open += 1
        return _Publisher(self)


class _Publisher(NullPublisher):
    def __init__(self, all_of_them: Publishers) -> None:
        self._all = all_of_them
        self.answering = False

    async def answer(self, offer: SessionDescription) -> str:
        if self._all.broken is not None:
            raise self._all.broken
        self.answering = True
        try:
            if self._all.waits:
                await asyncio.Event().wait()
            return await super().answer(offer)
        finally:
            self.answering = False

    async def close(self) -> None:
        assert not self.answering
        self._all.open -= 1


def test_who_has_to_go_begins_nothing_any_more() -> None:
    peers = Publishers()

    async def scene(house: House) -> None:
        former, line = await house.watch()
        _, other = await house.join("other")
        await house.join()
        told = len(other.sent)
        await send_offer(former, line)
        await publish(former, "mic", audio=True)
        assert (peers.hearings, len(other.sent)) == ([], told)

    run(scene, peers=peers)


def test_a_publisher_that_is_being_made_when_its_viewer_goes_is_closed() -> None:
    peers = Publishers(waits=True)

    async def scene(house: House) -> None:
        viewer, line = await house.watch()
        offering = asyncio.create_task(send_offer(viewer, line))
        await turn()
        assert peers.open == 1
        await house.room.close(shutdown=False)
        await offering
        assert peers.open == 0

    run(scene, peers=peers)


def test_a_fault_of_this_program_ends_the_visit_of_one_viewer_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(house: House) -> None:
        _, good = await house.watch("good")
        bad, line = await house.watch("bad")
        await send_offer(bad, line)
        await turn()
        assert line.last("leave").reason == models.JOIN_FAILURE
        assert not good.over

    run(scene, peers=Publishers(broken=RuntimeError("oops")))
    assert "oops" in caplog.text


def test_a_room_may_end_before_a_viewer_is_offered_anything() -> None:
    async def scene(house: House) -> None:
        line = Line()
        house.room.join(Grant("a-room", "client", ""), line)
        await house.room.close(shutdown=False)
        assert line.kinds() == ["leave"]
        assert house.ears[0].heard == ["left"]

    run(scene)


class Unable(NullPeerFactory):
    """Makes peers of which the second offer fails for a reason that nobody thought of."""

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> NullPeer:
        return _UnablePeer(spec, notify)


class _UnablePeer(NullPeer):
    offers = 0

    async def offer(self, *, media: bool = True) -> str:
        self.offers += 1
        if self.offers > 1:
            raise RuntimeError("oops")
        return await super().offer(media=media)


def test_a_viewer_that_can_be_offered_nothing_is_told() -> None:
    async def scene(house: House) -> None:
        _, line = await house.watch()
        await house.room.announce()
        await turn()
        assert line.last("leave").reason == models.JOIN_FAILURE
        assert line.over

    run(scene, peers=Unable())


class Full(NullPeerFactory):
    """Has no port left for another viewer."""

    def __call__(self, spec: PeerSpec, notify: Callable[[PeerNews], None]) -> NullPeer:
        return _PortlessPeer(spec, notify)


class _PortlessPeer(NullPeer):
    async def offer(self, *, media: bool = True) -> str:
        raise PeerUnavailableError("all UDP ports are in use")


def test_who_cannot_be_served_is_told_so_in_place_of_the_greeting() -> None:
    async def scene(house: House) -> None:
        _, line = await house.join()
        assert line.kinds() == ["leave"]
        assert line.last("leave").reason == models.JOIN_FAILURE
        assert line.over

    run(scene, peers=Full())


def test_who_comes_back_is_told_what_it_missed() -> None:
    async def scene(house: House) -> None:
        viewer, line = await house.watch()
        house.room.broken(viewer, line)
        await house.room.announce()
        await house.join("other")
        again = Line()
        assert house.room.resume("client", viewer.member.sid, again) is viewer
        assert again.kinds() == ["reconnect", "update", "offer"]
        assert [p.identity for p in again.last("update").participants] == ["heygen", "other"]
        await answer(viewer, again)
        assert house.news == [PeerConnected()]

    run(scene)


def test_an_answer_to_no_offer_is_ignored() -> None:
    async def scene(house: House) -> None:
        await house.room.announce()
        viewer, line = await house.watch()
        await answer(viewer, line)
        request = rtc.SignalRequest(answer=rtc.SessionDescription(type="answer", sdp="nonsense"))
        await viewer.take(request.SerializeToString())
        assert not line.over

    run(scene)


def test_only_a_muted_microphone_is_not_heard() -> None:
    peers = Publishers()

    async def scene(house: House) -> None:
        viewer, line = await house.watch()
        await send_offer(viewer, line)
        (hearing,) = peers.hearings
        heard = house.ears[0].heard
        await publish(viewer, "mic", audio=True)
        await publish(viewer, "cam", audio=False, muted=True)
        await mute(viewer, "TR_unknown", muted=True)
        hearing.sound(-10.0, 0.02)
        await mute(viewer, published(line)[0], muted=True)
        hearing.sound(-20.0, 0.02)
        await publish(viewer, "another mic", audio=True)
        hearing.sound(-30.0, 0.02)
        assert heard == [(-10.0, 0.02), (-30.0, 0.02)]

    run(scene, peers=peers)


def test_the_others_hear_of_a_mute_once() -> None:
    async def scene(house: House) -> None:
        viewer, line = await house.join("one")
        _, other = await house.join("two")
        await publish(viewer, "mic", audio=True)
        told = len(other.sent)
        for muted in (True, True, False, False):
            await mute(viewer, published(line)[0], muted=muted)
        assert len(other.sent) == told + 2

    run(scene)


def test_tracks_may_come_and_go_without_end_but_only_so_many_are_known() -> None:
    async def scene(house: House) -> None:
        viewer, line = await house.join()
        for number in range(MAX_TRACKS + 5):
            await publish(viewer, str(number), audio=True)
        sids = published(line)
        assert len(set(sids)) == MAX_TRACKS + 5
        assert [track.sid for track in viewer.member.tracks] == sids[5:]

    run(scene)


def test_candidates_that_are_none_are_ignored() -> None:
    async def scene(house: House) -> None:
        viewer, line = await house.join()
        for init in ('{"candidate":5}', '{"candidate":["x"]}', "[]", "5", "null", "x"):
            trickle = rtc.TrickleRequest(candidateInit=init, target=rtc.SUBSCRIBER)
            await viewer.take(rtc.SignalRequest(trickle=trickle).SerializeToString())
        assert not line.over

    run(scene)
