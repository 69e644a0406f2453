from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.levels import SILENCE, level, levels


def pcm(samples: list[int]) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], SILENCE),
        ([0, 0, 0], SILENCE),
        ([-32768, -32768], 0.0),
        ([16384, -16384], -6.02),
        ([1], -90.31),
        ([round(32767 * math.sin(n / 10)) for n in range(6283)], -3.01),
    ],
)
def test_the_level_is_the_rms_below_full_scale(samples: list[int], expected: float) -> None:
    assert level(pcm(samples)) == pytest.approx(expected, abs=0.01)


def test_half_a_sample_at_the_end_is_left_out() -> None:
    assert level(pcm([1000]) + b"\x7f") == level(pcm([1000]))


@given(st.binary(max_size=400))
def test_any_bytes_have_a_level_between_silence_and_full_scale(data: bytes) -> None:
    assert SILENCE <= level(data) <= 0.0


@given(st.binary(max_size=400), st.integers(1, 50))
def test_blocks_are_as_long_as_wished_but_for_the_last_and_cover_all_samples(
    data: bytes, block: int
) -> None:
    found = list(levels(data, block=block))
    assert sum(samples for _, samples in found) == len(data) // 2
    assert all(samples == block for _, samples in found[:-1])
    for index, (loud, samples) in enumerate(found):
        start = index * block * 2
        assert loud == level(data[start : start + samples * 2])
