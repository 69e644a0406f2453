"""RTP and RTCP as bytes: what one outgoing stream numbers, remembers and reports."""

from __future__ import annotations

import random
from struct import Struct, pack
from typing import NamedTuple

HISTORY = 256
"""Packets kept for retransmission: eight seconds of VP8, more than one of H264."""

_header = Struct("!BBHII").pack  # RFC 3550 section 5.1, without extension
_NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970 (RFC 5905 section 6)


class StreamFormat(NamedTuple):
    """What was negotiated for one stream. ``rtx_payload_type`` is None without RTX (RFC 4588)."""

    ssrc: int
    payload_type: int
    clock_rate: int
    cname: str
    mid: str
    mid_extension: int | None
    rtx_ssrc: int
    rtx_payload_type: int | None


class RtpStream:
    """Numbers the packets of one stream. Timestamps grow with the ticks they are given."""

    __slots__ = (
        "_extension",
        "_first",
        "_history",
        "_rtx_sequence",
        "_sequence",
        "_ssrc",
        "_type",
        "format",
        "octets",
        "origin",
        "packets",
    )

    def __init__(self, negotiated: StreamFormat, *, history: bool) -> None:
        self.format = negotiated
        self._ssrc = negotiated.ssrc
        self._type = negotiated.payload_type
        self.packets = 0
        self.octets = 0
        self.origin = random.getrandbits(32)
        self._extension = _mid_extension(negotiated)
        self._first = 0x90 if self._extension else 0x80
        # Starting in the lower half keeps the roll-over counter of SRTP out of doubt for the
        # first packets (RFC 3711 section 3.3.1; aiortc 1.16 does the same).
        self._sequence = random.getrandbits(15)
        self._rtx_sequence = random.getrandbits(15)
        self._history: list[tuple[int, int, int, bytes]] | None = (
            [(-1, 0, 0, b"")] * HISTORY if history else None
        )

    def packet(self, payload: bytes, timestamp: int, *, marker: bool) -> bytes:
        """The next packet; remembered, if this stream can repeat."""
        sequence = self._sequence
        self._sequence = (sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        second = self._type | 0x80 if marker else self._type
        if self._history is not None:
            self._history[sequence % HISTORY] = (sequence, second, timestamp, payload)
        header = _header(self._first, second, sequence, timestamp, self._ssrc)
        return header + self._extension + payload

    def repeat(self, sequence: int) -> bytes | None:
        """The packet of that number again, as RTX where negotiated; None when forgotten."""
        if self._history is None:
            return None
        known, second, timestamp, payload = self._history[sequence % HISTORY]
        if known != sequence:
            return None
        what = self.format
        if what.rtx_payload_type is None:
            header = _header(self._first, second, sequence, timestamp, what.ssrc)
            return header + self._extension + payload
        second = second & 0x80 | what.rtx_payload_type
        number = self._rtx_sequence
        self._rtx_sequence = (number + 1) & 0xFFFF
        header = _header(self._first, second, number, timestamp, what.rtx_ssrc)
        return header + self._extension + sequence.to_bytes(2, "big") + payload

    def report(self, *, wall: float, timestamp: int) -> bytes:
        """A sender report with the CNAME: ``timestamp`` is due at ``wall`` (Unix seconds).

        Viewers bring sound and picture together by it (RFC 3550 section 6.4.1).
        """
        ntp = int((wall + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
        ssrc = self.format.ssrc
        counts = (self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF)
        sender_report = pack("!BBHIQIII", 0x80, 200, 6, ssrc, ntp, timestamp, *counts)
        name = self.format.cname.encode()
        chunk = pack("!IBB", ssrc, 1, len(name)) + name
        chunk += bytes(4 - len(chunk) % 4)  # at least one zero ends the list (section 6.5)
        return sender_report + pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk

    def goodbye(self) -> bytes:
        """Says that the stream has ended (RFC 3550 section 6.6)."""
        return pack("!BBHI", 0x81, 203, 1, self.format.ssrc)


def _mid_extension(negotiated: StreamFormat) -> bytes:
    """The header extension that names the media section, in the one-byte form of RFC 8285."""
    mid = negotiated.mid.encode()
    if negotiated.mid_extension is None or not 1 <= len(mid) <= 16:
        return b""
    element = bytes([negotiated.mid_extension << 4 | len(mid) - 1]) + mid
    element += bytes(-len(element) % 4)
    return pack("!HH", 0xBEDE, len(element) // 4) + element
