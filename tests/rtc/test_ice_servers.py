"""STUN servers are asked where they are set, and never waited for long."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import pytest
from aioice import stun

from mock_server.core.sdp import parse_description
from mock_server.rtc import RtcOptions, adapter
from tests.rtc.viewer import eventually, run, showing

pytestmark = pytest.mark.peers


class StunServer(asyncio.DatagramProtocol):
    """Tells everybody the same public address (RFC 8489)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        request = stun.parse_message(data)
        response = stun.Message(
            message_method=request.message_method,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = ("203.0.113.7", 40000)
        self.transport.sendto(bytes(response), addr)


def test_the_public_address_is_offered_besides_the_local_one() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(StunServer, local_addr=("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        async with showing(RtcOptions(ice_servers=(f"stun:127.0.0.1:{port}",))) as show:
            peer, viewer = show.peer(), show.viewer()
            text = await peer.offer()
            candidates = parse_description("offer", text).media[0].candidates
            assert [(c.type, c.address) for c in candidates] == [
                ("host", "127.0.0.1"),
                ("srflx", "203.0.113.7"),
            ]
            await peer.accept(parse_description("answer", await viewer.answer(text)))
            await eventually(lambda: viewer.pictures)
        transport.close()

    run(main)


def test_a_server_that_does_not_answer_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adapter, "STUN_PATIENCE", 0.01)

    async def main() -> None:
        async with showing(RtcOptions(ice_servers=("stun:127.0.0.1:9",))) as show:
            began = asyncio.get_running_loop().time()
            offer = parse_description("offer", await show.peer().offer())
            assert asyncio.get_running_loop().time() - began < 5  # which aioice alone would wait
            assert [c.type for c in offer.media[0].candidates] == ["host"]

    run(main)


def test_what_cannot_be_asked_is_left_to_viewers(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        servers = ("turn:127.0.0.1:3478", "stuns:127.0.0.1", "http://127.0.0.1", "stun:")
        async with showing(RtcOptions(ice_servers=servers)) as show:
            offer = parse_description("offer", await show.peer().offer())
            assert [c.type for c in offer.media[0].candidates] == ["host"]

    with caplog.at_level(logging.WARNING):
        run(main)
    assert "http://127.0.0.1 is no URL of an ICE server" in caplog.text
