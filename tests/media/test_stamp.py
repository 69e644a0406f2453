"""The stamp is read from any picture, and nothing else is taken for one."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mock_server
from mock_server.core.catalogue import Emotion
from mock_server.core.speech import Eyes, Mouth
from mock_server.media.stamp import Stamp, decode_stamp, stamp_bits

PAGE = Path(__file__).parents[2] / "docs" / "stamp.md"
STAMPS = st.builds(
    Stamp,
    avatar=st.integers(0, 15),
    emotion=st.sampled_from(Emotion),
    mouth=st.sampled_from(Mouth),
    eyes=st.sampled_from(Eyes),
)


def drawn(bits: tuple[bool, ...], width: int, height: int, stride: int) -> bytes:
    """A grey picture with the cells, each pixel by the cell that its centre is in."""
    columns = [(2 * x + 1) * 128 // (2 * width) for x in range(width)]
    strips = []
    for row in (0, 1):
        cells = [235 if bit else 16 for bit in bits[20 * row : 20 * row + 20]]
        strip = [cells[column] if column < 20 else 120 for column in columns]
        strips.append(bytes(strip) + bytes(stride - width))
    rows = [(2 * y + 1) * 72 // (2 * height) - 70 for y in range(height)]
    return b"".join(strips[row] if row >= 0 else bytes([120]) * stride for row in rows)


@given(STAMPS, st.sampled_from([(1920, 1080), (1280, 720), (854, 480), (427, 240), (400, 300)]))
def test_a_stamp_is_read_from_a_picture_of_any_size(stamp: Stamp, size: tuple[int, int]) -> None:
    width, height = size
    luma = drawn(stamp_bits(stamp), width, height, width + 10)
    assert decode_stamp(luma, width=width, height=height, stride=width + 10) == stamp


@given(STAMPS, st.integers(0, 39))
def test_a_stamp_with_one_wrong_cell_is_none(stamp: Stamp, wrong: int) -> None:
    bits = list(stamp_bits(stamp))
    bits[wrong] = not bits[wrong]
    luma = drawn(tuple(bits), 384, 216, 384)
    assert decode_stamp(luma, width=384, height=216, stride=384) is None


@given(st.binary(max_size=12000), st.integers(-5, 140), st.integers(-5, 80), st.integers(-5, 150))
def test_any_buffer_and_any_numbers_give_a_stamp_or_none(
    luma: bytes, width: int, height: int, stride: int
) -> None:
    found = decode_stamp(luma, width=width, height=height, stride=stride)
    assert found is None or isinstance(found, Stamp)


@pytest.mark.parametrize("level", [0, 16, 126, 235, 255])
def test_a_flat_picture_has_no_stamp(level: int) -> None:
    assert decode_stamp(bytes([level]) * 9216, width=128, height=72, stride=128) is None


def test_unused_values_are_no_stamp() -> None:
    # Version 1 and right checks, but eyes 3, emotion 6, and version 2.
    for word in (0xA5_1003, 0xA5_10C0, 0xA5_2000):
        payload = word & 0xFFFF
        crc = 0xFFFF
        for bit in range(15, -1, -1):
            out = (crc >> 15) ^ (payload >> bit & 1)
            crc = (crc << 1 & 0xFFFF) ^ (0x1021 if out else 0)
        bits = tuple(bool((word << 16 | crc) >> bit & 1) for bit in range(39, -1, -1))
        luma = drawn(bits, 256, 144, 256)
        assert decode_stamp(luma, width=256, height=144, stride=256) is None


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        stamp_bits(Stamp(16, Emotion.NEUTRAL, Mouth.REST, Eyes.OPEN))


def test_the_page_shows_the_stamp_of_its_example() -> None:
    rows = re.findall(r"^row 7[01]  ([01]{20})$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    bits = stamp_bits(Stamp(1, Emotion.SERIOUS, Mouth.WIDE, Eyes.HALF))
    assert "".join(rows) == "".join("1" if bit else "0" for bit in bits)
    assert "0x115D" in PAGE.read_text(encoding="utf-8")


def test_the_package_offers_the_decoder() -> None:
    assert mock_server.decode_stamp is decode_stamp
    assert mock_server.Stamp is Stamp
    with pytest.raises(AttributeError, match="nothing"):
        mock_server.nothing  # noqa: B018
