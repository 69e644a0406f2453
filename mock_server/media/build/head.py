"""The head without its hair, eyes and mouth: skull, ears, nose, brows, beard and shading.

Coordinates are the face's own: the eyes are on y = 0, the nose on x = 0.
"""

from __future__ import annotations

import numpy as np

from mock_server.media.build.canvas import Canvas, mix
from mock_server.media.build.expression import Expression
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import Path, curve, ellipse, mirrored, ribbon, symmetric

BROW_HEIGHT = -60.0
MOUTH_HEIGHT = 128.0
CHIN = 214.0


def face_outline(person: Person) -> Path:
    """The edge of the face from crown to chin."""
    jaw = person.jaw
    right = [
        (0, -226),
        (66, -220),
        (122, -186),
        (153, -126),
        (160, -54),
        (158, 14),
        (150 + 5 * jaw, 72),
        (128 + 15 * jaw, 126),
        (92 + 22 * jaw, 176),
        (47 + 20 * jaw, 206),
        (0, CHIN + 2 * jaw),
    ]
    return symmetric([(x * person.face_width, y) for x, y in right])


def paint_ears(canvas: Canvas, person: Person) -> None:
    """Both ears, behind the face, where no hair hangs over them."""
    if person.hairdo in ("long waves", "bob"):
        return
    x = 158 * person.face_width
    right = curve(
        [(x - 12, -26), (x + 8, -40), (x + 25, -30), (x + 27, 0), (x + 18, 34), (x + 4, 56),
         (x - 10, 50)]
    )  # fmt: skip
    fold = curve([(x - 2, -14), (x + 11, -25), (x + 17, -8), (x + 12, 18), (x, 28)])
    for flip in (False, True):
        ear, inner = (mirrored(right), mirrored(fold)) if flip else (right, fold)
        tone = mix(person.skin, person.shadow, 0.12 if flip else 0.5)
        canvas.shade(ear, mix(tone, person.blush, 0.2), mix(tone, person.shadow, 0.5))
        canvas.fill(inner, mix(person.shadow, person.blush, 0.4), soft=4, opacity=0.75, clip=ear)


def paint_face(canvas: Canvas, person: Person, mood: Expression) -> None:
    """The face's surface, lit from the upper left, with nose and folds."""
    face = face_outline(person)
    canvas.shade(face, person.glow, mix(person.skin, person.shadow, 0.42), angle=52)
    canvas.fill(ellipse(-14, -8, 118, 190), person.skin, soft=34, opacity=0.8, clip=face)
    # The side away from the light, and the roundness of jaw and temples.
    canvas.fill(ellipse(188, 40, 62, 210), person.shadow, soft=30, opacity=0.75, clip=face)
    canvas.fill(ellipse(-190, 60, 44, 190), person.shadow, soft=24, opacity=0.4, clip=face)
    canvas.fill(ellipse(20, 226, 120, 24), person.shadow, soft=16, opacity=0.6, clip=face)
    canvas.fill(ellipse(-34, -128, 66, 34, turned=-8), person.glow, soft=24, opacity=0.8, clip=face)
    canvas.fill(ellipse(0, 186, 26, 15), person.glow, soft=10, opacity=0.45, clip=face)
    _cheeks(canvas, person, mood, face)
    for side in (-1.0, 1.0):
        socket = ellipse(side * 66, -12, 46, 30, turned=side * 4)
        canvas.fill(socket, person.shadow, soft=13, opacity=0.34, clip=face)
        under = ellipse(side * 66, 26, 32, 7, turned=-side * 4)
        canvas.fill(under, person.shadow, soft=6, opacity=0.22, clip=face)
    if person.beard:
        _beard(canvas, person, face)
    _nose(canvas, person)
    _folds(canvas, person, mood)


def paint_brows(canvas: Canvas, person: Person, mood: Expression) -> None:
    """Both brows; they carry most of the emotion."""
    colour = mix(person.hair, person.shadow, 0.18)
    for side in (-1.0, 1.0):
        line = [
            (side * 26, BROW_HEIGHT + 3 - mood.brow_inner),
            (side * 50, BROW_HEIGHT - 4 - (mood.brow_inner + mood.brow_arch) * 0.7),
            (side * 82, BROW_HEIGHT - 9 - (mood.brow_outer + mood.brow_arch) * 0.95),
            (side * 114, BROW_HEIGHT + 6 - mood.brow_outer),
        ]
        thick = person.brow
        canvas.fill(ribbon(line, [5 * thick, 12 * thick, 10 * thick, 2]), colour, soft=2.2)
        core = ribbon(line[:-1], [2 * thick, 8 * thick, 5 * thick])
        canvas.fill(core, person.hair, soft=1.6, opacity=0.7)


def _cheeks(canvas: Canvas, person: Person, mood: Expression, face: Path) -> None:
    lift = 10 * mood.cheeks
    for side in (-1.0, 1.0):
        blush = ellipse(side * 96, 74 - lift, 44, 30, turned=-side * 14)
        canvas.fill(blush, person.blush, soft=18, opacity=0.2 + 0.32 * mood.cheeks, clip=face)
        bone = ellipse(side * 92 - 6, 50 - lift, 30, 12, turned=-side * 16)
        light = 0.5 if side < 0 else 0.24
        canvas.fill(bone, person.glow, soft=11, opacity=light, clip=face)


def _nose(canvas: Canvas, person: Person) -> None:
    wide = person.nose_width
    deep = mix(person.shadow, (70, 24, 20), 0.3)
    bridge = curve([(9, -34), (13, 10), (15 * wide, 46), (30 * wide, 72), (12, 76), (5, 30)])
    canvas.fill(bridge, person.shadow, soft=7, opacity=0.62)
    left = curve([(-12, -34), (-10, 8), (-13 * wide, 40), (-20 * wide, 52), (-16, 10)])
    canvas.fill(left, person.shadow, soft=7, opacity=0.22)
    canvas.fill(ellipse(-2, 14, 6, 44), person.glow, soft=6, opacity=0.7)
    canvas.fill(ellipse(0, 82, 27 * wide, 10), person.shadow, soft=6, opacity=0.62)
    canvas.fill(ellipse(-1, 62, 17 * wide, 15), mix(person.skin, person.blush, 0.2), soft=7)
    canvas.fill(ellipse(-5, 57, 8, 7), person.glow, soft=4, opacity=0.85)
    for side in (-1.0, 1.0):
        wing = ribbon(
            [(side * 21 * wide, 56), (side * 29 * wide, 66), (side * 27 * wide, 78),
             (side * 18 * wide, 80)],
            [1, 5, 5, 2],
        )  # fmt: skip
        canvas.fill(wing, deep, soft=2.4, opacity=0.6)
        nostril = ellipse(side * 12 * wide, 79, 8 * wide, 3.6, turned=-side * 14)
        canvas.fill(nostril, mix(deep, (40, 10, 10), 0.5), soft=1.6, opacity=0.85)
    groove = ellipse(0, 101, 5, 10)
    canvas.fill(groove, person.shadow, soft=4, opacity=0.4)


def _folds(canvas: Canvas, person: Person, mood: Expression) -> None:
    deep = mix(person.shadow, (80, 30, 26), 0.25)
    strength = 0.16 + 0.028 * max(mood.smile, 0)
    for side in (-1.0, 1.0):
        fold = ribbon(
            [(side * 35 * person.nose_width, 76), (side * 54, 98), (side * 66, 126)], [2, 6, 2]
        )
        canvas.fill(fold, deep, soft=4, opacity=strength)
        if mood.frown:
            line = ribbon([(side * 10, -40), (side * 8, -56), (side * 11, -70)], [1.5, 4, 1.5])
            canvas.fill(line, deep, soft=2, opacity=0.55 * mood.frown)


def _beard(canvas: Canvas, person: Person, face: Path) -> None:
    colour = mix(person.hair, person.shadow, 0.3)
    wide = person.face_width
    shape = symmetric([
        (0, 108), (34, 108), (74, 122), (112, 134), (140 * wide, 96), (152 * wide, 20),
        (170 * wide, 10), (170 * wide, 70), (144 * wide, 160), (84 * wide, 228), (0, 242),
    ])  # fmt: skip
    canvas.fill(shape, colour, soft=15, opacity=0.74 * person.beard, clip=face)
    chin = symmetric([(0, 166), (34, 162), (70, 172), (70, 208), (0, 228)])
    canvas.fill(chin, colour, soft=13, opacity=0.45 * person.beard, clip=face)
    moustache = symmetric([(0, 97), (28, 96), (58, 110), (66, 132), (56, 132), (30, 114), (0, 112)])
    canvas.fill(moustache, colour, soft=5, opacity=0.7 * person.beard, clip=face)
    random = np.random.default_rng(4)
    for _ in range(int(900 * person.beard)):
        x, y = random.uniform(-160, 160) * wide, random.uniform(30, 222)
        if y < 100 + 0.0026 * (146 - abs(x)) ** 2 * (abs(x) > 40):
            continue
        lean = x * 0.03 + random.uniform(-1.5, 1.5)
        hair = ribbon([(x, y), (x + lean * 0.6, y + 4), (x + lean, y + 8)], [0.4, 1.0, 0.3])
        canvas.fill(hair, person.hair, soft=0.6, opacity=0.24, clip=face)
