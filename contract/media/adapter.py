"""Every private attribute of aiortc 1.16 and aioice 0.13 that the judge relies on.

All changes are made to single objects, none to the libraries' modules. :func:`changed_attributes`
names what a later version no longer has; a test holds it empty.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aioice.ice import Connection
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
)
from aiortc.rtp import RTCP_PSFB_PLI, RtcpPsfbPacket

Take = Callable[[bytes], None]
"""Takes one decrypted packet as it arrived."""

Learn = Callable[[str, int, str, int], None]
"""Takes one negotiated codec: kind of media, payload type, name, clock rate."""

_METHODS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (RTCRtpReceiver, ("receive",)),
    (RTCDtlsTransport, ("_handle_rtcp_data", "_handle_rtp_data", "_send_rtp")),
    (Connection, ("get_component_candidates",)),
)
# Callers that must look the methods up on the object, where they are replaced.
_CALLERS: tuple[tuple[Callable[..., Any], str], ...] = (
    (RTCDtlsTransport._recv_next, "_handle_rtp_data"),
    (RTCDtlsTransport._recv_next, "_handle_rtcp_data"),
    (RTCPeerConnection._RTCPeerConnection__connect, "receive"),  # type: ignore[attr-defined]
    (Connection.gather_candidates, "get_component_candidates"),
    (RTCIceTransport.__init__, "_connection"),
)


def changed_attributes() -> tuple[str, ...]:
    """What the installed libraries lack of all this file relies on; empty when they fit."""
    missing = [
        f"{owner.__name__}.{name}"
        for owner, names in _METHODS
        for name in names
        if not callable(getattr(owner, name, None))
    ]
    missing += [
        f"{caller.__qualname__} -> {name}"
        for caller, name in _CALLERS
        if name not in _names(caller)
    ]
    return tuple(missing)


def _names(function: Callable[..., Any]) -> set[str]:
    """The attributes that a function and those defined in it use."""
    codes = [function.__code__]
    names: set[str] = set()
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [const for const in code.co_consts if hasattr(const, "co_names")]
    return names


def new_connection() -> RTCPeerConnection:
    """A connection of one bundle that asks no STUN server, not even aiortc's default one."""
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


def use_loopback_alone(connection: RTCPeerConnection) -> None:
    """Where there is no other address, 127.0.0.1, which aioice 0.13 leaves out, is used."""
    for receiver in connection.getReceivers():
        ice: Any = receiver.transport.transport._connection
        gather = ice.get_component_candidates

        async def candidates(
            component: int,
            addresses: list[str],
            timeout: int = 5,  # noqa: ASYNC109 - the signature of aioice
            gather: Callable[..., Awaitable[Any]] = gather,
        ) -> Any:
            return await gather(component, addresses or ["127.0.0.1"], timeout)

        ice.get_component_candidates = candidates


def tap(connection: RTCPeerConnection, *, rtp: Take, rtcp: Take, learn: Learn) -> None:
    """Gives what arrives to the takers, and nothing to aiortc's jitter buffers and decoders.

    aiortc 1.16 starts a thread that decodes for each receiver (rtcrtpreceiver.py, ``receive``),
    whether anyone looks or not. Call it before the connection starts; again does no harm.
    """

    async def handle_rtp(data: bytes, arrival_time_ms: int) -> None:
        rtp(data)

    async def handle_rtcp(data: bytes) -> None:
        rtcp(data)

    for transceiver in connection.getTransceivers():

        async def receive(parameters: Any, kind: str = transceiver.kind) -> None:
            for codec in parameters.codecs:
                learn(kind, codec.payloadType, codec.name, codec.clockRate)

        receiver: Any = transceiver.receiver
        receiver.receive = receive
        receiver.transport._handle_rtp_data = handle_rtp
        receiver.transport._handle_rtcp_data = handle_rtcp


async def ask_for_key_frame(connection: RTCPeerConnection, media_ssrc: int) -> None:
    """Sends a picture loss indication (RFC 4585 section 6.3.1). Raises ConnectionError."""
    indication = RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=media_ssrc)
    transport = connection.getTransceivers()[0].receiver.transport
    await transport._send_rtp(bytes(indication))
