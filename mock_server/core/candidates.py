"""ICE candidate text to a frozen value; the one error of all signalling text."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

MAX_CANDIDATE_CHARS = 1024


class SdpError(ValueError):
    """Signalling text that cannot be used; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class IceCandidate:
    """One candidate, in the vocabulary of RTCIceCandidate.

    ``address`` is an IP address, a ``.local`` name, or another host name; only the first can
    be sent to. ``component`` is 1 for RTP, which with rtcp-mux is all there is.
    """

    candidate: str
    foundation: str
    component: int
    protocol: str
    priority: int
    address: str
    port: int
    type: str
    sdp_mid: str | None = None
    sdp_mline_index: int | None = None
    username_fragment: str | None = None
    tcp_type: str | None = None

    @property
    def is_mdns(self) -> bool:
        """Whether the address is hidden behind an mDNS name, as browsers do."""
        return self.address.lower().rstrip(".").endswith(".local")

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address as such, None for a name."""
        try:
            return ipaddress.ip_address(self.address)
        except ValueError:
            return None


# RFC 8839 section 5.1, with the lengths the grammar leaves open cut to sane ones.
_CANDIDATE = re.compile(
    r"(?P<foundation>[A-Za-z0-9+/]{1,32}) +"
    r"(?P<component>[0-9]{1,3}) +"
    r"(?P<protocol>[A-Za-z0-9-]{1,16}) +"
    r"(?P<priority>[0-9]{1,10}) +"
    r"(?P<address>[A-Za-z0-9.:%_-]{1,255}) +"
    r"(?P<port>[0-9]{1,5}) +"
    r"typ +(?P<type>[A-Za-z0-9-]{1,16})"
    r"(?P<rest>(?: +[\x21-\x7e]+)*) *"
)
_TYPES = frozenset({"host", "srflx", "prflx", "relay"})


def parse_candidate(
    text: str,
    *,
    sdp_mid: str | None = None,
    sdp_mline_index: int | None = None,
    username_fragment: str | None = None,
) -> IceCandidate | None:
    """A candidate from ``candidate:...`` with or without ``a=``; None for end-of-candidates.

    The end is spelled as an empty text (RTCPeerConnection) or ``end-of-candidates``
    (RFC 8838 section 14). Raises SdpError for any other text.
    """
    if len(text) > MAX_CANDIDATE_CHARS:
        raise SdpError(f"candidate is longer than {MAX_CANDIDATE_CHARS} characters")
    line = text.strip(" \t\r\n").removeprefix("a=")
    if line in ("", "end-of-candidates", "candidate:"):
        return None
    match = _CANDIDATE.fullmatch(line.removeprefix("candidate:"))
    if match is None:
        raise SdpError("candidate is not of the form of RFC 8839 section 5.1")
    kind = match["type"].lower()
    if kind not in _TYPES:
        raise SdpError("candidate has an unknown type")
    component, port = int(match["component"]), int(match["port"])
    priority = int(match["priority"])
    if not 1 <= component <= 256 or port > 65535 or priority > 0xFFFFFFFF:
        raise SdpError("candidate has a component, port or priority out of range")
    extensions = match["rest"].split()
    attributes = dict(zip(extensions[::2], extensions[1::2], strict=False))
    return IceCandidate(
        candidate=line,
        foundation=match["foundation"],
        component=component,
        protocol=match["protocol"].lower(),
        priority=priority,
        address=match["address"],
        port=port,
        type=kind,
        sdp_mid=sdp_mid,
        sdp_mline_index=sdp_mline_index,
        username_fragment=username_fragment or attributes.get("ufrag"),
        tcp_type=attributes.get("tcptype"),
    )
