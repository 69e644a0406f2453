"""SDP text as the judge reads it: what an offer or an answer promises, as frozen values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_DIRECTIONS: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}

MAX_CHARS = 256 * 1024
"""Far beyond any real description: a browser's is about 10,000 characters."""

# Repetition is bounded everywhere: no text makes a number too long for int().
_LINE = re.compile(r"([A-Za-z])=(.*)", re.DOTALL)
_MEDIA = re.compile(r"([a-z]{1,32}) ([0-9]{1,5})(?:/[0-9]{1,5})? ([A-Za-z0-9/]{1,64}) ([^ ].*)")
_MID = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")  # token of RFC 8866 section 9
_ICE = re.compile(r"[A-Za-z0-9+/=#_-]{1,256}")  # RFC 8839 section 5.4, and what libwebrtc takes
_SETUP = re.compile(r"actpass|active|passive|holdconn")  # RFC 4145 section 4
_PORT = re.compile(r"[0-9]{1,5}")
_RTPMAP = re.compile(r"([0-9]{1,3}) +([A-Za-z0-9._-]{1,64})/([0-9]{1,9})(?:/([0-9]{1,3}))? *")
_FMTP = re.compile(r"([0-9]{1,3}) +(.*)")
_FINGERPRINT = re.compile(r"([A-Za-z0-9-]{1,16}) +([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){1,127}) *")
_CANDIDATE = re.compile(  # RFC 8839 section 5.1
    r"([A-Za-z0-9+/]{1,64}) ([0-9]{1,5}) ([A-Za-z0-9-]{1,16}) ([0-9]{1,10})"
    r" ([A-Za-z0-9.:%_-]{1,255}) ([0-9]{1,5}) typ ([A-Za-z0-9-]{1,16})((?: [!-~]+)*) ?"
)


class SdpError(ValueError):
    """The text is no session description. The message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A format of an audio or video section; ``name`` is spelled as in the text."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: tuple[tuple[str, str], ...] = ()

    def is_named(self, name: str) -> bool:
        """Encoding names have no case (RFC 8866 section 6.6)."""
        return self.name.lower() == name.lower()

    def parameter(self, name: str) -> str | None:
        """The ``fmtp`` parameter of that name in lower case."""
        return next((value for known, value in self.parameters if known == name), None)

    @property
    def is_repair(self) -> bool:
        """Whether it only carries other formats' packets once more."""
        return self.name.lower() in ("rtx", "red", "ulpfec", "flexfec-03")

    def same_as(self, other: Codec) -> bool:
        """Whether a peer that receives one understands the other, payload types apart."""
        mine, theirs = (self.name.lower(), self.clock_rate), (other.name.lower(), other.clock_rate)
        if mine != theirs or self.channels != other.channels:
            return False
        # RFC 6184 section 8.1: absent, the mode is 0, and the two do not mix.
        modes = {c.parameter("packetization-mode") or "0" for c in (self, other)}
        return not self.is_named("H264") or len(modes) == 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An ICE candidate; ``text`` begins with ``candidate:``."""

    text: str
    component: int
    protocol: str
    address: str
    port: int
    type: str


@dataclass(frozen=True, slots=True)
class Section:
    """One media section. What the session level says for all is filled in.

    ``codecs`` are in the order of preference; ``fingerprints`` are pairs of hash name in lower
    case and hexadecimal in upper case; ``sctp_port`` is None outside data channel sections.
    """

    kind: str
    mid: str | None
    port: int
    protocol: str
    direction: Direction
    codecs: tuple[Codec, ...]
    candidates: tuple[Candidate, ...]
    end_of_candidates: bool
    setup: str | None
    ice_ufrag: str | None
    ice_pwd: str | None
    fingerprints: tuple[tuple[str, str], ...]
    rtcp_mux: bool
    bundle_only: bool
    sctp_port: int | None

    @property
    def rejected(self) -> bool:
        """Whether the sender will not have it (RFC 3264 section 6, RFC 9143 section 6)."""
        return self.port == 0 and not self.bundle_only

    @property
    def sends(self) -> bool:
        return not self.rejected and self.direction in ("sendrecv", "sendonly")

    @property
    def receives(self) -> bool:
        return not self.rejected and self.direction in ("sendrecv", "recvonly")

    def codec(self, name: str) -> Codec | None:
        """The first codec of that name."""
        return next((codec for codec in self.codecs if codec.is_named(name)), None)


@dataclass(frozen=True, slots=True)
class Description:
    """An offer or an answer; ``bundle`` are the mids of its BUNDLE group, empty without one."""

    sections: tuple[Section, ...]
    bundle: tuple[str, ...]

    def of_kind(self, kind: str) -> tuple[Section, ...]:
        """The sections of that kind that are not rejected."""
        return tuple(s for s in self.sections if s.kind == kind and not s.rejected)

    @property
    def transport(self) -> Section | None:
        """The section whose transport all bundled ones share (RFC 9143 section 7.2)."""
        accepted = [section for section in self.sections if not section.rejected]
        for mid in self.bundle:
            for section in accepted:
                if section.mid == mid:
                    return section
        return accepted[0] if accepted else None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every candidate once, in the order of the text."""
        return tuple(dict.fromkeys(c for section in self.sections for c in section.candidates))

    @property
    def complete(self) -> bool:
        """Whether it says that no candidate follows (RFC 8840 section 4.4), and has one."""
        shared = [s for s in self.sections if s.candidates or s.end_of_candidates]
        return bool(self.candidates) and all(s.end_of_candidates for s in shared)


def read_sdp(text: str) -> Description:
    """The description that ``text`` is; lines may end with LF alone. Raises SdpError."""
    if len(text) > MAX_CHARS:
        raise SdpError(f"longer than {MAX_CHARS} characters")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or lines[0].rstrip(" ") != "v=0":
        raise SdpError("line 1 is not v=0")
    session = _Level()
    sections: list[tuple[re.Match[str], _Level]] = []
    for number, line in enumerate(lines[1:], start=2):
        match = _LINE.fullmatch(line)
        if match is None:
            raise SdpError(f"line {number} is not of the form x=value")
        if match[1] == "m":
            sections.append((_match(_MEDIA, match[2], number, "media line"), _Level()))
        elif match[1] == "a":
            (sections[-1][1] if sections else session).read(match[2], number)
    return Description(tuple(_section(m, own, session) for m, own in sections), session.bundle)


def read_candidate(text: str) -> Candidate:
    """A candidate from ``candidate:...``. Raises SdpError."""
    found = _CANDIDATE.fullmatch(text.removeprefix("candidate:"))
    if found is None:
        raise SdpError("not of the form of RFC 8839, section 5.1")
    if int(found[6]) > 65535:
        raise SdpError("port out of range")
    return Candidate(
        text=text,
        component=int(found[2]),
        protocol=found[3].lower(),
        address=found[5],
        port=int(found[6]),
        type=found[7],
    )


@dataclass(slots=True)
class _Level:
    """The attributes of the session or of one section, as they come."""

    values: dict[str, str] = field(default_factory=dict)
    direction: Direction | None = None
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    formats: dict[int, Codec] = field(default_factory=dict)
    parameters: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    bundle: tuple[str, ...] = ()

    def read(self, text: str, number: int) -> None:
        """One attribute; those that nobody asks for are passed over. Raises SdpError."""
        name, _, value = text.partition(":")
        if name in _VALUES:
            self.values[name] = _match(_VALUES[name], value, number, name)[0]
        elif text in _DIRECTIONS:
            self.direction = _DIRECTIONS[text]
        elif name == "fingerprint":
            found = _match(_FINGERPRINT, value, number, name)
            self.fingerprints.append((found[1].lower(), found[2].upper()))
        elif name == "rtpmap":
            found = _match(_RTPMAP, value, number, name)
            codec = Codec(int(found[1]), found[2], int(found[3]), int(found[4] or 1))
            if self.formats.setdefault(codec.payload_type, codec) != codec:
                raise SdpError(f"line {number} gives payload type {found[1]} a second meaning")
        elif name == "fmtp":
            found = _match(_FMTP, value, number, name)
            self.parameters[int(found[1])] = _parameters(found[2])
        elif name == "candidate":
            try:
                self.candidates.append(read_candidate(text))
            except SdpError as problem:
                raise SdpError(f"line {number}: the candidate is {problem}") from None
        elif name == "group" and not self.bundle:
            # RFC 5888, section 5: its semantics are not optional.
            if not value.strip():
                raise SdpError(f"line {number} is no valid group")
            semantics, *mids = value.split()
            self.bundle = tuple(mids) if semantics == "BUNDLE" else ()


_EMPTY = re.compile("")
_VALUES = {
    "mid": _MID,
    "ice-ufrag": _ICE,
    "ice-pwd": _ICE,
    "setup": _SETUP,
    "sctp-port": _PORT,
    "rtcp-mux": _EMPTY,
    "bundle-only": _EMPTY,
    "end-of-candidates": _EMPTY,
}


def _match(pattern: re.Pattern[str], value: str, number: int, what: str) -> re.Match[str]:
    found = pattern.fullmatch(value)
    if found is None:
        raise SdpError(f"line {number} is no valid {what}")
    return found


def _parameters(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return tuple((name.lower(), value) for name, _, value in pairs if name)


def _section(media: re.Match[str], own: _Level, session: _Level) -> Section:
    port, kind = int(media[2]), media[1]
    if port > 65535:
        raise SdpError(f"the port of the {kind} section is out of range")
    codecs: dict[int, Codec] = {}
    for text in media[4].split() if kind in ("audio", "video") else ():
        codec = own.formats.get(int(text)) if _PORT.fullmatch(text) else None
        if codec is not None:
            codecs[codec.payload_type] = Codec(
                codec.payload_type,
                codec.name,
                codec.clock_rate,
                codec.channels,
                own.parameters.get(codec.payload_type, ()),
            )
    values = {**session.values, **own.values}
    return Section(
        kind=kind,
        mid=own.values.get("mid"),
        port=port,
        protocol=media[3],
        direction=own.direction or session.direction or "sendrecv",
        codecs=tuple(codecs.values()),
        candidates=tuple(own.candidates or session.candidates),
        end_of_candidates="end-of-candidates" in values,
        setup=values.get("setup"),
        ice_ufrag=values.get("ice-ufrag"),
        ice_pwd=values.get("ice-pwd"),
        fingerprints=tuple(own.fingerprints or session.fingerprints),
        rtcp_mux="rtcp-mux" in own.values,
        bundle_only="bundle-only" in own.values,
        sctp_port=int(own.values["sctp-port"]) if "sctp-port" in own.values else None,
    )
