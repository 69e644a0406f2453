import threading
from collections.abc import Iterator

import pytest

from contract.media.loop import MediaLoop
from contract.media.peer import Deaf, Peer
from contract.viewers.connector import Connector
from mock_server.embedded import MockServer
from tests.contract.media.calls import Calls

pytestmark = pytest.mark.peers


class Counting(Deaf):
    def __init__(self) -> None:
        self.packets = 0

    def rtp(self, data: bytes, /) -> None:
        self.packets += 1


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(max_sessions=0) as fake:
        yield fake


@pytest.fixture
def calls(server: MockServer) -> Iterator[Calls]:
    server.reset()
    yield Calls(server.url, server.key)
    server.reset()


@pytest.fixture
def connector() -> Iterator[Connector]:
    viewer = Connector(2)
    yield viewer
    viewer.close()


def test_an_answer_connects_the_session(calls: Calls, connector: Connector) -> None:
    session_id, offer = calls.new()
    calls.start(session_id, "answer", connector.answer(session_id, offer))
    assert connector.connected(session_id)
    assert connector.connected(session_id)
    assert (connector.attempts, connector.connects) == (1, 1)
    assert calls.statuses() == ["connected"]


def test_an_offer_of_its_own_connects_the_session(calls: Calls, connector: Connector) -> None:
    session_id, _ = calls.new()
    answer = calls.start(session_id, "offer", connector.offer(session_id))
    assert connector.connected(session_id, answer)
    assert calls.statuses() == ["connected"]


def test_a_session_is_connected_when_its_server_is_too(calls: Calls) -> None:
    """The viewer may be done one flight of the handshake before the server."""
    loop, listener = MediaLoop(), Counting()
    peer = Peer(loop, listener)
    session_id, _ = calls.new()
    peer.take(calls.start(session_id, "offer", peer.offer()) or "")
    assert peer.wait_connected(10)
    assert peer.wait_heard(10)
    assert listener.packets > 0
    assert calls.statuses() == ["connected"]
    peer.close()
    loop.close()


def test_nothing_is_decoded(calls: Calls, connector: Connector) -> None:
    session_id, offer = calls.new()
    calls.start(session_id, "answer", connector.answer(session_id, offer))
    assert connector.connected(session_id)
    assert not [thread for thread in threading.enumerate() if "decoder" in thread.name]


def test_who_leaves_ends_the_session(calls: Calls, connector: Connector) -> None:
    session_id, offer = calls.new()
    calls.start(session_id, "answer", connector.answer(session_id, offer))
    assert connector.connected(session_id)
    connector.leave(session_id)
    connector.leave(session_id)
    assert not connector.connected(session_id)
    calls.eventually(lambda: calls.statuses() == [])


def test_beyond_its_limit_it_answers_and_does_not_connect(
    calls: Calls, connector: Connector
) -> None:
    for _ in range(2):
        session_id, offer = calls.new()
        calls.start(session_id, "answer", connector.answer(session_id, offer))
        assert connector.connected(session_id)
        connector.leave(session_id)
    session_id, offer = calls.new()
    calls.start(session_id, "answer", connector.answer(session_id, offer))
    assert not connector.connected(session_id)
    assert connector.connects == 2
    assert calls.statuses() == ["connecting"]
    assert connector.spent


def test_what_was_prepared_and_never_connected_does_not_count(
    calls: Calls, connector: Connector
) -> None:
    session_id, offer = calls.new()
    for _ in range(4):
        connector.answer(session_id, offer)
    last = connector.answer(session_id, offer)
    connector.answer("never-started", offer)
    connector.leave("never-started")
    calls.start(session_id, "answer", last)
    assert connector.connected(session_id)
    assert not connector.spent


@pytest.mark.parametrize("text", ["", "v=0\r\n", "m=audio\r\n", "v=0\r\nm=video"])
def test_an_offer_that_cannot_be_answered_is_refused(connector: Connector, text: str) -> None:
    with pytest.raises(ValueError, match="the offer cannot be used"):
        connector.answer("session", text)


def test_an_answer_that_cannot_be_used_does_not_connect(connector: Connector) -> None:
    connector.offer("session")
    assert not connector.connected("session", "v=0\r\n")


def test_an_unknown_session_is_not_connected(connector: Connector) -> None:
    assert not connector.connected("never")
    connector.leave("never")
    assert connector.attempts == 0


def test_close_leaves_no_thread() -> None:
    viewer = Connector()
    viewer.offer("session")
    viewer.close()
    viewer.close()
    assert not [t for t in threading.enumerate() if t.name == "contract-media"]
