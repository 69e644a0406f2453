"""SDP text to small frozen values. Whether they fit together is for negotiation.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mock_server.core.candidates import IceCandidate, SdpError, parse_candidate
from mock_server.core.media_section import Codec, Extension, Fingerprint, MediaSection

__all__ = [
    "HASHES",
    "IceCandidate",
    "MediaSection",
    "SdpError",
    "SessionDescription",
    "parse_candidate",
    "parse_description",
]

MAX_SDP_CHARS = 64 * 1024
MAX_SECTIONS = 16

# Bytes of the hash per algorithm of RFC 8122; DTLS of aiortc 1.16 knows these.
HASHES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
# Attributes of which the value alone matters, and their form.
_PLAIN = {
    "mid": re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}"),  # a token of RFC 8866 section 9
    "ice-ufrag": re.compile(r"[A-Za-z0-9+/=#_-]{4,256}"),  # RFC 8839, and what libwebrtc takes
    "ice-pwd": re.compile(r"[A-Za-z0-9+/=#_-]{22,256}"),
    "setup": re.compile(r"actpass|active|passive|holdconn"),  # RFC 4145 section 4
    "sctp-port": re.compile(r"[0-9]{1,5}"),
    "max-message-size": re.compile(r"[0-9]{1,10}"),
    "rtcp-mux": re.compile(r""),
    "ice-lite": re.compile(r""),
    "bundle-only": re.compile(r""),
    "end-of-candidates": re.compile(r""),
}
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})

_LINE = re.compile(r"([a-z])=(.*)")
_MEDIA = re.compile(r"([a-z]{1,16}) ([0-9]{1,5})(?:/[0-9]{1,3})? ([A-Za-z/]{1,32})((?: [^ ]+)+) ?")
_FINGERPRINT = re.compile(r"([A-Za-z0-9-]{1,16}) +([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,63}) *")
_RTPMAP = re.compile(r"([0-9]{1,3}) +([A-Za-z0-9._-]{1,32})/([0-9]{1,7})(?:/([0-9]{1,2}))? *")
_FMTP = re.compile(r"([0-9]{1,3}) +([\x20-\x7e]*)")
_FEEDBACK = re.compile(r"(\*|[0-9]{1,3}) +([\x21-\x7e]+(?: +[\x21-\x7e]+){0,2}) *")
_EXTMAP = re.compile(r"([0-9]{1,5})(?:/[a-z]{1,8})? +([\x21-\x7e]{1,255})(?: .*)?")


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """An offer or an answer. ``text`` is as received; ``bundle`` the mids of its BUNDLE group."""

    type: str
    text: str
    media: tuple[MediaSection, ...]
    bundle: tuple[str, ...]
    ice_lite: bool

    def first(self, kind: str) -> MediaSection | None:
        """The first section of that kind which is not rejected; None without one."""
        return next((m for m in self.media if m.kind == kind and not m.rejected), None)

    @property
    def transport(self) -> MediaSection | None:
        """The section whose transport all bundled ones share (RFC 9143 section 7.2)."""
        accepted = [m for m in self.media if not m.rejected]
        for mid in self.bundle:
            for section in accepted:
                if section.mid == mid:
                    return section
        return accepted[0] if accepted else None


@dataclass(slots=True)
class _Attributes:
    """The lines of one level, before they are a value."""

    values: dict[str, str] = field(default_factory=dict)
    fingerprints: list[Fingerprint] = field(default_factory=list)
    formats: dict[int, Codec] = field(default_factory=dict)
    parameters: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    feedback: list[tuple[str, str]] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    candidates: list[IceCandidate] = field(default_factory=list)
    bundle: tuple[str, ...] = ()


def parse_description(type_: str, text: str) -> SessionDescription:
    """An SDP text of type ``offer`` or ``answer`` as a value.

    Lines end with CRLF or LF. Attributes that this server has no use for are passed over, those
    it uses must be well-formed. Raises SdpError.
    """
    if type_ not in ("offer", "answer"):
        raise SdpError("type is neither offer nor answer")
    if len(text) > MAX_SDP_CHARS:
        raise SdpError(f"text is longer than {MAX_SDP_CHARS} characters")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip(" \t"):
        lines.pop()
    if not lines or lines[0].rstrip(" ") != "v=0":
        raise SdpError('text does not begin with "v=0"')
    session = _Attributes()
    sections: list[tuple[re.Match[str], _Attributes]] = []
    for number, line in enumerate(lines[1:], start=2):
        match = _LINE.fullmatch(line)
        if match is None:
            raise SdpError(f"line {number} is not of the form x=value")
        if match[1] == "m":
            media = _MEDIA.fullmatch(match[2])
            if media is None:
                raise SdpError(f"line {number} is not a media line")
            if len(sections) == MAX_SECTIONS:
                raise SdpError(f"more than {MAX_SECTIONS} media lines")
            sections.append((media, _Attributes()))
        elif match[1] == "a":
            level = sections[-1][1] if sections else session
            _read_attribute(match[2], level, number)
    if not sections:
        raise SdpError("no media line")
    media_sections = tuple(_section(i, m, a, session) for i, (m, a) in enumerate(sections))
    mids = [section.mid for section in media_sections if section.mid is not None]
    if len(set(mids)) != len(mids):
        raise SdpError("two media sections have the same mid")
    return SessionDescription(
        type=type_,
        text=text,
        media=media_sections,
        bundle=session.bundle,
        ice_lite="ice-lite" in session.values,
    )


def _read_attribute(text: str, level: _Attributes, number: int) -> None:
    name, _, value = text.partition(":")
    if (read := _READERS.get(name)) is not None:
        try:
            read(level, value)
        except SdpError as error:
            raise SdpError(f"line {number}: {error}") from None
    elif (pattern := _PLAIN.get(name)) is not None:
        if pattern.fullmatch(value) is None:
            raise SdpError(f"line {number} is not a valid {name} attribute")
        level.values[name] = value
    elif text in _DIRECTIONS:
        level.values["direction"] = text


def _read(pattern: re.Pattern[str], value: str, name: str) -> re.Match[str]:
    match = pattern.fullmatch(value)
    if match is None:
        raise SdpError(f"not a valid {name} attribute")
    return match


def _read_fingerprint(level: _Attributes, value: str) -> None:
    found = _read(_FINGERPRINT, value, "fingerprint")
    algorithm, hexadecimal = found[1].lower(), found[2].upper()
    if algorithm in HASHES and len(hexadecimal) != 3 * HASHES[algorithm] - 1:
        raise SdpError("fingerprint has the wrong length")
    level.fingerprints.append(Fingerprint(algorithm, hexadecimal))


def _read_rtpmap(level: _Attributes, value: str) -> None:
    found = _read(_RTPMAP, value, "rtpmap")
    codec = Codec(int(found[1]), found[2], int(found[3]), int(found[4] or 1))
    if level.formats.setdefault(codec.payload_type, codec) != codec:
        raise SdpError("a payload type gets a second meaning")


def _read_fmtp(level: _Attributes, value: str) -> None:
    found = _FMTP.fullmatch(value)
    if found is not None:
        pairs = (part.strip().partition("=") for part in found[2].split(";"))
        parameters = tuple((name.lower(), what) for name, _, what in pairs if name)
        level.parameters[int(found[1])] = parameters


def _read_feedback(level: _Attributes, value: str) -> None:
    found = _FEEDBACK.fullmatch(value)
    if found is not None:
        level.feedback.append((found[1], " ".join(found[2].split())))


def _read_extension(level: _Attributes, value: str) -> None:
    found = _read(_EXTMAP, value, "extmap")
    level.extensions.append(Extension(int(found[1]), found[2]))


def _read_candidate(level: _Attributes, value: str) -> None:
    candidate = parse_candidate(f"candidate:{value}")
    if candidate is None:
        raise SdpError("not a valid candidate attribute")
    level.candidates.append(candidate)


def _read_group(level: _Attributes, value: str) -> None:
    semantic, *mids = value.split(" ")
    if semantic == "BUNDLE" and not level.bundle:
        level.bundle = tuple(mid for mid in mids if mid)


_READERS: dict[str, Callable[[_Attributes, str], None]] = {
    "fingerprint": _read_fingerprint,
    "rtpmap": _read_rtpmap,
    "fmtp": _read_fmtp,
    "rtcp-fb": _read_feedback,
    "extmap": _read_extension,
    "candidate": _read_candidate,
    "group": _read_group,
}


def _section(
    index: int, media: re.Match[str], own: _Attributes, session: _Attributes
) -> MediaSection:
    def attribute(name: str) -> str | None:
        return own.values.get(name, session.values.get(name))

    port = int(media[2])
    if port > 65535:
        raise SdpError(f"media section {index} has a port out of range")
    kind, formats = media[1], media[4].split()
    sctp_port = int(own.values.get("sctp-port", "5000"))
    if kind == "application" and media[3] == "DTLS/SCTP" and "sctp-port" not in own.values:
        # The form before RFC 8841: the port is the format, a=sctpmap names the protocol.
        sctp_port = int(formats[0]) if _is_number(formats[0]) else sctp_port
    if not 1 <= sctp_port <= 65535:
        raise SdpError(f"media section {index} has an sctp-port out of range")
    return MediaSection(
        index=index,
        kind=kind,
        port=port,
        protocol=media[3],
        mid=own.values.get("mid"),
        direction=attribute("direction") or "sendrecv",
        rejected=port == 0 and "bundle-only" not in own.values,
        codecs=_codecs(formats, own) if kind in ("audio", "video") else (),
        extensions=tuple(own.extensions),
        rtcp_mux="rtcp-mux" in own.values,
        ice_ufrag=attribute("ice-ufrag"),
        ice_pwd=attribute("ice-pwd"),
        setup=attribute("setup"),
        fingerprints=tuple(own.fingerprints or session.fingerprints),
        candidates=tuple(own.candidates),
        end_of_candidates="end-of-candidates" in own.values,
        sctp_port=sctp_port,
        max_message_size=int(own.values.get("max-message-size", "65536")),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5


def _codecs(formats: list[str], own: _Attributes) -> tuple[Codec, ...]:
    """The section's formats in its order of preference, parameters and feedback filled in."""
    everyone = tuple(what for target, what in own.feedback if target == "*")
    feedback: dict[str, list[str]] = {}
    for target, what in own.feedback:
        feedback.setdefault(target, []).append(what)
    codecs: dict[int, Codec] = {}
    for text in formats:
        codec = own.formats.get(int(text)) if _is_number(text) else None
        if codec is None or codec.payload_type in codecs:
            continue
        codecs[codec.payload_type] = Codec(
            codec.payload_type,
            codec.name,
            codec.clock_rate,
            codec.channels,
            own.parameters.get(codec.payload_type, ()),
            (*everyone, *feedback.get(str(codec.payload_type), ())),
        )
    return tuple(codecs.values())
