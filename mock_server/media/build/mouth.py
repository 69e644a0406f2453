"""The mouth in its eight shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mock_server.core.speech import Mouth
from mock_server.media.build.canvas import Canvas, mix
from mock_server.media.build.expression import Expression
from mock_server.media.build.head import MOUTH_HEIGHT
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import Path, curve, ellipse, ribbon

REGION = ((-150.0, 92.0), (150.0, 268.0))
"""All that talking changes, in the face's own coordinates."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Half the width; how far the lips' inner edges are above and below the middle; lip heights."""

    width: float
    above: float = 0.0
    below: float = 0.0
    upper_lip: float = 11.0
    lower_lip: float = 14.0
    upper_teeth: float = 0.0
    lower_teeth: float = 0.0
    tongue: float = 0.0
    smile: float = 1.0
    """How much of the expression's smile remains while speaking."""


_SHAPES = {
    Mouth.REST: _Shape(49),
    Mouth.CLOSED: _Shape(44, upper_lip=5.5, lower_lip=8, smile=0.7),
    Mouth.TEETH: _Shape(46, 5, 2, upper_lip=10, lower_lip=9, upper_teeth=9, smile=0.7),
    Mouth.NARROW: _Shape(54, 5, 7, 9.5, 12, upper_teeth=7, lower_teeth=4.5, smile=0.8),
    Mouth.HALF: _Shape(48, 7, 13, 10, 13, upper_teeth=7.5, tongue=0.5, smile=0.75),
    Mouth.ROUND: _Shape(27, 7, 11, 13.5, 15, tongue=0.2, smile=0.25),
    Mouth.OPEN: _Shape(35, 11, 25, 12, 14, upper_teeth=6, tongue=0.45, smile=0.4),
    Mouth.WIDE: _Shape(47, 12, 32, 10.5, 13, upper_teeth=10.5, tongue=0.85, smile=0.6),
}
_GRIN = _Shape(54, 3, 10, 9, 12, upper_teeth=9.5)
_TEETH, _TEETH_SHADE = (250, 246, 238), (212, 198, 190)
_CAVITY, _CAVITY_TOP = (116, 38, 42), (50, 12, 18)


def paint_mouth(canvas: Canvas, person: Person, mood: Expression, mouth: Mouth) -> None:
    """Lips, teeth and tongue over the bare face."""
    shape = _GRIN if mood.grin and mouth == Mouth.REST else _SHAPES[mouth]
    width = shape.width * (1 + (mood.mouth_width - 1) * shape.smile)
    lift = mood.smile * shape.smile
    up, low = shape.upper_lip * person.lip_fullness, shape.lower_lip * person.lip_fullness
    top = _arc(width, lift, -shape.above, hollow=0.9)
    bottom = _arc(width, lift, shape.below, hollow=0.86)
    upper_edge = _bow(width + 2, lift, -shape.above - up)
    lower_edge = _arc(width + 2, lift, shape.below + low, hollow=0.8)
    deep = mix(person.shadow, (74, 26, 24), 0.34)

    # Under the lower lip, and the chin's crease that moves with the jaw.
    under = ellipse(2, MOUTH_HEIGHT + shape.below + low + 7, width * 0.62, 6.5)
    canvas.fill(under, deep, soft=6, opacity=0.5)
    for side in (-1.0, 1.0):
        corner = ellipse(side * (width + 3), MOUTH_HEIGHT - lift + 1, 6, 6)
        canvas.fill(corner, deep, soft=4.5, opacity=0.5)

    inside = np.concatenate([top, bottom[::-1]])
    if shape.above + shape.below:
        _inside(canvas, shape, width, lift, inside)
    upper = np.concatenate([upper_edge, top[::-1]])
    lower = np.concatenate([bottom, lower_edge[::-1]])
    dark, light = mix(person.lips, deep, 0.38), mix(person.lips, person.glow, 0.2)
    canvas.shade(upper, mix(person.lips, person.glow, 0.05), dark)
    canvas.shade(lower, light, mix(person.lips, deep, 0.25))
    gloss = ellipse(-5, MOUTH_HEIGHT + shape.below + low * 0.42, width * 0.36, low * 0.17)
    canvas.fill(gloss, mix(person.glow, (255, 255, 255), 0.4), soft=2.6, opacity=0.5, clip=lower)
    peak, bow = MOUTH_HEIGHT - shape.above - up, width * 0.2
    ridge = ribbon(
        [(-2 * bow, peak + 2.5), (-bow, peak - 2), (0, peak + 1.5), (bow, peak - 2),
         (2 * bow, peak + 2.5)],
        [0.4, 2.2, 1.6, 2.2, 0.4],
    )  # fmt: skip
    canvas.fill(ridge, person.glow, soft=1.6, opacity=0.45)
    if shape.above + shape.below == 0:
        seam = ribbon(top[::5], [2.0, 2.6, 3.2, 2.6, 2.0])
        canvas.fill(seam, mix(dark, (50, 14, 18), 0.6), soft=0.9, opacity=0.9)
    else:
        canvas.fill(ribbon(top[::5], [1, 2, 2, 1]), mix(dark, (40, 8, 12), 0.5), soft=0.8,
                    opacity=0.6)  # fmt: skip


def jaw_drop(mouth: Mouth) -> float:
    """How far the chin goes down for a mouth, in units."""
    return 0.42 * _SHAPES[mouth].below


def _inside(canvas: Canvas, shape: _Shape, width: float, lift: float, inside: Path) -> None:
    canvas.shade(inside, _CAVITY_TOP, _CAVITY)
    if shape.tongue:
        tall = (shape.above + shape.below) * 0.42
        tongue = ellipse(0, MOUTH_HEIGHT + shape.below - tall * 0.25, width * 0.62, tall)
        canvas.shade(tongue, (214, 106, 104), (170, 66, 70), opacity=shape.tongue, clip=inside)
    if shape.lower_teeth:
        row = _row(width * 0.7, lift, shape.below - shape.lower_teeth, shape.below + 12)
        canvas.fill(row, _TEETH_SHADE, soft=1.2, clip=inside)
    if shape.upper_teeth:
        row = _row(width * 0.9, lift, -shape.above - 12, -shape.above + shape.upper_teeth)
        canvas.shade(row, _TEETH_SHADE, _TEETH, clip=inside)
        for x in (-0.56, -0.3, 0.0, 0.3, 0.56):
            gap = ribbon([(x * width, MOUTH_HEIGHT - shape.above - lift * x * x - 2),
                          (x * width, MOUTH_HEIGHT - shape.above + shape.upper_teeth - 1)],
                         [0.9, 0.9])  # fmt: skip
            canvas.fill(gap, (170, 150, 146), soft=0.7, opacity=0.4, clip=inside)
    shade = ellipse(0, MOUTH_HEIGHT - shape.above - lift * 0.2, width, 5)
    canvas.fill(shade, (40, 8, 12), soft=4, opacity=0.45, clip=inside)


def _arc(width: float, lift: float, height: float, *, hollow: float) -> Path:
    """From the left corner to the right one over the middle at ``height``."""
    corner = MOUTH_HEIGHT - lift
    middle = MOUTH_HEIGHT + height + max(lift, 0) * 0.12
    side = corner + (middle - corner) * hollow
    return curve(
        [(-width, corner), (-width * 0.62, side), (0, middle), (width * 0.62, side),
         (width, corner)],
        closed=False,
    )  # fmt: skip


def _bow(width: float, lift: float, height: float) -> Path:
    """The upper edge of the upper lip, with its dip in the middle."""
    corner = MOUTH_HEIGHT - lift
    peak = MOUTH_HEIGHT + height
    side = corner + (peak - corner) * 0.62
    return curve(
        [(-width, corner), (-width * 0.6, side), (-width * 0.2, peak), (0, peak + 3.6),
         (width * 0.2, peak), (width * 0.6, side), (width, corner)],
        closed=False,
    )  # fmt: skip


def _row(width: float, lift: float, top: float, bottom: float) -> Path:
    """A row of teeth, its ends lifted with the smile."""
    edge = [(-width, MOUTH_HEIGHT + bottom - lift * 0.5 - 1.5), (0, MOUTH_HEIGHT + bottom),
            (width, MOUTH_HEIGHT + bottom - lift * 0.5 - 1.5)]  # fmt: skip
    line = curve(edge, closed=False)
    above = np.array([[width, MOUTH_HEIGHT + top - lift], [-width, MOUTH_HEIGHT + top - lift]])
    return np.concatenate([line, above])
