"""Viewers that leave, are lost or never come; and that nothing stays behind."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from pathlib import Path

import pytest

from mock_server.core.sdp import SdpError, parse_candidate, parse_description
from mock_server.peers import PeerConnected, PeerFactory, PeerLost
from mock_server.rtc import RtcOptions
from tests.rtc.relay import without_candidates
from tests.rtc.viewer import eventually, run, showing

pytestmark = pytest.mark.peers


def test_a_viewer_that_closes_is_lost_once_and_at_once() -> None:
    async def main() -> None:
        async with showing() as show:
            _, viewer = await show.connect()
            await viewer.close()
            await eventually(lambda: len(show.news) > 1, seconds=2)
            await asyncio.sleep(0.05)
            assert show.news == [
                PeerConnected(),
                PeerLost("the viewer closed the connection"),
            ]

    run(main)


def test_a_viewer_that_answers_no_checks_any_more_is_lost() -> None:
    async def main() -> None:
        async with showing(RtcOptions(consent=1.0)) as show:
            peer, viewer, relay = show.peer(), show.viewer(), show.relay()
            offer = await relay.open(await peer.offer())
            answer = without_candidates(await viewer.answer(offer))
            await peer.accept(parse_description("answer", answer))
            await eventually(lambda: viewer.pictures)
            relay.close()
            await eventually(lambda: len(show.news) == 2, seconds=5)
            assert show.news[1] == PeerLost("the viewer answers no connectivity checks any more")

    run(main)


def test_the_factory_is_one_of_the_runtimes() -> None:
    async def main() -> None:
        async with showing() as show:
            factory: PeerFactory = show.factory
            await factory.close()

    run(main)


def test_a_viewer_that_answers_checks_stays() -> None:
    async def main() -> None:
        async with showing(RtcOptions(consent=0.3)) as show:
            _, viewer = await show.connect()
            await eventually(lambda: len(viewer.pictures) > 25)
            assert show.news == [PeerConnected()]

    run(main)


def test_closing_frees_sockets_tasks_and_threads() -> None:
    async def cycle() -> None:
        async with showing() as show:
            await show.connect()
            await show.peer().offer()  # never answered
            peer = show.peer()
            await peer.offer()
            await peer.close()
            await peer.close()
            await show.peer().close()

    run(cycle)  # what libraries keep for good is there after the first
    files, threads = _open_files(), threading.active_count()
    for _ in range(3):
        run(cycle)
    assert _open_files() == files
    assert threading.active_count() == threads


def test_closing_while_connecting_is_quiet() -> None:
    async def main() -> None:
        async with showing() as show:
            for delay in (0.0, 0.001, 0.003, 0.006, 0.01, 0.02, 0.03):
                peer, viewer = show.peer(), show.viewer()
                answer = await viewer.answer(await peer.offer())
                await peer.accept(parse_description("answer", answer))
                await asyncio.sleep(delay)
                await peer.close()
                await viewer.close()

    run(main)


def test_a_viewer_that_has_closed_its_end_is_offered_nothing() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = await show.connect()
            answer = viewer.peer.localDescription.sdp
            await viewer.close()
            await eventually(lambda: len(show.news) > 1, seconds=2)
            with pytest.raises(SdpError, match="has closed"):
                await peer.offer()
            with pytest.raises(SdpError, match="has closed"):
                await peer.accept(parse_description("answer", answer))

    run(main)


def test_a_closed_peer_takes_no_description() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = show.peer(), show.viewer()
            answer = parse_description("answer", await viewer.answer(await peer.offer()))
            await peer.close()
            with pytest.raises(SdpError, match="no offer"):
                await peer.accept(answer)
            await peer.add_candidate(parse_candidate("candidate:1 1 udp 1 127.0.0.1 9 typ host"))
            peer.send(b"late")
            peer.show(None)

    run(main)


def test_a_viewers_offer_ends_the_connection_before() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, first = await show.connect()
            second = show.viewer()
            second.peer.addTransceiver("video", direction="recvonly")
            second.peer.addTransceiver("audio", direction="recvonly")
            await second.take(await peer.answer(parse_description("offer", await second.offer())))
            await eventually(lambda: len(second.pictures) >= 3)
            await eventually(lambda: first.peer.connectionState == "closed")
            assert show.news == [PeerConnected()]

    run(main)


def test_garbage_on_the_wire_and_in_channels_changes_nothing() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = await show.connect()
            await eventually(lambda: viewer.channels)
            (channel,) = viewer.channels
            channel.send("not json")
            channel.send(bytes(range(256)) * 200)
            sctp, number = channel.transport, channel.id
            assert number is not None
            # A text that is not UTF-8, an answer to no question, and a channel opened twice.
            await sctp._send(number, 51, b"\xff\xfe")  # noqa: SLF001 - no public way
            await sctp._send(999, 50, b"\x02")  # noqa: SLF001
            opening = b"\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00x"
            await sctp._send(number, 50, opening)  # noqa: SLF001
            _shower(viewer.peer.remoteDescription.sdp)
            peer.send(b"still here")
            shown = len(viewer.pictures)
            await eventually(lambda: ("events", b"still here") in viewer.messages)
            await eventually(lambda: len(viewer.pictures) > shown + 5)
            assert show.news == [PeerConnected()]

    run(main)


def test_channels_past_the_sixteenth_are_left_alone() -> None:
    async def main() -> None:
        async with showing() as show:
            peer, viewer = await show.connect()
            mine = [viewer.open_channel(str(number)) for number in range(30)]
            await eventually(lambda: all(c.readyState == "open" for c in mine))
            peer.send(b"x")
            await eventually(lambda: len(viewer.messages) >= 16)
            await asyncio.sleep(0.05)
            assert len(viewer.messages) == 16

    run(main)


def _open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def _shower(offer: str) -> None:
    """Datagrams that are nothing, from a stranger, to the server's socket."""
    match = re.search(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", offer)
    assert match is not None
    stun = b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(12)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for data in (
            b"",
            b"\x00",
            stun,
            stun + b"\x00\x06\x00\x08ab",
            b"\x00\x01" + bytes(18),
            b"\x16\xfe\xff" + bytes(40),
            b"\x80\xc8" + bytes(40),
            b"\x80\x60" + bytes(40),
            b"\xff" * 1500,
        ):
            sock.sendto(data, (match[1], int(match[2])))
