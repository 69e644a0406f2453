"""What one m-section of a session description says, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.core.candidates import IceCandidate


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload format. ``name`` is as written; compare with :meth:`is_named`."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int
    parameters: tuple[tuple[str, str], ...] = ()
    feedback: tuple[str, ...] = ()

    def is_named(self, name: str) -> bool:
        """Whether this is the format ``name``; the case does not matter (RFC 4855)."""
        return self.name.lower() == name.lower()

    def parameter(self, name: str) -> str | None:
        """The format parameter of that name, None when absent."""
        return dict(self.parameters).get(name)

    @property
    def usable(self) -> bool:
        """Whether this server can send it: VP8, H264 of the two baseline profiles, or Opus."""
        # 96 to 127 is the range for formats without a number of their own (RFC 3551 section 6).
        if not 96 <= self.payload_type <= 127:
            return False
        if self.is_named("opus"):
            return (self.clock_rate, self.channels) == (48000, 2)  # RFC 7587 section 7
        if self.is_named("VP8"):
            return self.clock_rate == 90000
        return self.h264_profile is not None

    @property
    def h264_profile(self) -> str | None:
        """Level id 42001f or 42e01f when this is H264 that such a stream fits, else None.

        Profiles as in RFC 6184 section 8.1, table 5; any level, as levels may differ.
        """
        if not self.is_named("H264") or self.clock_rate != 90000:
            return None
        level_id = self.parameter("profile-level-id") or "42e01f"
        if self.parameter("packetization-mode") != "1":
            return None
        try:
            number = int(level_id, 16) if len(level_id) == 6 else -1
        except ValueError:
            return None
        if number & 0xFF not in _H264_LEVELS:
            return None
        constraints = number >> 8 & 0xFF
        match number >> 16:
            case 0x42 if constraints & 0x4F == 0x40:
                return "42e01f"
            case 0x42 if constraints & 0x4F == 0:
                return "42001f"
            case 0x4D if constraints & 0x8F == 0x80:
                return "42e01f"
            case 0x58 if constraints & 0xCF == 0xC0:
                return "42e01f"
            case 0x58 if constraints & 0xCF == 0x80:
                return "42001f"
        return None

    def fits(self, other: Codec) -> bool:
        """Whether both sides mean a format that this server can send."""
        return (
            self.usable
            and other.usable
            and self.is_named(other.name)
            and self.h264_profile == other.h264_profile
        )


_H264_LEVELS = frozenset({10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52})


@dataclass(frozen=True, slots=True)
class Extension:
    """An RTP header extension in use; ``number`` from 1 to 14 (RFC 8285 one-byte form)."""

    number: int
    uri: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hash of a certificate, ``value`` in upper-case hexadecimal pairs with colons."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class MediaSection:
    """One m-section, with what the session level says filled in where it says nothing.

    ``direction`` is the sender's own view. ``rejected`` means port 0 without bundle-only.
    ``sctp_port`` and ``max_message_size`` (bytes, 0 for any) only matter for data.
    """

    index: int
    kind: str
    port: int
    protocol: str
    mid: str | None
    direction: str
    rejected: bool
    codecs: tuple[Codec, ...]
    extensions: tuple[Extension, ...]
    rtcp_mux: bool
    ice_ufrag: str | None
    ice_pwd: str | None
    setup: str | None
    fingerprints: tuple[Fingerprint, ...]
    candidates: tuple[IceCandidate, ...]
    end_of_candidates: bool
    sctp_port: int
    max_message_size: int

    @property
    def receives(self) -> bool:
        """Whether the writer of this section wants to receive."""
        return not self.rejected and self.direction in ("recvonly", "sendrecv")

    @property
    def sends(self) -> bool:
        """Whether the writer of this section wants to send."""
        return not self.rejected and self.direction in ("sendonly", "sendrecv")

    @property
    def is_rtp(self) -> bool:
        return self.kind in ("audio", "video")
