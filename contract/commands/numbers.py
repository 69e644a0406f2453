"""Numbers on the command line."""

from __future__ import annotations

import argparse
import math


def above_zero(text: str) -> float:
    """A number above zero. Raises argparse.ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above zero")
    return number


def whole_number(text: str) -> int:
    """A whole number from zero on. Raises argparse.ArgumentTypeError."""
    return _integer(text, low=0)


def at_least_one(text: str) -> int:
    """A whole number from one on. Raises argparse.ArgumentTypeError."""
    return _integer(text, low=1)


def _integer(text: str, *, low: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not low <= number < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {low} on")
    return number
