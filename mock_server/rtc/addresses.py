"""UDP sockets for media, the addresses told to viewers, and those that may be sent to."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence

import ifaddr
from aioice.candidate import Candidate, candidate_foundation, candidate_priority

from mock_server.core.sdp import IceCandidate
from mock_server.peers import PeerUnavailableError
from mock_server.rtc.options import RtcOptions


class MediaSockets:
    """Binds one UDP socket per session, from a range of ports if there is one."""

    def __init__(self, options: RtcOptions) -> None:
        self._bind = options.media_bind
        self._range = options.port_range
        self._next = options.port_range[0] if options.port_range else 0

    def bind(self) -> socket.socket:
        """A bound, non-blocking socket. Raises PeerUnavailableError."""
        family = socket.AF_INET6 if ":" in self._bind else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.settimeout(0)  # never blocks
            if self._range is None:
                sock.bind((self._bind, 0))
                return sock
            if self._bind_in(sock, *self._range):
                return sock
        except OSError as error:
            sock.close()
            raise PeerUnavailableError(f"media cannot be bound to {self._bind}: {error}") from None
        sock.close()
        low, high = self._range
        raise PeerUnavailableError(f"all UDP ports from {low} to {high} are in use")

    def _bind_in(self, sock: socket.socket, low: int, high: int) -> bool:
        # Goes round, so that a port rests before it is used again and late packets miss.
        count = high - low + 1
        for step in range(count):
            port = low + (self._next - low + step) % count
            try:
                sock.bind((self._bind, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            self._next = port + 1
            return True
        return False


def advertised_addresses(options: RtcOptions) -> tuple[str, ...]:
    """What viewers are told: never the any-address, which is no place to send to."""
    wanted = ipaddress.ip_address(options.media_advertised or options.media_bind)
    if not wanted.is_unspecified:
        return (str(wanted),)
    if wanted.version == 4:
        return (*_local_addresses(4), "127.0.0.1")
    return (*_local_addresses(6), "::1")


def host_candidates(addresses: Sequence[str], port: int) -> list[Candidate]:
    """One socket under several addresses, the first preferred (RFC 8445 section 5.1.2.1)."""
    return [
        Candidate(
            foundation=candidate_foundation("host", "udp", address),
            component=1,
            transport="udp",
            priority=candidate_priority(1, "host", 65535 - rank),
            host=address,
            port=port,
            type="host",
        )
        for rank, address in enumerate(addresses)
    ]


def _local_addresses(version: int) -> tuple[str, ...]:
    """The machine's own addresses, loopback and link-local ones left out."""
    found: list[str] = []
    for interface in ifaddr.get_adapters():
        for entry in interface.ips:
            text = entry.ip if isinstance(entry.ip, str) else entry.ip[0]
            address = ipaddress.ip_address(text)
            if address.version == version and not (address.is_loopback or address.is_link_local):
                found.append(str(address))
    return tuple(found)


def may_send_to(candidate: IceCandidate, options: RtcOptions) -> bool:
    """Whether a viewer's candidate is used: UDP to an address of this machine or its networks.

    Names are never resolved: the viewer's own checks reveal the address behind an mDNS name.
    """
    address = candidate.ip
    if address is None or candidate.protocol != "udp" or candidate.component != 1:
        return False
    if candidate.type == "prflx" or candidate.port == 0:
        return False
    if address.is_unspecified or address.is_multicast or candidate.address == "255.255.255.255":
        return False
    if address.version == 6 and "%" in candidate.address:
        return False
    return options.allow_public_candidates or address.is_private or address.is_link_local


def media_problem(options: RtcOptions) -> str | None:
    """What cannot work on this machine, said for the person who starts the server; else None.

    Sends one datagram to itself and waits up to half a second for it.
    """
    addresses = advertised_addresses(options)
    own = "127.0.0.1" if options.media_bind == "0.0.0.0" else options.media_bind  # noqa: S104
    own = "::1" if own == "::" else own
    try:
        sock = MediaSockets(RtcOptions(media_bind=options.media_bind)).bind()
    except PeerUnavailableError as error:
        return f"{error}; choose another address with --media-ip, or run with --media none"
    with sock:
        sock.settimeout(0.5)
        try:
            sock.sendto(b"?", (own, sock.getsockname()[1]))
            sock.recv(1)
        except OSError as error:
            return (
                f"UDP on {own} does not work here ({error}), so no viewer can connect; "
                "is the loopback interface up? --media none runs without sockets"
            )
    if all(ipaddress.ip_address(a).is_loopback for a in addresses) and not (
        _local_addresses(4) or _local_addresses(6)
    ):
        return (
            "this machine has no network but loopback: only viewers that use the loopback "
            "interface can connect; Chromium does with --allow-loopback-in-peer-connection "
            "--disable-features=WebRtcHideLocalIpsWithMdns, aiortc does not by itself"
        )
    return None
