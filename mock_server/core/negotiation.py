"""Whether an offer or an answer can be worked with, and the plain text an engine gets of it.

What passes :func:`check_answer` or :func:`check_offer` is written anew by :func:`plain_text`: a
media engine sees only lines of ours, so that no text from outside can upset it half-way.
"""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.core.media_section import Codec, MediaSection
from mock_server.core.sdp import HASHES, SdpError, SessionDescription

MAX_PUBLISHED = 16
"""Media sections of one publisher: what it sends, and what it has sent before."""

_RTP_PROTOCOLS = frozenset({"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP"})
_DATA_PROTOCOLS = frozenset({"UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"})
_EXTENSIONS = frozenset(
    {
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    }
)
_FEEDBACK = frozenset({"nack", "nack pli", "ccm fir", "goog-remb"})


def check_answer(offer: SessionDescription, answer: SessionDescription) -> None:
    """Whether ``answer`` completes ``offer``. Raises SdpError saying what does not fit.

    One kind of media may be rejected, as may the data channel; the rest must be bundled on one
    transport, whose ICE and DTLS attributes are complete.
    """
    if answer.type != "answer":
        raise SdpError("type is not answer")
    if len(answer.media) != len(offer.media):
        raise SdpError(f"answer has {len(answer.media)} media lines, offer {len(offer.media)}")
    for asked, given in zip(offer.media, answer.media, strict=True):
        if given.kind != asked.kind or given.mid != asked.mid:
            raise SdpError(f"media section {given.index} is not the one that was offered")
        if not given.rejected:
            _check_protocol(given)
            if given.is_rtp and not any(a.fits(b) for a in given.codecs for b in asked.codecs):
                raise SdpError(f"media section {given.index} has no codec of the offer")
    if answer.first("video") is None and answer.first("audio") is None:
        raise SdpError("answer rejects all media")
    _check_transport(answer)


def check_offer(offer: SessionDescription) -> None:
    """Whether this server can answer ``offer``. Raises SdpError saying what does not fit.

    It must be able to receive one video in VP8 or H264 and one audio in Opus, and may have a
    section for data channels; all bundled.
    """
    if offer.type != "offer":
        raise SdpError("type is not offer")
    for section in offer.media:
        _check_answerable(section)
    for kind, codecs in (("video", ("VP8", "H264")), ("audio", ("opus",))):
        sections = [m for m in offer.media if m.kind == kind]
        if len(sections) != 1:
            raise SdpError(f"offer has {len(sections)} {kind} sections, not one")
        if not sections[0].receives:
            raise SdpError(f"offer does not receive {kind}")
        if not any(c.usable and c.is_named(n) for c in sections[0].codecs for n in codecs):
            raise SdpError(f"offer has no {kind} codec of {', '.join(codecs)}")
    _check_one_for_data(offer)
    _check_transport(offer)


def check_publication(offer: SessionDescription) -> None:
    """Whether this server can answer an ``offer`` to send to it. Raises SdpError.

    It has sections for audio, video and at most one for data channels, all bundled.
    """
    if offer.type != "offer":
        raise SdpError("type is not offer")
    if not 1 <= len(offer.media) <= MAX_PUBLISHED:
        raise SdpError(f"offer has {len(offer.media)} media lines, not 1 to {MAX_PUBLISHED}")
    for section in offer.media:
        _check_answerable(section)
        if section.is_rtp and not any(codec.usable for codec in section.codecs):
            raise SdpError(f"media section {section.index} has no codec of VP8, H264, opus")
    _check_one_for_data(offer)
    _check_transport(offer)


def _check_answerable(section: MediaSection) -> None:
    if section.rejected:
        raise SdpError(f"media section {section.index} has port 0")
    if section.kind not in ("audio", "video", "application"):
        raise SdpError(f"media section {section.index} is of an unknown kind")
    if section.mid is None:
        raise SdpError(f"media section {section.index} has no mid")
    _check_protocol(section)


def _check_one_for_data(offer: SessionDescription) -> None:
    if sum(m.kind == "application" for m in offer.media) > 1:
        raise SdpError("offer has more than one section for data channels")


def _check_protocol(section: MediaSection) -> None:
    wanted = _RTP_PROTOCOLS if section.is_rtp else _DATA_PROTOCOLS
    if section.protocol not in wanted:
        raise SdpError(f"media section {section.index} is not carried over DTLS")
    if section.is_rtp and not section.rtcp_mux:
        raise SdpError(f"media section {section.index} does not use rtcp-mux")


def _check_transport(description: SessionDescription) -> None:
    accepted = [m for m in description.media if not m.rejected]
    if len(accepted) > 1 and not {m.mid for m in accepted} <= set(description.bundle):
        raise SdpError("media sections are not bundled")
    if not set(description.bundle) <= {m.mid for m in description.media}:
        raise SdpError("BUNDLE names a mid that no media section has")
    transport = description.transport
    if transport is None or transport.ice_ufrag is None or transport.ice_pwd is None:
        raise SdpError("ice-ufrag or ice-pwd is missing")
    if not any(f.algorithm in HASHES for f in transport.fingerprints):
        raise SdpError("no fingerprint of sha-256, sha-384 or sha-512")
    wanted = {"active", "passive"}  # RFC 8842 section 5.3
    if description.type == "offer":
        wanted.add("actpass")
    if transport.setup not in wanted:
        raise SdpError(
            f"setup is {transport.setup or 'missing'}, not one of {', '.join(sorted(wanted))}"
        )


def plain_text(
    description: SessionDescription,
    *,
    offer: SessionDescription | None = None,
    first: str = "VP8",
    takes: frozenset[str] | None = None,
) -> str:
    """``description``, checked before, as the least text that says the same.

    An answer is written beside its ``offer``: a section it rejects is written as inactive with
    the codecs offered. In an offer, the video codec named ``first`` comes first. ``takes`` are the
    kinds of media that the server is to receive, for an offer to send to it. Candidates are left
    out; they go the way of trickled ones.
    """
    transport = description.transport
    if transport is None:
        raise SdpError("no media line is accepted")
    asked = offer.media if offer is not None else description.media
    mids = " ".join(section.mid or "" for section in description.media)
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    lines += ["a=ice-lite"] if description.ice_lite else []
    lines += [f"a=group:BUNDLE {mids}", "a=msid-semantic:WMS *"]
    for section, wanted in zip(description.media, asked, strict=True):
        if section.is_rtp:
            codecs = wanted.codecs if section.rejected else _common(section, wanted)
            if description.type == "offer":
                codecs = tuple(sorted(codecs, key=lambda c: _rank(c, first)))
            direction = "recvonly" if section.receives else "inactive"
            if takes is not None:
                direction = "sendonly" if section.sends and section.kind in takes else "inactive"
            lines += _rtp_lines(section, codecs, direction)
        else:
            lines.append("m=application 9 UDP/DTLS/SCTP webrtc-datachannel")
            lines.append(f"a=sctp-port:{section.sctp_port}")
            lines.append(f"a=max-message-size:{section.max_message_size or 65536}")
        lines += [
            "c=IN IP4 0.0.0.0",
            f"a=mid:{section.mid}",
            f"a=ice-ufrag:{transport.ice_ufrag}",
            f"a=ice-pwd:{transport.ice_pwd}",
            *(f"a=fingerprint:{f.algorithm} {f.value}" for f in transport.fingerprints),
            f"a=setup:{transport.setup}",
        ]
    return "\r\n".join(lines) + "\r\n"


def _common(section: MediaSection, wanted: MediaSection) -> tuple[Codec, ...]:
    """The section's codecs that the other side has too, with the RTX formats of those."""
    common = [c for c in section.codecs if any(c.fits(other) for other in wanted.codecs)]
    repaired = {str(c.payload_type) for c in common if section.kind == "video"}
    return (
        *common,
        *(
            c
            for c in section.codecs
            if c.is_named("rtx")
            and c.clock_rate == 90000
            and 96 <= c.payload_type <= 127
            and c.parameter("apt") in repaired
        ),
    )


def _rtp_lines(section: MediaSection, codecs: Iterable[Codec], direction: str) -> list[str]:
    formats = " ".join(str(codec.payload_type) for codec in codecs)
    lines = [f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {formats}", f"a={direction}", "a=rtcp-mux"]
    used: set[int] = set()
    for extension in section.extensions:
        # 15 and more need the two-byte form (RFC 8285 section 4.3).
        if extension.uri in _EXTENSIONS and 1 <= extension.number <= 14:
            if extension.number not in used:
                lines.append(f"a=extmap:{extension.number} {extension.uri}")
            used.add(extension.number)
    for codec in codecs:
        number = codec.payload_type
        channels = f"/{codec.channels}" if section.kind == "audio" else ""
        lines.append(f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}{channels}")
        lines += [f"a=rtcp-fb:{number} {what}" for what in codec.feedback if what in _FEEDBACK]
        if (profile := codec.h264_profile) is not None:
            lines.append(
                f"a=fmtp:{number} level-asymmetry-allowed=1;packetization-mode=1;"
                f"profile-level-id={profile}"
            )
        elif codec.is_named("rtx"):
            lines.append(f"a=fmtp:{number} apt={codec.parameter('apt')}")
    return lines


def _rank(codec: Codec, first: str) -> int:
    """The place in an order of preference: RTX last, after all that it may repair."""
    return 2 if codec.is_named("rtx") else int(not codec.is_named(first))
