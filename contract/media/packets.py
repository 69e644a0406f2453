"""RTP packets as they arrived, and the pictures they carry, put together but not decoded."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

_header = Struct("!BBHII").unpack_from

_FU_A, _STAP_A, _IDR = 28, 24, 5
_START = b"\0\0\0\1"


class Packet(NamedTuple):
    """``arrived`` is in seconds on the media loop's clock."""

    arrived: float
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse_rtp(data: bytes, arrived: float) -> Packet | None:
    """The packet of RFC 3550 section 5.1, or None for bytes that are none. Never raises."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _header(data)
    begin, end = 12 + 4 * (first & 15), len(data)
    if first & 0x10:  # header extension (section 5.3.1)
        if begin + 4 > end:
            return None
        begin += 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    if first & 0x20:  # padding; the last byte counts it
        end -= data[-1]
    if begin > end:
        return None
    marker = second > 127
    return Packet(arrived, second & 127, marker, sequence, timestamp, ssrc, data[begin:end])


class Encoded(NamedTuple):
    """What the packets of one picture hold. ``size`` is known of key frames of VP8 alone."""

    data: bytes
    key: bool
    size: tuple[int, int] | None


def vp8_picture(payloads: list[bytes]) -> Encoded | None:
    """Joins the payloads of one picture (RFC 7741). None for what is not VP8. Never raises."""
    parts = []
    for number, payload in enumerate(payloads):
        begin = _vp8_descriptor(payload)
        if begin is None or (number == 0 and payload[0] & 0x17 != 0x10):
            return None
        parts.append(payload[begin:])
    data = b"".join(parts)
    if len(data) < 3:
        return None
    if data[0] & 1:
        return Encoded(data, key=False, size=None)
    if data[3:6] != b"\x9d\x01\x2a" or len(data) < 10:  # RFC 6386 section 9.1
        return None
    width, height = (int.from_bytes(data[i : i + 2], "little") & 0x3FFF for i in (6, 8))
    return Encoded(data, key=True, size=(width, height))


def _vp8_descriptor(payload: bytes) -> int | None:
    """The length of the payload descriptor of RFC 7741 section 4.2."""
    if not payload:
        return None
    length = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return None
        extended, length = payload[1], 2
        if extended & 0x80:
            if len(payload) < 3:
                return None
            length += 2 if payload[2] & 0x80 else 1
        length += bool(extended & 0x40) + bool(extended & 0x30)
    return length if length < len(payload) else None


def h264_picture(payloads: list[bytes]) -> Encoded | None:
    """Joins the payloads of one picture to an Annex B stream (RFC 6184). Never raises."""
    units: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 31 if payload else 0
        if kind == _STAP_A:
            units += _aggregated(payload)
        elif kind == _FU_A and len(payload) > 2:
            if payload[1] & 0x80:
                units.append(bytes([payload[0] & 0xE0 | payload[1] & 31]))
            if not units:
                return None
            units[-1] += payload[2:]
        elif 0 < kind < _STAP_A:
            units.append(payload)
        else:
            return None
    if not units:
        return None
    key = any(unit[0] & 31 == _IDR for unit in units)
    return Encoded(b"".join(_START + unit for unit in units), key=key, size=None)


def _aggregated(payload: bytes) -> list[bytes]:
    """The units of an STAP-A (section 5.7.1)."""
    units, at = [], 1
    while at + 2 < len(payload):
        length = int.from_bytes(payload[at : at + 2], "big")
        unit = payload[at + 2 : at + 2 + length]
        if not unit:
            break
        units.append(unit)
        at += 2 + length
    return units
