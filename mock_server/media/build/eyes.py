"""The eyes in their three states."""

from __future__ import annotations

import numpy as np

from mock_server.core.speech import Eyes
from mock_server.media.build.canvas import Canvas, Colour, mix
from mock_server.media.build.expression import Expression
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import Path, curve, ellipse, moved, ribbon

SPACING = 69.0
"""From the middle of the face to the middle of an eye."""

REGION = ((-132.0, -46.0), (132.0, 34.0))
"""All that blinking changes, in the face's own coordinates."""

_HALF_WIDTH = 41.0
_OPENNESS = {Eyes.OPEN: 1.0, Eyes.HALF: 0.46, Eyes.SHUT: 0.0}
_WHITE, _WHITE_SHADE = (250, 247, 243), (206, 198, 196)


def paint_eyes(canvas: Canvas, person: Person, mood: Expression, eyes: Eyes) -> None:
    """Both eyes over the bare face."""
    for side in (-1.0, 1.0):
        _eye(canvas, person, mood, side, _OPENNESS[eyes])


def _eye(canvas: Canvas, person: Person, mood: Expression, side: float, openness: float) -> None:
    def at(points: list[tuple[float, float]]) -> Path:
        return moved(np.asarray(points) * (side, 1), side * SPACING, 0)

    w = _HALF_WIDTH
    up, low = 25.0 * person.eye_height * mood.lids, 14.0 * person.eye_height - mood.squint
    # Lids from the inner corner to the outer one; the upper one comes down to meet the lower.
    lower = at([(-w, 4), (-w * 0.45, low * 0.8), (w * 0.15, low), (w * 0.65, low * 0.7), (w, -3)])
    raised = at(
        [(-w, 4), (-w * 0.55, -up * 0.72), (-w * 0.02, -up), (w * 0.6, -up * 0.76), (w, -3)]
    )
    upper = lower + (raised - lower) * openness
    upper_line = curve(upper, closed=False)
    lower_line = curve(lower, closed=False)
    opening = np.concatenate([upper_line, lower_line[::-1]])
    lid_line = curve(raised + np.array([0.0, -7.0]), closed=False)
    lid = np.concatenate([lid_line, upper_line[::-1]])

    lid_tone = mix(person.skin, person.shadow, 0.36)
    canvas.fill(lid, lid_tone, soft=2.0, opacity=0.5 + 0.5 * (1 - openness))
    if openness < 1:
        glow = ellipse(side * SPACING - 4, -4 + (1 - openness) * 2, 16, 5)
        canvas.fill(glow, person.glow, soft=5, opacity=0.5 * (1 - openness), clip=lid)
    deep = mix(person.shadow, (70, 26, 24), 0.42)
    canvas.fill(ribbon(lid_line[::6], [1, 2.6, 2.6, 1]), deep, soft=1.3, opacity=0.62)
    if openness:
        canvas.fill(opening, _WHITE_SHADE)
        _ball(canvas, person, mood, side, opening)
        shadow = curve(upper + np.array([0.0, 2.5]), closed=False)
        canvas.fill(
            ribbon(shadow, [4, 10, 10, 4]), (60, 40, 44), soft=3, opacity=0.42, clip=opening
        )
        tear = ellipse(side * (SPACING - w + 4), 3.2, 4.4, 3.4)
        canvas.fill(tear, (226, 150, 142), soft=1.4, opacity=0.9, clip=opening)
    rim = ribbon(lower_line[::6], [1, 2, 2.6, 2])
    canvas.fill(rim, deep, soft=1.0, opacity=0.55)
    lash = (30, 20, 20) if person.lashes else mix(person.hair, (36, 22, 20), 0.5)
    thick = 4.6 + 1.6 * person.lashes
    canvas.fill(ribbon(upper_line[::6], [1.6, thick, thick, thick * 0.9, 1.6]), lash, soft=0.6)
    if person.lashes:
        _wing(canvas, side, upper_line, openness, lash)


def _ball(canvas: Canvas, person: Person, mood: Expression, side: float, opening: Path) -> None:
    x, y = side * SPACING + mood.gaze[0] - side * 1.5, -3.5 + mood.gaze[1]
    canvas.fill(ellipse(x - 3, y + 2, 32, 18), _WHITE, soft=5, clip=opening)
    radius = 20.5
    dark = mix(person.iris, (10, 8, 10), 0.62)
    canvas.fill(ellipse(x, y, radius, radius), dark, soft=0.9, clip=opening)
    light = mix(person.iris, (255, 240, 200), 0.28)
    canvas.shade(
        ellipse(x, y, radius - 2.6, radius - 2.6), mix(person.iris, dark, 0.5), light, clip=opening
    )
    canvas.fill(ellipse(x, y + 9, 11, 6), light, soft=3, opacity=0.7, clip=opening)
    canvas.fill(ellipse(x, y, 9.2, 9.2), (12, 9, 11), soft=0.8, clip=opening)
    canvas.fill(ellipse(x - 7.2, y - 7.4, 5.4, 5.0), (255, 255, 255), soft=0.6, clip=opening)
    canvas.fill(ellipse(x + 7.6, y + 7.2, 2.8, 2.6), (255, 255, 255), soft=0.8, opacity=0.6,
                clip=opening)  # fmt: skip


def _wing(canvas: Canvas, side: float, upper_line: Path, openness: float, lash: Colour) -> None:
    """The lashes at the outer corner, which point up when the eye is open."""
    tip = upper_line[-1] + np.array([side * 10.0, -5.0 * openness + 1.5])
    places = [round(share * (len(upper_line) - 1)) for share in (0.55, 0.78, 0.94)]
    line = np.concatenate([upper_line[places], tip[None]])
    canvas.fill(ribbon(line, [2.0, 5.5, 6.0, 4.0, 0.4]), lash, soft=0.5)
