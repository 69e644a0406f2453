"""Packets and reports, read back by aiortc's own parsers."""

from __future__ import annotations

from itertools import pairwise

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpByePacket,
    RtcpPacket,
    RtcpSdesPacket,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
)

from mock_server.rtc.rtp import HISTORY, RtpStream, StreamFormat

FORMAT = StreamFormat(
    ssrc=0x11223344,
    payload_type=97,
    clock_rate=90000,
    cname="avatar",
    mid="0",
    mid_extension=1,
    rtx_ssrc=0x55667788,
    rtx_payload_type=98,
)


def _parse(data: bytes) -> RtpPacket:
    extensions = HeaderExtensionsMap()
    extensions.configure(
        RTCRtpParameters(
            headerExtensions=[
                RTCRtpHeaderExtensionParameters(id=1, uri="urn:ietf:params:rtp-hdrext:sdes:mid")
            ]
        )
    )
    return RtpPacket.parse(data, extensions)


def test_packets_are_numbered_from_the_lower_half_and_name_their_section() -> None:
    stream = RtpStream(FORMAT, history=True)
    first, second = (
        _parse(stream.packet(b"ab", 7, marker=False)),
        _parse(stream.packet(b"cd", 7, marker=True)),
    )
    assert first.sequence_number < 32768
    assert second.sequence_number == first.sequence_number + 1
    assert (first.marker, second.marker) == (0, 1)
    assert (first.ssrc, first.payload_type, first.timestamp) == (0x11223344, 97, 7)
    assert (first.payload, second.payload) == (b"ab", b"cd")
    assert first.extensions.mid == "0"


def test_without_the_extension_there_is_none() -> None:
    stream = RtpStream(FORMAT._replace(mid_extension=None), history=False)
    assert _parse(stream.packet(b"ab", 7, marker=True)).extensions.mid is None


def test_a_lost_packet_comes_again_as_rtx() -> None:
    stream = RtpStream(FORMAT, history=True)
    lost = _parse(stream.packet(b"lost", 99, marker=True))
    again = stream.repeat(lost.sequence_number)
    assert again is not None
    repeated = _parse(again)
    assert (repeated.ssrc, repeated.payload_type) == (0x55667788, 98)
    whole = unwrap_rtx(repeated, payload_type=97, ssrc=0x11223344)
    assert (whole.payload, whole.timestamp, whole.marker) == (b"lost", 99, 1)
    assert whole.sequence_number == lost.sequence_number


def test_without_rtx_a_lost_packet_comes_again_as_it_was() -> None:
    stream = RtpStream(FORMAT._replace(rtx_payload_type=None), history=True)
    data = stream.packet(b"lost", 99, marker=True)
    assert stream.repeat(_parse(data).sequence_number) == data


def test_what_is_forgotten_or_never_was_does_not_come_again() -> None:
    stream = RtpStream(FORMAT, history=True)
    first = _parse(stream.packet(b"x", 1, marker=True)).sequence_number
    assert stream.repeat((first + 1) & 0xFFFF) is None
    for number in range(HISTORY):
        stream.packet(b"x", number, marker=True)
    assert stream.repeat(first) is None
    assert RtpStream(FORMAT, history=False).repeat(0) is None


def test_numbers_go_round() -> None:
    stream = RtpStream(FORMAT, history=True)
    numbers = [_parse(stream.packet(b"", 0, marker=False)).sequence_number for _ in range(70000)]
    steps = {(b - a) & 0xFFFF for a, b in pairwise(numbers)}
    assert steps == {1}


def test_reports_tell_the_wall_clock_of_a_timestamp_and_what_was_sent() -> None:
    stream = RtpStream(FORMAT, history=False)
    for _ in range(3):
        stream.packet(b"12345", 0, marker=True)
    report, names = RtcpPacket.parse(stream.report(wall=1_700_000_000.5, timestamp=4242))
    assert isinstance(report, RtcpSrPacket)
    assert report.ssrc == 0x11223344
    # 2,208,988,800 seconds from 1900 to 1970 (RFC 5905).
    assert report.sender_info.ntp_timestamp == (3_908_988_800 << 32) + (1 << 31)
    assert report.sender_info.rtp_timestamp == 4242
    assert (report.sender_info.packet_count, report.sender_info.octet_count) == (3, 15)
    assert isinstance(names, RtcpSdesPacket)
    assert names.chunks[0].items == [(1, b"avatar")]


def test_names_of_every_length_are_padded_right() -> None:
    for length in range(9):
        stream = RtpStream(FORMAT._replace(cname="x" * length), history=False)
        _, names = RtcpPacket.parse(stream.report(wall=0, timestamp=0))
        assert isinstance(names, RtcpSdesPacket)
        assert names.chunks[0].items == [(1, b"x" * length)]


def test_goodbye_names_the_stream() -> None:
    (packet,) = RtcpPacket.parse(RtpStream(FORMAT, history=False).goodbye())
    assert isinstance(packet, RtcpByePacket)
    assert packet.sources == [0x11223344]
