"""The offers and answers of a server without media: plausible text, no transport behind it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from mock_server.core.catalogue import Encoding
from mock_server.core.media_section import Codec, MediaSection
from mock_server.core.sdp import SessionDescription

_VP8 = ("VP8/90000", "")
_H264 = (
    "H264/90000",
    "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
)
_OPUS = ("opus/48000/2", "minptime=10;useinbandfec=1")


@dataclass(frozen=True, slots=True)
class NullTransport:
    """What a description says of a transport that nobody listens on."""

    number: int
    ice_ufrag: str
    ice_pwd: str
    fingerprint: str

    @classmethod
    def for_session(cls, session_id: str) -> NullTransport:
        """The same values for the same id, so that a seeded server repeats itself."""
        digest = hashlib.sha256(session_id.encode("utf-8", "surrogatepass"))
        letters = base64.b32encode(digest.digest()).decode("ascii").strip("=")
        return cls(
            number=int.from_bytes(digest.digest()[:7], "big"),
            ice_ufrag=letters[:16],
            ice_pwd=letters[16:48],
            fingerprint=digest.digest().hex(":").upper(),
        )

    def lines(self, setup: str) -> list[str]:
        return [
            f"a=ice-ufrag:{self.ice_ufrag}",
            f"a=ice-pwd:{self.ice_pwd}",
            f"a=fingerprint:sha-256 {self.fingerprint}",
            f"a=setup:{setup}",
        ]


def null_offer(transport: NullTransport, *, encoding: Encoding) -> str:
    """An offer of the shape the service has sent since 2024, video codecs in the order asked.

    Three sections in one bundle, all candidates in the first (a public client, 2024): the
    discard port of RFC 863 stands in for a real one.
    """
    video = (_VP8, _H264) if encoding is Encoding.VP8 else (_H264, _VP8)
    lines = [
        *_session_lines(transport, ("0", "1", "2")),
        *_media_lines("video", "0", {96: video[0], 98: video[1]}, "sendonly"),
        *transport.lines("actpass"),
        "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
        "a=end-of-candidates",
        *_media_lines("audio", "1", {111: _OPUS}, "sendonly"),
        *transport.lines("actpass"),
        *_data_lines("2"),
        *transport.lines("actpass"),
    ]
    return "\r\n".join(lines) + "\r\n"


def null_answer(
    transport: NullTransport, offer: SessionDescription, *, direction: str = "sendonly"
) -> str:
    """The answer to an offer that passed its check, its sections in its order.

    ``direction`` is that of the media, as the server sees it.
    """
    lines = _session_lines(transport, tuple(section.mid or "" for section in offer.media))
    bundled = offer.transport
    setup = "passive" if bundled is not None and bundled.setup == "active" else "active"
    for section in offer.media:
        mid = section.mid or ""
        if section.is_rtp:
            codec = _first_usable(section)
            described = _OPUS
            if section.kind == "video":
                described = _VP8 if codec.is_named("VP8") else _H264
            lines += _media_lines(section.kind, mid, {codec.payload_type: described}, direction)
        else:
            lines += _data_lines(mid)
        lines += transport.lines(setup)
    return "\r\n".join(lines) + "\r\n"


def _first_usable(section: MediaSection) -> Codec:
    return next(codec for codec in section.codecs if codec.usable)


def _session_lines(transport: NullTransport, mids: tuple[str, ...]) -> list[str]:
    return [
        "v=0",
        f"o=- {transport.number} 2 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=extmap-allow-mixed",
        f"a=group:BUNDLE {' '.join(mids)}",
        "a=msid-semantic:WMS *",
    ]


def _media_lines(
    kind: str, mid: str, formats: dict[int, tuple[str, str]], direction: str
) -> list[str]:
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, formats))}",
        "c=IN IP4 0.0.0.0",
        f"a={direction}",
        f"a=mid:{mid}",
        f"a=msid:avatar {kind}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]
    for number, (name, parameters) in formats.items():
        lines.append(f"a=rtpmap:{number} {name}")
        if kind == "video":
            lines += [f"a=rtcp-fb:{number} nack", f"a=rtcp-fb:{number} nack pli"]
        if parameters:
            lines.append(f"a=fmtp:{number} {parameters}")
    return lines


def _data_lines(mid: str) -> list[str]:
    return [
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{mid}",
        "a=sctp-port:5000",
        "a=max-message-size:65536",
    ]
