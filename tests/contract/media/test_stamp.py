import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.media.stamp import EMOTIONS, EYES, MOUTHS, Stamp, crc16, read_stamp
from mock_server.core.catalogue import Emotion
from mock_server.core.speech import Eyes, Mouth
from mock_server.media import stamp as fake

SIZES = [(1280, 720), (854, 480), (1920, 1080), (427, 240)]


def _picture(bits: tuple[bool, ...], width: int, height: int, *, noise: int = 0) -> bytes:
    """A picture with the cells of a stamp, everything else grey."""
    rows = [bytearray([120 - noise] * width) for _ in range(height)]
    for number, bit in enumerate(bits):
        row, column = 70 + number // 20, number % 20
        for y in range(round(row * height / 72), round((row + 1) * height / 72)):
            begin, end = round(column * width / 128), round((column + 1) * width / 128)
            rows[y][begin:end] = bytes([235 - noise if bit else 16 + noise]) * (end - begin)
    return b"".join(rows)


def _example() -> tuple[bool, ...]:
    """The example of docs/stamp.md, literally."""
    return tuple(bit == "1" for bit in "1010010100010001010111011010011000010101")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_example_of_the_page_is_read(width: int, height: int) -> None:
    luma = _picture(_example(), width, height, noise=40)
    assert read_stamp(luma, width=width, height=height, stride=width) == Stamp(
        1, "serious", "wide", "half"
    )


def test_the_check_is_that_of_the_page() -> None:
    assert crc16(b"123456789") == 0x29B1


def test_the_words_are_those_of_the_page() -> None:
    assert tuple(emotion.value for emotion in Emotion) == EMOTIONS
    assert tuple(mouth.name.lower() for mouth in Mouth) == MOUTHS
    assert tuple(eyes.name.lower() for eyes in Eyes) == EYES


def test_every_stamp_of_the_fake_is_read_as_the_fake_reads_it() -> None:
    for emotion, mouth, eyes in itertools.product(Emotion, Mouth, Eyes):
        whole = fake.Stamp(avatar=mouth % 4, emotion=emotion, mouth=mouth, eyes=eyes)
        luma = _picture(fake.stamp_bits(whole), 427, 240)
        assert fake.decode_stamp(luma, width=427, height=240, stride=427) == whole
        assert read_stamp(luma, width=427, height=240, stride=427) == Stamp(
            mouth % 4, emotion.value, mouth.name.lower(), eyes.name.lower()
        )


@given(flipped=st.sets(st.integers(0, 39), min_size=1, max_size=3))
def test_a_stamp_with_wrong_bits_is_none(flipped: set[int]) -> None:
    bits = tuple(bit ^ (number in flipped) for number, bit in enumerate(_example()))
    luma = _picture(bits, 427, 240)
    assert read_stamp(luma, width=427, height=240, stride=427) is None


@given(
    luma=st.binary(max_size=40_000),
    width=st.integers(-10, 200),
    height=st.integers(-10, 200),
    stride=st.integers(-10, 300),
)
def test_any_buffer_gives_a_stamp_or_none(
    luma: bytes, width: int, height: int, stride: int
) -> None:
    mine = read_stamp(luma, width=width, height=height, stride=stride)
    theirs = fake.decode_stamp(luma, width=width, height=height, stride=stride)
    assert (mine is None) == (theirs is None)
