"""A network between server and viewer on which a test may lose packets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, cast

Drop = Callable[[bytes], bool]


def keep_all(_: bytes) -> bool:
    return False


class _Side(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._received = received

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Only from Python 3.12 on is it an instance of that class.
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._received(data, (addr[0], addr[1]))


class Relay:
    """Stands at the server's address for the viewer; ``drop`` looks at what the server sends."""

    def __init__(self) -> None:
        self.drop: Drop = keep_all
        self.seen: list[bytes] = []
        self._server: tuple[str, int] = ("", 0)
        self._viewer: tuple[str, int] | None = None

    async def open(self, offer: str) -> str:
        """The offer with the relay in the server's place."""
        match = re.search(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", offer)
        assert match is not None
        self._server = match[1], int(match[2])
        loop = asyncio.get_running_loop()
        _, self._near = await loop.create_datagram_endpoint(
            lambda: _Side(self._from_server), local_addr=("127.0.0.1", 0)
        )
        _, self._far = await loop.create_datagram_endpoint(
            lambda: _Side(self._from_viewer), local_addr=("127.0.0.1", 0)
        )
        port = self._far.transport.get_extra_info("sockname")[1]
        return offer.replace(f"{self._server[0]} {self._server[1]} typ", f"127.0.0.1 {port} typ")

    def _from_server(self, data: bytes, _: tuple[str, int]) -> None:
        self.seen.append(data)
        if self._viewer is not None and not self.drop(data):
            self._far.transport.sendto(data, self._viewer)

    def _from_viewer(self, data: bytes, address: tuple[str, int]) -> None:
        self._viewer = address
        self._near.transport.sendto(data, self._server)

    def close(self) -> None:
        self._near.transport.close()
        self._far.transport.close()


def without_candidates(text: str) -> str:
    """So that the server knows the viewer by its checks alone, as behind mDNS names."""
    return re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", text)


def is_rtp(data: bytes, ssrc: int) -> bool:
    return data[0] >> 6 == 2 and not 192 <= data[1] <= 223 and ssrc_of(data) == ssrc


def ssrc_of(data: bytes) -> int:
    return int.from_bytes(data[8:12], "big")
