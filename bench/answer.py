"""What a light viewer reads in a server's offer, and the answer it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One media section of the offer."""

    kind: str
    mid: str
    payload_type: str
    codec: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The parts of an offer that connecting takes. Credentials are those of the bundle."""

    sections: tuple[Section, ...]
    host: str
    port: int
    ufrag: str
    password: str
    fingerprint: str
    """SHA-256, as OpenSSL writes it."""

    @classmethod
    def parse(cls, text: str) -> Offer:
        """Reads an offer with candidates on this machine. Raises ValueError."""
        blocks = re.split(r"(?m)^m=", text.replace("\r", ""))[1:]
        if not blocks:
            raise ValueError("the offer has no media")
        first = blocks[0]
        candidate = re.search(r"(?mi)^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+)", first)
        if candidate is None:
            raise ValueError("the offer has no IPv4 candidate")
        return cls(
            sections=tuple(map(_section, blocks)),
            host=candidate[1],
            port=int(candidate[2]),
            ufrag=_value(first, "ice-ufrag:"),
            password=_value(first, "ice-pwd:"),
            fingerprint=_value(first, "fingerprint:sha-256 ").upper(),
        )

    def payload_type(self, kind: str) -> int:
        """The number of the first codec offered for a kind of media. Raises ValueError."""
        for section in self.sections:
            if section.kind == kind:
                return int(section.payload_type)
        raise ValueError(f"the offer has no {kind}")


def answer(offer: Offer, *, port: int, ufrag: str, password: str, fingerprint: str) -> str:
    """Accepts the first codec of each medium, rejects data channels; DTLS client."""
    accepted = [s for s in offer.sections if s.kind != "application"]
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(s.mid for s in accepted))
    for section in offer.sections:
        if section.kind == "application":
            lines += ["m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0"]
            lines += [f"a=mid:{section.mid}", "a=sctp-port:5000"]
            continue
        lines += [
            f"m={section.kind} {port} UDP/TLS/RTP/SAVPF {section.payload_type}",
            f"c=IN IP4 {offer.host}",
            f"a=mid:{section.mid}",
            "a=recvonly",
            "a=rtcp-mux",
            f"a=rtpmap:{section.payload_type} {section.codec}",
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{password}",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:active",
            f"a=candidate:1 1 udp 2130706431 {offer.host} {port} typ host",
            "a=end-of-candidates",
        ]
    return "\r\n".join(lines) + "\r\n"


def _section(block: str) -> Section:
    head = block.split("\n", 1)[0].split()
    kind, number = head[0], head[3]
    codec = "" if kind == "application" else _value(block, f"rtpmap:{number} ")
    return Section(kind, _value(block, "mid:"), number, codec)


def _value(block: str, name: str) -> str:
    found = re.search(rf"(?m)^a={re.escape(name)}(.*)$", block)
    if found is None:
        raise ValueError(f"the offer has no a={name.strip()}")
    return found[1].strip()
