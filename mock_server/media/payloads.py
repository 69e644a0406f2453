"""Encoded frames cut into RTP payloads, once, so that sending one is copying bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

LARGEST = 1200
"""Bytes of one payload. With headers it stays below the 1,280 of IPv6 links (RFC 8200, 5)."""

_START_CODE = re.compile(b"\x00\x00\x00?\x01")
_STAP_A, _FU_A = 24, 28


def vp8_payloads(frame: bytes) -> tuple[bytes, ...]:
    """One frame with the one-byte payload descriptor (RFC 7741, 4.2): S on the first packet only.

    Without a picture id the payloads are the same for every session.
    """
    step = LARGEST - 1
    return tuple(
        (b"\x00" if begin else b"\x10") + frame[begin : begin + step]
        for begin in range(0, len(frame), step)
    )


def h264_payloads(access_unit: bytes) -> tuple[bytes, ...]:
    """One Annex B access unit for packetization-mode 1 (RFC 6184).

    Parameter sets go together in one STAP-A (5.7.1), a slice alone, or in FU-A when large (5.8).
    """
    sets: list[bytes] = []
    payloads: list[bytes] = []
    for unit in nal_units(access_unit):
        if unit[0] & 0x1F in (7, 8):
            sets.append(unit)
        else:
            payloads.extend(_fragments(unit) if len(unit) > LARGEST else (unit,))
    if sets:
        importance = max(unit[0] & 0x60 for unit in sets)
        aggregate = bytes([importance | _STAP_A])
        aggregate += b"".join(len(unit).to_bytes(2, "big") + unit for unit in sets)
        payloads.insert(0, aggregate)
    return tuple(payloads)


def nal_units(access_unit: bytes) -> list[bytes]:
    """The NAL units between the start codes of Annex B, without their trailing zeros."""
    return [unit.rstrip(b"\x00") for unit in _START_CODE.split(access_unit)[1:] if unit]


def _fragments(unit: bytes) -> Iterator[bytes]:
    indicator = unit[0] & 0x60 | _FU_A
    body = unit[1:]
    step = LARGEST - 2
    for begin in range(0, len(body), step):
        start = 0x80 if begin == 0 else 0
        end = 0x40 if begin + step >= len(body) else 0
        yield bytes([indicator, start | end | unit[0] & 0x1F]) + body[begin : begin + step]
