"""A viewer made of text only: it writes answers that fit, and nobody stands behind them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from contract.sdp import Codec, Description, SdpError, Section, read_sdp

_VP8 = Codec(96, "VP8", 90000)
_H264 = Codec(
    98,
    "H264",
    90000,
    parameters=(
        ("level-asymmetry-allowed", "1"),
        ("packetization-mode", "1"),
        ("profile-level-id", "42e01f"),
    ),
)
_OPUS = Codec(111, "opus", 48000, 2, (("minptime", "10"), ("useinbandfec", "1")))
_USED = {"video": ("VP8", "H264"), "audio": ("opus",)}


class PaperViewer:
    """A `Viewer` without sockets.

    ``connects`` says whether the server takes a fitting answer for a connection, as one without
    media does; otherwise the session stays connecting.
    """

    def __init__(self, *, connects: bool) -> None:
        self._connects = connects

    def answer(self, session_id: str, offer: str) -> str:
        """An answer that receives what is offered. Raises ValueError for an unusable offer."""
        return write_answer(session_id, offer)

    def offer(self, session_id: str) -> str:
        """An offer to receive VP8 or H264 and Opus, with a data channel."""
        return write_offer(session_id)

    def connected(self, session_id: str, answer: str | None = None) -> bool:
        """What was said when this viewer was made."""
        return self._connects

    def leave(self, session_id: str) -> None:
        """Nobody is there who could leave."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class _Transport:
    """ICE and DTLS attributes of the forms that RFC 8839 and RFC 8122 ask for."""

    lines: tuple[str, ...]

    @classmethod
    def of(cls, session_id: str, setup: str) -> _Transport:
        """The same values for the same session, so that a run can be repeated."""
        digest = hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).digest()
        letters = base64.b32encode(digest).decode().rstrip("=")
        return cls(
            (
                f"a=ice-ufrag:{letters[:8]}",
                f"a=ice-pwd:{letters[8:32]}",
                f"a=fingerprint:sha-256 {digest.hex(':').upper()}",
                f"a=setup:{setup}",
            )
        )


def write_answer(session_id: str, offer: str) -> str:
    """An answer to the server's offer, its sections in its order. Raises SdpError.

    Sections that cannot be used are rejected (RFC 3264 section 6).
    """
    description = read_sdp(offer)
    accepted = [section for section in description.sections if _usable(section)]
    if not any(section.kind in _USED for section in accepted):
        raise SdpError("it sends neither video nor audio that can be received")
    bundled = [s for s in accepted if s.mid in description.bundle]
    transport = _Transport.of(session_id, _setup(description))
    lines = _head(tuple(section.mid or "" for section in bundled))
    for section in description.sections:
        if section not in accepted:
            lines += [f"m={section.kind} 0 {section.protocol} 0", "c=IN IP4 0.0.0.0"]
            lines += [f"a=mid:{section.mid}"] if section.mid is not None else []
        elif section.kind in _USED:
            codecs = tuple(codec for codec in section.codecs if _plays(section, codec))
            lines += _media(section.kind, section.mid, codecs)
            lines += transport.lines
        else:
            lines += _data(section.mid, section.protocol)
            lines += transport.lines
    return _text(lines)


def write_offer(session_id: str) -> str:
    """An offer of a client that wants to see and hear."""
    transport = _Transport.of(session_id, "actpass")
    return _text(
        [
            *_head(("0", "1", "2")),
            *_media("video", "0", (_VP8, _H264)),
            *transport.lines,
            *_media("audio", "1", (_OPUS,)),
            *transport.lines,
            *_data("2", "UDP/DTLS/SCTP"),
            *transport.lines,
        ]
    )


def _usable(section: Section) -> bool:
    if section.kind in _USED:
        return section.sends and any(_plays(section, codec) for codec in section.codecs)
    return section.kind == "application" and not section.rejected


def _plays(section: Section, codec: Codec) -> bool:
    return codec.name.lower() in {name.lower() for name in _USED[section.kind]}


def _setup(offer: Description) -> str:
    """Active, unless the offerer insists on being that (RFC 5763 section 5)."""
    transport = offer.transport
    return "passive" if transport is not None and transport.setup == "active" else "active"


def _head(mids: tuple[str, ...]) -> list[str]:
    group = [f"a=group:BUNDLE {' '.join(mids)}"] if mids else []
    return ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", *group, "a=msid-semantic: WMS"]


def _media(kind: str, mid: str | None, codecs: tuple[Codec, ...]) -> list[str]:
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(str(codec.payload_type) for codec in codecs)}",
        "c=IN IP4 0.0.0.0",
        *([f"a=mid:{mid}"] if mid is not None else []),
        "a=recvonly",
        "a=rtcp-mux",
    ]
    for codec in codecs:
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        lines.append(f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock_rate}{channels}")
        if kind == "video":
            lines += [f"a=rtcp-fb:{codec.payload_type} {what}" for what in ("nack", "nack pli")]
        if codec.parameters:
            said = ";".join(f"{name}={value}" for name, value in codec.parameters)
            lines.append(f"a=fmtp:{codec.payload_type} {said}")
    return lines


def _data(mid: str | None, protocol: str) -> list[str]:
    return [
        f"m=application 9 {protocol} webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        *([f"a=mid:{mid}"] if mid is not None else []),
        "a=sctp-port:5000",
        "a=max-message-size:262144",
    ]


def _text(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
