"""Frames are cut for RTP as the RFCs have it, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from mock_server.media.payloads import LARGEST, h264_payloads, nal_units, vp8_payloads

START = b"\x00\x00\x00\x01"
SPS, PPS = b"\x67\x42\xc0\x1f\x8c", b"\x68\xce\x3c\x80\x01"
# A NAL unit holds no start code inside and does not end with a zero (ITU-T H.264, 7.4.1).
SLICES = st.integers(0, 4000).map(
    lambda n: b"\x65" + bytes(1 + i % 255 for i in range(n)) + b"\x80"
)


@given(st.binary(min_size=1, max_size=5000))
def test_vp8_frames_come_together_again(frame: bytes) -> None:
    payloads = vp8_payloads(frame)
    assert b"".join(payload[1:] for payload in payloads) == frame
    assert [payload[0] for payload in payloads] == [0x10] + [0x00] * (len(payloads) - 1)
    assert all(len(payload) <= LARGEST for payload in payloads)


@given(SLICES)
def test_h264_slices_come_together_again(unit: bytes) -> None:
    payloads = h264_payloads(START + SPS + START + PPS + START + unit)
    assert payloads[0] == b"\x78\x00\x05" + SPS + b"\x00\x05" + PPS
    assert all(len(payload) <= LARGEST for payload in payloads)
    if len(unit) <= LARGEST:
        assert payloads[1:] == (unit,)
        return
    fragments = payloads[1:]
    assert {fragment[0] for fragment in fragments} == {0x7C}
    marks = [fragment[1] for fragment in fragments]
    assert marks == [0x85] + [0x05] * (len(marks) - 2) + [0x45]
    assert b"\x65" + b"".join(fragment[2:] for fragment in fragments) == unit


def test_both_kinds_of_start_code_part_units() -> None:
    assert nal_units(START + SPS + b"\x00\x00\x01" + PPS) == [SPS, PPS]
    assert nal_units(b"") == []
