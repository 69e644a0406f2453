"""Whether an SDP or a candidate that a client sends must be taken, must be refused, or neither."""

from __future__ import annotations

import re
from typing import Literal

from contract.sdp import Description, SdpError, Section, read_candidate, read_sdp

Judgement = Literal["fits", "unusable", "open"]

_KNOWN = re.compile(
    r"a=(?:group|msid-semantic|extmap-allow-mixed|ice-options|mid|msid|ssrc|ssrc-group|rtcp|"
    r"rtcp-mux|rtcp-rsize|rtcp-fb|rtpmap|fmtp|extmap|candidate|end-of-candidates|ice-ufrag|"
    r"ice-pwd|fingerprint|setup|sctp-port|max-message-size|sendrecv|sendonly|recvonly)(?::.*)?|"
    r"(?:v|o|s|t|m|c|b)=.*"
)
_CANDIDATE_TYPES = frozenset({"host", "srflx", "prflx", "relay"})


def judge_sdp(kind: str, text: str, offer: str | None) -> Judgement:
    """What a server must do with a client's SDP; ``offer`` is its own, where that is known.

    Only what leaves no doubt is called fitting or unusable.
    """
    try:
        given = read_sdp(text)
    except SdpError:
        # Readers differ in how strict they are; but none can read what is no SDP at all.
        return "open" if text.startswith("v=0") else "unusable"
    if not given.sections or given.transport is None:
        return "unusable"
    if given.transport.ice_ufrag is None or not given.transport.fingerprints:
        return "unusable"
    if not all(_KNOWN.fullmatch(line) for line in text.splitlines() if line):
        return "open"
    if kind == "offer":
        return _judge_offer(given)
    if offer is None:
        return "open"
    asked = read_sdp(offer)
    if len(asked.sections) != len(given.sections):
        return "unusable"
    pairs = zip(asked.sections, given.sections, strict=True)
    return "fits" if _transport_fits(given) and all(_fits(a, b) for a, b in pairs) else "open"


def _judge_offer(given: Description) -> Judgement:
    video, audio = given.of_kind("video"), given.of_kind("audio")
    if not any(s.receives for s in video) or not any(s.receives for s in audio):
        return "unusable"
    plain = (
        len(video) == len(audio) == 1
        and len(given.sections) <= 3
        and all(s.kind in ("audio", "video", "application") for s in given.sections)
        and (video[0].codec("VP8") or video[0].codec("H264")) is not None
        and audio[0].codec("opus") is not None
    )
    return "fits" if plain and _transport_fits(given) else "open"


def _transport_fits(given: Description) -> bool:
    transport = given.transport
    if transport is None or any(section.rejected for section in given.sections):
        return False
    mids = [section.mid for section in given.sections]
    return (
        None not in mids
        and sorted(given.bundle) == sorted(str(mid) for mid in mids)
        and len(set(mids)) == len(mids)
        and len(transport.ice_ufrag or "") >= 4  # RFC 8839, section 5.4
        and len(transport.ice_pwd or "") >= 22
        and any(name == "sha-256" and len(value) == 95 for name, value in transport.fingerprints)
        and transport.setup in ("active", "passive", "actpass")
        and all(s.rtcp_mux for s in given.sections if s.kind != "application")
        and all(c.type in _CANDIDATE_TYPES for c in given.candidates)
    )


def _fits(asked: Section, given: Section) -> bool:
    if (asked.kind, asked.mid, asked.protocol) != (given.kind, given.mid, given.protocol):
        return False
    if given.setup == "actpass":  # RFC 8842, section 5.3: an answer decides
        return False
    if asked.kind == "application":
        return given.sctp_port is not None
    return given.receives and any(a.same_as(b) for a in asked.codecs for b in given.codecs)


def judge_candidate(text: str) -> Judgement:
    """What a server must do with a candidate's text; the empty one ends the candidates."""
    line = text.removeprefix("a=")
    if not line.strip():
        return "open" if line else "fits"
    try:
        found = read_candidate(line)
    except SdpError:
        return "open" if line.strip().startswith(("candidate", "end-of")) else "unusable"
    plain = found.type in _CANDIDATE_TYPES and 1 <= found.component <= 2
    return "fits" if plain and found.protocol in ("udp", "tcp") else "open"
