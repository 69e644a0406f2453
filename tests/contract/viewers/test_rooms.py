"""Viewers in the rooms of a fake, over sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.client import Client, monitor_of
from contract.rooms.sockets import dial
from contract.spec import load_spec
from contract.stimuli.packets import visit_by_packets
from contract.stimuli.rooms import visit_rooms
from contract.stimuli.scenarios import COME, CONNECT_ROOM, GO, LIST, ROOM, START, STOP, say
from contract.stimuli.world import World
from contract.subject import Subject
from contract.transport import HttpSend
from contract.viewers.rooms import RoomViewers
from contract.viewers.seats import PeerSeats
from contract.wire import EndedError, RefusedError
from mock_server.embedded import MockServer

SPEC = load_spec()


@pytest.fixture(scope="module")
def paper() -> Iterator[MockServer]:
    with MockServer(media="none") as fake:
        yield fake


def _subject(fake: MockServer, rooms: RoomViewers) -> tuple[Subject, HttpSend]:
    send = HttpSend(fake.url)
    return Subject(SPEC, fake.url, send, fake.key, max_sessions=3, rooms=rooms), send


def test_each_visit_is_made_over_sockets_and_finds_nothing(paper: MockServer) -> None:
    rooms = RoomViewers(dial)
    subject, send = _subject(paper, rooms)
    findings = subject.findings()
    visit_rooms(Client(subject, monitor_of(subject, findings)), findings, rooms)
    assert [str(violation) for violation in findings.violations] == []
    for rule in ("room-join", "room-late-start", "room-several", "room-ping", "room-identity",
                 "room-resume", "room-publish", "room-path", "room-leave"):  # fmt: skip
        assert findings.checked[rule], rule
    assert findings.checked["room-token-checked"] == 18
    send.close()


def test_a_door_that_is_not_there_says_so(paper: MockServer) -> None:
    address = paper.url.replace("http", "ws")
    with pytest.raises(RefusedError) as refused:
        dial(f"{address}/rtc?access_token=nonsense")
    assert refused.value.status == 401
    with pytest.raises(RefusedError) as refused:
        dial("ws://127.0.0.1:9/rtc")
    assert refused.value.status == 0


def test_a_socket_that_was_closed_says_so(paper: MockServer) -> None:
    rooms = RoomViewers(dial)
    subject, send = _subject(paper, rooms)
    world = World(Client(subject, monitor_of(subject, subject.findings())))
    world.play(ROOM)
    room = world.sessions[0].room
    assert room is not None
    socket = dial(f"{room[0]}/rtc?access_token={room[1]}")
    assert socket.receive(5.0)
    socket.close()
    socket.close()
    with pytest.raises(EndedError):
        socket.send(b"")
    world.close()
    send.close()


@pytest.mark.peers
def test_a_viewer_with_a_connection_comes_and_goes() -> None:
    rooms = RoomViewers(dial, seats=PeerSeats())
    with MockServer() as fake:
        subject, send = _subject(fake, rooms)
        findings = subject.findings()
        world = World(Client(subject, monitor_of(subject, findings)))
        world.play_all((ROOM, COME, LIST, START, LIST, say(), GO, LIST, say(), COME, STOP))
        world.play_all((CONNECT_ROOM, LIST))
        assert sorted(world.states(1)) == ["connected"]
        world.close()
        rooms.close()
        assert [str(violation) for violation in findings.violations] == []
        assert findings.checked["room-stays"]
        send.close()


@pytest.mark.peers
def test_a_viewer_with_a_connection_is_answered_by_packets_too() -> None:
    rooms = RoomViewers(dial, seats=PeerSeats())
    with MockServer() as fake:
        subject, send = _subject(fake, rooms)
        findings = subject.findings()
        visit_by_packets(Client(subject, monitor_of(subject, findings)), findings, rooms)
        rooms.close()
        send.close()
    assert [str(violation) for violation in findings.violations] == []
    assert findings.checked["room-text"] == 1


def test_a_viewer_of_paper_sends_nothing(paper: MockServer) -> None:
    rooms = RoomViewers(dial)
    subject, send = _subject(paper, rooms)
    findings = subject.findings()
    visit_by_packets(Client(subject, monitor_of(subject, findings)), findings, rooms)
    send.close()
    assert not findings.checked
    assert not findings.unjudged


@pytest.mark.peers
def test_a_publisher_whose_offer_is_not_answered_cannot_send() -> None:
    seats = PeerSeats()
    publisher = seats.publisher()
    assert "m=application" in publisher.offer()
    with pytest.raises(ValueError, match="the answer cannot be used"):
        publisher.take("nonsense")
    assert not publisher.send(b"", 0.01)
    publisher.close()
    publisher.close()
    seats.close()


def test_nobody_is_in_a_room_that_was_not_entered() -> None:
    rooms = RoomViewers(dial)
    assert not rooms.connected("anything")
    assert not rooms.enter("anything", "ws://127.0.0.1:9", "token")
    rooms.leave("anything")
