"""What comes in on a viewer's socket."""

from __future__ import annotations

import logging
import socket
from typing import Any

from aioice.ice import Connection, StunProtocol

log = logging.getLogger("heygen_mock")


class MediaProtocol(StunProtocol):
    """A socket's datagrams. Unlike its parent it stands any bytes from anybody."""

    def __init__(self, receiver: Connection, sock: socket.socket) -> None:
        super().__init__(receiver)
        self.socket = sock

    def cut(self) -> None:
        """From now on nothing is heard and nothing said, though the socket stays open."""

        async def lose(data: bytes, addr: tuple[str, int]) -> None:
            """Goes nowhere."""

        # On the object, so that no other one has to ask for each datagram whether it is cut.
        self.datagram_received = lambda data, addr: None  # type: ignore[method-assign]
        self.send_stun = lambda message, addr: None  # type: ignore[method-assign]
        self.send_data = lose  # type: ignore[method-assign]

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        assert isinstance(data, bytes)
        if not data:
            return  # aiortc 1.16 looks at the first byte (rtcdtlstransport.py, _recv_next)
        if data[0] > 3:  # not STUN (RFC 7983 section 7): no need to try and parse it
            self.receiver.data_received(data, self.local_candidate.component)
            return
        try:
            super().datagram_received(data, addr)
        except Exception as error:  # noqa: BLE001 - whatever bytes from outside may do to it
            log.debug("STUN from %s ignored: %r", addr[0], error)
