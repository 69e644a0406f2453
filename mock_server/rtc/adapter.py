"""Every private attribute of aiortc 1.16 and aioice 0.13 that this program relies on.

All changes are made to single objects, none to the libraries' modules, so that another user of
them in the same process is left alone. :func:`changed_attributes` names what a later version no
longer has; a test holds it empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pylibsrtp
from aioice.ice import ICE_COMPLETED, Connection, server_reflexive_candidate
from aioice.stun import TransactionError
from aiortc import (
    RTCBundlePolicy,
    RTCCertificate,
    RTCConfiguration,
    RTCDtlsTransport,
    RTCIceServer,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSctpTransport,
)
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
)

from mock_server.rtc.addresses import host_candidates
from mock_server.rtc.datagrams import MediaProtocol
from mock_server.rtc.rtp import StreamFormat

_LARGEST_PACKET = 2048
STUN_PATIENCE = 2.0
_PACE = 0.02  # Ta of RFC 8445 section 14.2, as in aioice

log = logging.getLogger("heygen_mock")

# Set in the constructors, so that their code objects name them.
_RELIED_ON: tuple[tuple[type, tuple[str, ...]], ...] = (
    (
        Connection,
        (
            "_check_list",
            "_check_list_state",
            "_closing",
            "_early_checks",
            "_early_checks_done",
            "_local_candidates",
            "_local_candidates_end",
            "_local_candidates_start",
            "_nominated",
            "_protocols",
            "_query_consent_task",
            "_remote_candidates",
        ),
    ),
    (RTCIceTransport, ("_connection", "_recv")),
    (RTCDtlsTransport, ("_rtp_router", "_tx_srtp")),
    (RTCRtpSender, ("_rtx_ssrc", "_ssrc")),
    (RTCPeerConnection, ("_RTCPeerConnection__certificates",)),
    (pylibsrtp.Session, ("_srtp",)),
)
_METHODS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (
        Connection,
        (
            "_check_periodic",
            "_pair_remote_candidate",
            "_unfreeze_initial",
            "build_request",
            "check_incoming",
            "connect",
            "gather_candidates",
            "query_consent",
            "sort_check_list",
        ),
    ),
    (RTCDtlsTransport, ("_handle_rtcp_data", "_handle_rtp_data")),
    (RTCSctpTransport, ("_handle_data", "_send_chunk")),
    (RTCCertificate, ("_create_ssl_context",)),
)


def changed_attributes() -> tuple[str, ...]:
    """What the installed libraries lack of all this file relies on; empty when they fit."""
    missing = [
        f"{owner.__name__}.{name}"
        for owner, names in _RELIED_ON
        for name in names
        if name not in owner.__init__.__code__.co_names  # type: ignore[misc]
    ]
    missing += [f"pylibsrtp.{name}" for name in ("ffi", "lib") if not hasattr(pylibsrtp, name)]
    missing += [
        f"{owner.__name__}.{name}"
        for owner, names in _METHODS
        for name in names
        if not callable(getattr(owner, name, None))
    ]
    return tuple(missing)


class SharedCertificate(RTCCertificate):
    """One certificate and one SSL context for all peers: half of the cost of a handshake."""

    _context: Any = None

    def _create_ssl_context(self, srtp_profiles: Any) -> Any:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context


def new_connection(
    certificate: RTCCertificate | None, stun_urls: Sequence[str]
) -> RTCPeerConnection:
    """A peer connection of one bundle. Without servers it asks none, not even the default one."""
    connection = RTCPeerConnection(
        RTCConfiguration(
            iceServers=[RTCIceServer(urls=url) for url in stun_urls],
            bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
        )
    )
    if certificate is not None:
        connection._RTCPeerConnection__certificates = [certificate]  # type: ignore[attr-defined]
    return connection


def adopt_ice(
    transport: RTCIceTransport,
    *,
    bind: Callable[[], socket.socket],
    addresses: Sequence[str],
    consent: float,
    expired: Callable[[], None],
) -> None:
    """Makes the transport use one socket of ours, announced under ``addresses``.

    ``expired`` is called before the end, when no check was answered for ``consent`` seconds.

    aioice 0.13 binds every address of the machine but loopback, to ports of the system's choice,
    and notices success only every 20 ms; see ``gather_candidates`` and ``connect`` in its ice.py.
    """
    ice = transport._connection

    async def gather() -> None:
        if ice._local_candidates_start:
            return
        ice._local_candidates_start = True
        sock = bind()
        try:
            loop = asyncio.get_running_loop()
            _, protocol = await loop.create_datagram_endpoint(
                lambda: MediaProtocol(ice, sock), sock=sock
            )
        except BaseException:
            sock.close()
            raise
        port = sock.getsockname()[1]
        candidates = host_candidates(addresses, port)
        protocol.local_candidate = candidates[0]
        ice._protocols.append(protocol)
        if ice.stun_server is not None:
            with contextlib.suppress(TransactionError, OSError, TimeoutError):
                async with asyncio.timeout(STUN_PATIENCE):
                    reflexive, _ = await server_reflexive_candidate(protocol, ice.stun_server)
                    candidates.append(reflexive)
        ice._local_candidates += candidates
        ice._local_candidates_end = True

    async def connect() -> None:
        if ice.remote_username is None or ice.remote_password is None:
            raise ConnectionError("Remote username or password is missing")
        for candidate in ice._remote_candidates:
            ice._pair_remote_candidate(candidate)
        ice.sort_check_list()
        ice._unfreeze_initial()
        for early in ice._early_checks:
            ice.check_incoming(*early)
        ice._early_checks.clear()
        ice._early_checks_done = True
        pace = asyncio.create_task(_keep_checking(ice))
        try:
            result = await ice._check_list_state.get()
        finally:
            pace.cancel()
        for pair in ice._check_list:
            if pair.task is not None:
                pair.task.cancel()
        if result != ICE_COMPLETED or ice._closing:  # closed before this task got to run
            raise ConnectionError("ICE negotiation failed")
        ice._query_consent_task = asyncio.create_task(_keep_asking(ice, consent, expired))

    start = transport.start

    async def start_unless_closed(parameters: Any) -> None:
        # aiortc 1.16 starts it once per media section; one that closed in between would raise
        # in a task of its own, where nobody hears it.
        if transport.state != "closed":
            await start(parameters)

    ice.gather_candidates = gather  # type: ignore[method-assign]
    ice.connect = connect  # type: ignore[method-assign]
    transport.start = start_unless_closed  # type: ignore[method-assign,assignment]


async def _keep_checking(ice: Connection) -> None:
    rounds = 0
    while ice._check_periodic():
        rounds += 1
        # A viewer that has not answered for a second is checked with less haste.
        await asyncio.sleep(_PACE if rounds < 50 else 5 * _PACE)


async def _keep_asking(ice: Connection, consent: float, expired: Callable[[], None]) -> None:
    """Consent checks (RFC 7675 section 5.1): six per ``consent`` seconds, then the end.

    As in aioice 0.13, which counts six failures: 27 to 39 s.
    """
    loop = asyncio.get_running_loop()
    heard = loop.time()
    assert ice.remote_password is not None
    key = ice.remote_password.encode()
    while (left := heard + consent - loop.time()) > 0:
        interval = consent / 6 * (0.8 + 0.4 * random.random())  # noqa: S311 - spread, not secrecy
        await asyncio.sleep(min(interval, left))
        for pair in tuple(ice._nominated.values()):
            request = ice.build_request(pair, nominate=False)
            with contextlib.suppress(TransactionError):
                await pair.protocol.request(
                    request, pair.remote_addr, integrity_key=key, retransmissions=0
                )
                heard = loop.time()
    expired()
    ice._query_consent_task = None  # close() would wait for it
    await ice.close()


def adopt_dtls(transport: RTCDtlsTransport) -> None:
    """Lets no malformed RTP or RTCP end the connection: aiortc 1.16 expects ValueError only."""
    for name in ("_handle_rtcp_data", "_handle_rtp_data"):
        setattr(transport, name, _forgiving(getattr(transport, name)))


def adopt_sctp(transport: RTCSctpTransport) -> None:
    """Lets no message of the viewer end the connection.

    In aiortc 1.16 a text that is not UTF-8, or a channel opened twice, raises through the DTLS
    transport; and a timer that fires after the end raises in a task of its own.
    """
    transport._handle_data = _forgiving(transport._handle_data)  # type: ignore[method-assign]
    send = transport._send_chunk

    async def send_if_connected(chunk: Any) -> None:
        with contextlib.suppress(ConnectionError):
            await send(chunk)

    transport._send_chunk = send_if_connected  # type: ignore[method-assign]


def _forgiving(handle: Callable[..., Any]) -> Callable[..., Any]:
    async def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            await handle(*args, **kwargs)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever bytes from outside may do to it
            log.debug("a viewer's message was ignored: %r", error)

    return guarded


def take_over(sender: RTCRtpSender, started: Callable[[StreamFormat], None]) -> None:
    """Stops the sender from sending: once it may, ``started`` gets what was negotiated."""
    done = False

    async def send(parameters: RTCRtpSendParameters) -> None:
        nonlocal done
        if not done:
            done = True
            started(_format(sender, parameters))

    sender.send = send  # type: ignore[method-assign]


def _format(sender: RTCRtpSender, parameters: RTCRtpSendParameters) -> StreamFormat:
    codec = parameters.codecs[0]
    rtx = [
        other.payloadType
        for other in parameters.codecs
        if other.name.lower() == "rtx" and other.parameters.get("apt") == codec.payloadType
    ]
    mid = [e.id for e in parameters.headerExtensions if e.uri.endswith(":sdes:mid")]
    return StreamFormat(
        ssrc=sender._ssrc,
        payload_type=codec.payloadType or 0,  # never None once negotiated
        clock_rate=codec.clockRate,
        cname=parameters.rtcp.cname or "",
        mid=parameters.muxId,
        mid_extension=mid[0] if mid else None,
        rtx_ssrc=sender._rtx_ssrc,
        rtx_payload_type=rtx[0] if rtx else None,
    )


class _Feedback:
    """What a viewer reports of one stream."""

    def __init__(self, lost: Callable[[Iterable[int]], None], broken: Callable[[], None]) -> None:
        self._lost = lost
        self._broken = broken

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._lost(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            self._broken()


def listen(
    transport: RTCDtlsTransport,
    ssrc: int,
    lost: Callable[[Iterable[int]], None],
    broken: Callable[[], None],
) -> None:
    """Hears the stream's NACK (``lost``, sequence numbers) and PLI or FIR (``broken``)."""
    transport._rtp_router.register_sender(_Feedback(lost, broken), ssrc)  # type: ignore[arg-type]


def _protector(session: pylibsrtp.Session) -> Callable[[bytes], memoryview]:
    """``session.protect`` at half its price: what it returns is good until the next call.

    pylibsrtp 1.0 makes a new length and two copies for each packet.
    """
    library: Any = pylibsrtp
    ffi, protect_in_place, handle = library.ffi, library.lib.srtp_protect, session._srtp
    buffer = ffi.new("char[]", _LARGEST_PACKET)
    view = memoryview(ffi.buffer(buffer))
    length = ffi.new("int *")

    def protect(packet: bytes) -> memoryview:
        size = length[0] = len(packet)
        view[:size] = packet
        if protect_in_place(handle[0], buffer, length):
            raise pylibsrtp.Error("a packet could not be protected")
        return view[: length[0]]

    return protect


class DirectPath:
    """From packet to socket without the five coroutines between them in aiortc 1.16."""

    def __init__(self, transport: RTCDtlsTransport) -> None:
        self._srtp = transport._tx_srtp
        self._protect = _protector(self._srtp)
        self._ice = transport.transport._connection
        self._nominated = self._ice._nominated
        self._pair: Any = None
        self._sock: socket.socket | None = None
        self._address: tuple[str, int] = ("", 0)

    def send_rtp(self, packets: Iterable[bytes]) -> None:
        """Encrypts and sends; what the socket cannot take now is lost, as on any network."""
        sock = self._socket()
        if sock is None:
            return
        protect, send, address = self._protect, sock.sendto, self._address
        try:
            for packet in packets:
                send(protect(packet), address)
        except (OSError, pylibsrtp.Error):
            return

    def send_rtcp(self, packet: bytes) -> None:
        sock = self._socket()
        if sock is not None:
            with contextlib.suppress(OSError, pylibsrtp.Error):
                sock.sendto(self._srtp.protect_rtcp(packet), self._address)

    def cut(self) -> None:
        """From now on nothing comes from the viewer or goes to it, and neither end is told."""
        self._nominated = {}
        for protocol in self._ice._protocols:
            if isinstance(protocol, MediaProtocol):
                protocol.cut()

    def _socket(self) -> socket.socket | None:
        pair = self._nominated.get(1)
        if pair is not self._pair:
            self._pair, self._sock = pair, None
            if pair is not None and isinstance(pair.protocol, MediaProtocol):
                self._sock, self._address = pair.protocol.socket, pair.remote_addr
        return self._sock
