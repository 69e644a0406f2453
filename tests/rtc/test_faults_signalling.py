"""What an aiortc viewer meets when descriptions are odd or wrong."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from dataclasses import replace
from typing import Any

import pytest
from aioice import stun

from mock_server.core.catalogue import Encoding
from mock_server.core.faults import signalling
from mock_server.core.sdp import SdpError, parse_description
from mock_server.peers import PeerConnected, PeerLost, PeerUnavailableError
from mock_server.rtc import RtcOptions
from tests.rtc.misbehaving import misbehaving
from tests.rtc.relay import is_rtp
from tests.rtc.viewer import SPEC, Viewer, eventually, run

pytestmark = pytest.mark.peers

NOT_CONNECTING = {"truncated-sdp", "wrong-fingerprint", "ice-disconnect"}
TRIALS = [
    trial
    for kind in signalling.KINDS
    for trial in kind.sweep()
    if trial["do"] not in NOT_CONNECTING
]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda t: "-".join(map(str, list(t.values())[2:])))
def test_a_viewer_that_takes_it_well_gets_all_that_is_there(trial: dict[str, Any]) -> None:
    async def main() -> None:
        missing = trial["media"] if trial["do"] == "rejected-mline" else ""
        async with misbehaving(trial) as odd:
            peer, viewer = await odd.join()
            await eventually(lambda: viewer.pictures or missing == "video")
            await eventually(lambda: viewer.loudness or missing == "audio")
            peer.send(b"event")
            await eventually(lambda: viewer.messages or missing == "application")
            assert odd.show.news == [PeerConnected()]
            assert odd.used() == [trial["do"]]
            assert odd.faults.report()["unused"] == []

    run(main)


ANSWERS = (
    "lf-only",
    "unknown-attributes",
    "unknown-lines",
    "more-candidates",
    "huge-line",
    "ipv6-candidates",
    "no-candidates",
    "trailing-garbage",
)


@pytest.mark.parametrize("do", ANSWERS)
def test_a_viewer_that_offers_gets_an_answer_that_is_as_odd(do: str) -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": do}) as odd:
            peer, viewer = odd.peer(), odd.viewer()
            right = await peer.offer()
            viewer.peer.addTransceiver("video", direction="recvonly")
            viewer.peer.addTransceiver("audio", direction="recvonly")
            offer = parse_description("offer", await viewer.offer())
            answer = await peer.answer(offer)
            assert answer != right
            await viewer.take(answer)
            await eventually(lambda: viewer.pictures and viewer.loudness)
            assert odd.used() == [do]

    run(main)


def test_without_a_bundle_each_section_has_a_transport_of_its_own() -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "no-bundle"}) as odd:
            peer, viewer = odd.peer(), odd.viewer()
            text = await peer.offer()
            assert "BUNDLE" not in text
            assert len(set(re.findall(r"a=ice-ufrag:(\S+)", text))) == 3
            assert len(set(re.findall(r"a=candidate:\S+ 1 udp \d+ \S+ (\d+)", text))) == 3
            await peer.accept(parse_description("answer", await viewer.answer(text)))
            await eventually(lambda: viewer.pictures and viewer.loudness and odd.show.news)
            transports = {t.receiver.transport.transport for t in viewer.peer.getTransceivers()}
            assert len(transports) == 2
            peer.show(None)
            peer.send(b"event")
            await eventually(lambda: viewer.messages)

    run(main)


def test_a_viewer_that_offers_a_bundle_gets_it_though_offers_have_none() -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "no-bundle"}) as odd:
            peer, viewer = odd.peer(), odd.viewer()
            await peer.offer()
            viewer.peer.addTransceiver("audio", direction="recvonly")
            viewer.peer.addTransceiver("video", direction="recvonly")
            viewer.open_channel("mine")
            offer = parse_description("offer", await viewer.offer())
            await viewer.take(await peer.answer(offer))
            await eventually(lambda: viewer.pictures and odd.show.news == [PeerConnected()])
            peer.send(b"event")
            await eventually(lambda: ("mine", b"event") in viewer.messages)

    run(main)


def test_a_rejected_section_may_be_rejected_without_a_bundle_too() -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "no-bundle"}) as odd:
            peer, viewer = odd.peer(), odd.viewer()
            answer = await viewer.answer(await peer.offer())
            rejecting = re.sub(r"m=(audio|application) \d+", r"m=\1 0", answer)
            await peer.accept(parse_description("answer", rejecting))
            await eventually(lambda: viewer.pictures and odd.show.news)
            nothing = re.sub(r"m=(audio|video) \d+", r"m=\1 0", answer)
            with pytest.raises(SdpError, match="rejects all media"):
                await peer.accept(parse_description("answer", nothing))

    run(main)


def test_packets_have_the_payload_types_that_were_told() -> None:
    async def main() -> None:
        trial = {"on": "peer", "do": "payload-numbers", "shift": 13}
        async with misbehaving(trial) as odd:
            peer, viewer, relay = odd.peer(), odd.viewer(), odd.show.relay()
            answer = await viewer.answer(await relay.open(await peer.offer()))
            await peer.accept(parse_description("answer", re.sub("a=candidate.*\r\n", "", answer)))
            await eventually(lambda: viewer.pictures and viewer.loudness)
            types = {
                data[1] & 0x7F
                for data in relay.seen
                if data[0] >> 6 == 2 and is_rtp(data, int.from_bytes(data[8:12], "big"))
            }
            assert types == {110, 109}

    run(main)


def test_one_video_codec_alone_is_sent() -> None:
    async def main() -> None:
        trial = {"on": "peer", "do": "one-codec", "codec": "H264"}
        async with misbehaving(trial) as odd:
            peer, viewer = odd.peer(replace(SPEC, encoding=Encoding.VP8)), odd.viewer()
            text = await peer.offer()
            assert "VP8" not in text
            await peer.accept(parse_description("answer", await viewer.answer(text)))
            await eventually(lambda: viewer.pictures)

    run(main)


def test_a_viewer_without_bundles_of_its_own_is_refused_by_none() -> None:
    """One that bundles whatever it is told sees the first section alone."""

    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "no-bundle"}) as odd:
            viewer = Viewer()
            odd.show.viewers.append(viewer)
            await odd.join(viewer=viewer)
            await eventually(lambda: viewer.pictures)
            assert odd.show.news == []

    run(main)


def test_a_wrong_fingerprint_fails_at_the_viewer() -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "wrong-fingerprint"}) as odd:
            _, viewer = await odd.join()
            await eventually(lambda: viewer.peer.connectionState in ("failed", "closed"))
            assert viewer.pictures == []
            assert odd.used() == ["wrong-fingerprint"]

    run(main)


def test_a_description_that_ends_early_cannot_be_used() -> None:
    async def main() -> None:
        for chars in (0, 1000):
            async with misbehaving({"on": "peer", "do": "truncated-sdp", "chars": chars}) as odd:
                peer, viewer = odd.peer(), odd.viewer()
                text = await peer.offer()
                assert len(text) == chars
                with pytest.raises(Exception, match=r"."):
                    await peer.accept(parse_description("answer", await viewer.answer(text)))

    run(main)


def test_a_muddled_answer_to_an_extra_section_is_refused() -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "extra-mline", "media": "text"}) as odd:
            peer, viewer = odd.peer(), odd.viewer()
            answer = await viewer.answer(await peer.offer())
            muddled = answer.replace("m=text", "m=application")
            with pytest.raises(SdpError, match="section 3 is not the one that was offered"):
                await peer.accept(parse_description("answer", muddled))
            await peer.accept(parse_description("answer", answer))
            await eventually(lambda: viewer.pictures)

    run(main)


def test_a_server_that_falls_silent_sends_nothing_and_answers_no_check() -> None:
    async def main() -> None:
        async with misbehaving({"on": "peer", "do": "ice-disconnect", "at_ms": 1000}) as odd:
            peer, viewer, relay = odd.peer(), odd.viewer(), odd.show.relay()
            offer = await peer.offer()
            answer = await viewer.answer(await relay.open(offer))
            await peer.accept(parse_description("answer", re.sub("a=candidate.*\r\n", "", answer)))
            await eventually(lambda: viewer.channels and viewer.pictures)
            assert await check(offer, answer, seconds=5)
            await eventually(lambda: odd.used() == ["ice-disconnect"])
            sent = len(relay.seen)
            peer.send(b"event")
            viewer.channels[0].send("hello?")
            assert not await check(offer, answer, seconds=0.3)
            await peer.close()
            assert len(relay.seen) == sent
            assert odd.show.news == [PeerConnected()]

    run(main)


async def check(offer: str, answer: str, *, seconds: float) -> bool:
    """Whether the server answers a connectivity check (RFC 8445 section 7.2.2)."""
    server = parse_description("offer", offer).media[0]
    viewer = parse_description("answer", answer).media[0]
    assert server.ice_pwd is not None
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{server.ice_ufrag}:{viewer.ice_ufrag}"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLED"] = 1
    request.add_message_integrity(server.ice_pwd.encode())
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        address = server.candidates[0].address, server.candidates[0].port
        await loop.sock_sendto(sock, bytes(request), address)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return bool(await loop.sock_recv(sock, 2048))
    return False


def test_a_server_that_fell_silent_loses_the_viewer_for_want_of_consent() -> None:
    async def main() -> None:
        silent = {"on": "peer", "do": "ice-disconnect", "at_ms": 0}
        async with misbehaving(silent, options=RtcOptions(consent=0.6)) as odd:
            await odd.join()
            await eventually(lambda: len(odd.show.news) == 2)
            reason = "the viewer answers no connectivity checks any more"
            assert odd.show.news == [PeerConnected(), PeerLost(reason)]

    run(main)


def test_a_session_without_a_bundle_needs_three_ports_and_gives_them_back() -> None:
    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
        options = RtcOptions(port_range=(port, port))
        async with misbehaving({"on": "peer", "nth": 1, "do": "no-bundle"}, options=options) as odd:
            peer = odd.peer()
            with pytest.raises(PeerUnavailableError):
                await peer.offer()
            await peer.close()
            _, viewer = await odd.connect()
            await eventually(lambda: viewer.pictures)

    run(main)
