"""Outlines: arrays of points, one row each, x to the right and y downwards.

The unit is a thousandth of the picture's height.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Path = NDArray[np.float64]
Points = Sequence[tuple[float, float]]


def curve(points: Points | Path, *, closed: bool = True, steps: int = 14) -> Path:
    """A smooth line through all points (Catmull-Rom)."""
    knots = np.asarray(points, float)
    if closed:
        around = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        first, last = 2 * knots[:1] - knots[1:2], 2 * knots[-1:] - knots[-2:-1]
        around = np.concatenate([first, knots, last])
    before, start, end, after = around[:-3], around[1:-2], around[2:-1], around[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    smooth = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    line = smooth.transpose(1, 0, 2).reshape(-1, 2)
    return line if closed else np.concatenate([line, knots[-1:]])


def symmetric(points: Points) -> Path:
    """The closed smooth outline whose right half, from top to bottom, goes through ``points``."""
    right = np.asarray(points, float)
    inner = right[1:-1] if right[0, 0] == 0 and right[-1, 0] == 0 else right
    left = inner[::-1] * (-1, 1)
    return curve(np.concatenate([right, left]))


def ellipse(x: float, y: float, rx: float, ry: float, *, turned: float = 0.0) -> Path:
    """An ellipse, ``turned`` clockwise by degrees."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    flat = np.stack([rx * np.cos(angle), ry * np.sin(angle)], 1)
    return moved(turn(flat, turned), x, y)


def ribbon(points: Points | Path, widths: Sequence[float]) -> Path:
    """A brush stroke along a smooth line; ``widths`` are spread evenly over its length."""
    line = curve(points, closed=False)
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    place = np.linspace(0, 1, len(line))
    width = np.interp(place, np.linspace(0, 1, len(widths)), widths)[:, None] / 2
    return np.concatenate([line + across * width, (line - across * width)[::-1]])


def mirrored(path: Path) -> Path:
    """The same on the other side of x = 0."""
    return path * (-1, 1)


def moved(path: Path, x: float, y: float) -> Path:
    """The same, further to the right by ``x`` and further down by ``y``."""
    shifted: Path = path + np.array([x, y])
    return shifted


def turn(path: Path, degrees: float, *, about: tuple[float, float] = (0.0, 0.0)) -> Path:
    """Rotated clockwise about a point."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned: Path = (path - about) @ np.array([[cosine, sine], [-sine, cosine]]) + about
    return turned
