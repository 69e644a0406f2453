import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import median, percentile, ratio, shown, span

_SAMPLES = st.lists(st.floats(min_value=1e-6, max_value=1e6), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("samples", "middle"), [([3.0], 3.0), ([5.0, 1.0, 3.0], 3.0), ([4.0, 1.0, 2.0, 3.0], 2.5)]
)
def test_the_median_is_the_middle_of_the_samples(samples: list[float], middle: float) -> None:
    assert median(samples) == middle


def test_no_samples_have_no_median() -> None:
    with pytest.raises(ValueError, match="no samples"):
        median([])


@given(_SAMPLES)
def test_half_of_the_samples_are_on_each_side_of_the_median(samples: list[float]) -> None:
    middle = median(samples)
    assert sum(s <= middle for s in samples) * 2 >= len(samples)
    assert sum(s >= middle for s in samples) * 2 >= len(samples)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.5, 2.0), (0.75, 3.0), (0.9, 4.0)])
def test_a_percentile_is_a_sample_that_so_many_do_not_exceed(share: float, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == expected


@given(_SAMPLES, st.floats(min_value=0, max_value=1))
def test_a_percentile_holds_for_any_samples(samples: list[float], share: float) -> None:
    value = percentile(samples, share)
    assert value in samples
    assert sum(s <= value for s in samples) >= share * len(samples) - 1e-9


def test_a_ratio_says_how_many_times_less_the_second_is() -> None:
    assert ratio(300.0, 2.0) == pytest.approx(150.0)


@pytest.mark.parametrize(("theirs", "ours"), [(0.0, 1.0), (1.0, 0.0), (1.0, -1.0)])
def test_nothing_is_no_part_of_a_ratio(theirs: float, ours: float) -> None:
    with pytest.raises(ValueError, match="no ratio"):
        ratio(theirs, ours)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.012345, "0.0123"),
        (1.2345, "1.23"),
        (12.345, "12.3"),
        (123.45, "123"),
        (12345.6, "12300"),
        (9.999, "10.0"),
    ],
)
def test_numbers_are_shown_with_three_digits(number: float, text: str) -> None:
    assert shown(number) == text


def test_a_span_names_median_and_extremes() -> None:
    assert span([2.0, 1.0, 4.0]) == "2.00 (1.00 to 4.00)"
    assert span([2.0]) == "2.00"
