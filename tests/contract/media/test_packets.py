from struct import pack

from hypothesis import given
from hypothesis import strategies as st

from contract.media.packets import Encoded, Packet, h264_picture, parse_rtp, vp8_picture

KEY = b"\x10\x02\x00\x9d\x01\x2a\x56\x03\xe0\x01rest"
"""The head of a VP8 key frame of 854x480 (RFC 6386 section 9.1)."""


def _rtp(first: int, second: int, rest: bytes) -> bytes:
    return pack("!BBHII", first, second, 7, 90000, 0xABCD) + rest


def test_a_packet_is_read() -> None:
    assert parse_rtp(_rtp(0x80, 0x80 | 97, b"payload"), 1.5) == Packet(
        1.5, 97, True, 7, 90000, 0xABCD, b"payload"
    )


def test_sources_extension_and_padding_are_left_out() -> None:
    rest = bytes(4) + b"\xbe\xde\x00\x01\x10\x30\x00\x00" + b"payload" + b"\x00\x00\x03"
    packet = parse_rtp(_rtp(0xB1, 97, rest), 0.0)
    assert packet is not None
    assert (packet.payload, packet.marker) == (b"payload", False)


def test_what_is_cut_short_is_no_packet() -> None:
    assert parse_rtp(b"\x80" * 11, 0.0) is None
    assert parse_rtp(_rtp(0x00, 97, b"version 0"), 0.0) is None
    assert parse_rtp(_rtp(0x90, 97, b"\xbe\xde\x00\x09"), 0.0) is None
    assert parse_rtp(_rtp(0x90, 97, b""), 0.0) is None
    assert parse_rtp(_rtp(0xA0, 97, b"\xff"), 0.0) is None


def test_a_vp8_key_frame_tells_its_size() -> None:
    expected = Encoded(KEY, key=True, size=(854, 480))
    assert vp8_picture([b"\x10" + KEY]) == expected
    assert vp8_picture([b"\x10" + KEY[:5], b"\x00" + KEY[5:]]) == expected


def test_the_long_descriptors_of_vp8_are_known() -> None:
    expected = Encoded(KEY, key=True, size=(854, 480))
    for descriptor in (
        b"\x90\x80\x05",  # a picture number of 7 bits
        b"\x90\x80\x85\x01",  # of 15 bits
        b"\x90\xe0\x85\x01\x09\x20",  # with TL0PICIDX and TID
        b"\x90\x10\x20",  # with KEYIDX alone
    ):
        assert vp8_picture([descriptor + KEY]) == expected


def test_a_vp8_frame_that_refers_to_others_is_no_key() -> None:
    assert vp8_picture([b"\x10\x11\x02\x00data"]) == Encoded(b"\x11\x02\x00data", False, None)


def test_what_is_no_vp8_is_none() -> None:
    assert vp8_picture([]) is None
    assert vp8_picture([b""]) is None
    assert vp8_picture([b"\x00" + KEY]) is None  # the middle of a frame
    assert vp8_picture([b"\x10\x10\x00\x00no start code"]) is None
    assert vp8_picture([b"\x10\x10\x00"]) is None


def test_h264_units_are_put_together() -> None:
    sps, pps, idr = b"\x67sps", b"\x68pps", b"\x65picture"
    aggregate = b"\x78" + b"".join(pack("!H", len(unit)) + unit for unit in (sps, pps))
    parts = [b"\x7c\x85pic", b"\x7c\x05tu", b"\x7c\x45re"]
    start = b"\0\0\0\1"
    assert h264_picture([aggregate, *parts]) == Encoded(
        start + sps + start + pps + start + idr, key=True, size=None
    )
    assert h264_picture([b"\x41other"]) == Encoded(start + b"\x41other", key=False, size=None)


def test_what_is_no_h264_is_none() -> None:
    assert h264_picture([]) is None
    assert h264_picture([b""]) is None
    assert h264_picture([b"\x7c\x05middle first"]) is None
    assert h264_picture([b"\x78\x00"]) is None


@given(st.binary(max_size=60))
def test_any_bytes_are_a_packet_or_none(data: bytes) -> None:
    packet = parse_rtp(data, 0.0)
    assert packet is None or data.find(packet.payload) >= 0


@given(st.lists(st.binary(max_size=20), max_size=4))
def test_any_payloads_are_a_picture_or_none(payloads: list[bytes]) -> None:
    for join in (vp8_picture, h264_picture):
        picture = join(payloads)
        assert picture is None or picture.data
