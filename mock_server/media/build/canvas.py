"""A picture to paint on: filled outlines, soft or sharp, plain or shaded."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from mock_server.media.build.shapes import Path, moved

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]
Placement = Callable[[Path], Path]

# Outlines are drawn without smoothing and softened by this much, in units, before they are
# scaled down.
_EDGE = 0.3


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``share`` of the other colour in the one."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(one, other, strict=True))
    return r, g, b


class Canvas:
    """``image`` seen in units of a thousandth of its height, x = 0 in the middle.

    ``place`` moves every path before it is painted: the head's tilt, for example.
    """

    def __init__(self, image: Image.Image, place: Placement = lambda path: path) -> None:
        self.image = image
        self._scale = image.height / 1000
        self._place = place

    def moved(self, place: Placement) -> Canvas:
        """The same picture under another placement."""
        return Canvas(self.image, place)

    def copy(self) -> Canvas:
        """A copy of the picture under the same placement."""
        return Canvas(self.image.copy(), self._place)

    def fill(
        self,
        path: Path,
        colour: Colour,
        *,
        soft: float = 0.0,
        opacity: float = 1.0,
        clip: Path | None = None,
    ) -> None:
        """Fills ``path``; ``soft`` is the blur of its edge in units, ``clip`` where it ends."""
        box = self.box(path, around=3 * (soft or _EDGE))
        if box is not None:
            self.image.paste(colour, box, self._mask(path, box, soft, opacity, clip))

    def shade(
        self,
        path: Path,
        light: Colour,
        dark: Colour,
        *,
        angle: float = 90.0,
        opacity: float = 1.0,
        clip: Path | None = None,
    ) -> None:
        """Fills ``path`` from light to dark, across its extent, in the direction of ``angle``
        (degrees, 0 to the right, 90 down).
        """
        box = self.box(path, around=3 * _EDGE)
        if box is not None:
            mask = self._mask(path, box, 0.0, opacity, clip)
            self.image.paste(_gradient(mask.size, light, dark, angle), box, mask)

    def box(self, path: Path, *, around: float = 0.0) -> Box | None:
        """The pixels that ``path`` and ``around`` units more may touch; None when outside."""
        points = self._pixels(path)
        margin = around * self._scale + 1
        left, top = (math.floor(v) for v in points.min(0) - margin)
        right, bottom = (math.ceil(v) for v in points.max(0) + margin)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, self.image.width), min(bottom, self.image.height)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _mask(
        self, path: Path, box: Box, soft: float, opacity: float, clip: Path | None
    ) -> Image.Image:
        mask = self._flat(path, box)
        mask = mask.filter(ImageFilter.GaussianBlur((soft or _EDGE) * self._scale))
        if clip is not None:
            edge = self._flat(clip, box).filter(ImageFilter.GaussianBlur(_EDGE * self._scale))
            mask = ImageChops.multiply(mask, edge)
        return mask if opacity >= 1 else mask.point(lambda value: value * opacity)

    def _flat(self, path: Path, box: Box) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        points = self._pixels(path) - box[:2]
        ImageDraw.Draw(mask).polygon([(x, y) for x, y in points.tolist()], fill=255)
        return mask

    def _pixels(self, path: Path) -> Path:
        return moved(self._place(path) * self._scale, self.image.width / 2, 0)


def _gradient(size: tuple[int, int], light: Colour, dark: Colour, angle: float) -> Image.Image:
    width, height = size
    across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32) * across
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * down
    share = ((x + y) / (abs(across) + abs(down)) + 0.5)[..., None]
    colours = np.asarray(light, np.float32) * (1 - share) + np.asarray(dark, np.float32) * share
    return Image.fromarray((colours + 0.5).astype(np.uint8))
