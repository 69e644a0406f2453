"""Numbers made of samples, and numbers written for people."""

from __future__ import annotations

import math
from collections.abc import Sequence


def median(samples: Sequence[float]) -> float:
    """The middle sample, or the mean of the middle two. Raises ValueError without samples."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least ``share`` (0 to 1) of all do not exceed."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(theirs: float, ours: float) -> float:
    """How many times less ours is. Raises ValueError unless both are positive."""
    if ours <= 0 or theirs <= 0:
        raise ValueError(f"no ratio of {theirs} to {ours}")
    return theirs / ours


def shown(number: float) -> str:
    """Three significant digits, without an exponent: 0.0123, 1.23, 123, 12300."""
    if number == 0:
        return "0"
    rounded = round(number, _digits(number))
    return f"{rounded:.{max(0, _digits(rounded))}f}"


def _digits(number: float) -> int:
    """Decimal places that make three significant digits; negative for large numbers."""
    return 2 - math.floor(math.log10(abs(number)))


def span(samples: Sequence[float]) -> str:
    """The median, and the least and the greatest sample: "1.5 (1.2 to 1.9)"."""
    middle = shown(median(samples))
    if len(samples) == 1:
        return middle
    return f"{middle} ({shown(min(samples))} to {shown(max(samples))})"
