"""Shoulders and clothes."""

from __future__ import annotations

from mock_server.media.build.canvas import Canvas, mix
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import (
    Path,
    Points,
    curve,
    ellipse,
    mirrored,
    moved,
    ribbon,
    symmetric,
)


def paint_body(canvas: Canvas, person: Person) -> None:
    """The clothes, from the neck to the lower edge of the picture."""
    wide = 1.14 if person.neck > 1 else 1.0
    torso = symmetric([
        (0, 716), (96 * wide, 716), (170 * wide, 748), (286 * wide, 790), (352 * wide, 850),
        (388 * wide, 950), (400 * wide, 1090), (0, 1100),
    ])  # fmt: skip
    {"blazer": _jacket, "suit": _jacket, "sweater": _sweater, "turtleneck": _turtleneck}[
        person.outfit
    ](canvas, person, torso)


def _neck(canvas: Canvas, person: Person, collar: Points) -> None:
    """Neck and chest down to the collar, under the shadow of the chin."""
    wide = _neck_width(person)
    neck = symmetric([(0, 500), (wide, 504), (wide - 2, 600), (wide + 2, 676), *collar])
    canvas.shade(neck, mix(person.skin, person.shadow, 0.1), mix(person.skin, person.shadow, 0.8),
                 angle=15)  # fmt: skip
    deep = mix(person.shadow, (60, 20, 20), 0.3)
    canvas.fill(ellipse(14, 640, 128, 54), deep, soft=16, opacity=0.8, clip=neck)
    for side in (-1.0, 1.0):
        tendon = ribbon([(side * 62, 690), (side * 40, 736), (side * 14, 786)], [2, 8, 3])
        canvas.fill(tendon, deep, soft=4, opacity=0.3, clip=neck)
        bone = ribbon([(side * 92, 758), (side * 50, 772), (side * 14, 790)], [2, 7, 3])
        canvas.fill(bone, person.glow, soft=4, opacity=0.35, clip=neck)
    canvas.fill(
        ellipse(-50, 706, 15, 46, turned=-10), person.glow, soft=12, opacity=0.35, clip=neck
    )


def _neck_width(person: Person) -> float:
    return 86.0 * person.neck


def _cloth(canvas: Canvas, person: Person, torso: Path) -> None:
    canvas.shade(torso, mix(person.clothes, (255, 255, 255), 0.1), person.clothes_dark, angle=40)
    canvas.fill(ellipse(-210, 800, 120, 40, turned=-22), mix(person.clothes, (255, 255, 255), 0.3),
                soft=26, opacity=0.5, clip=torso)  # fmt: skip
    canvas.fill(ellipse(360, 960, 110, 150), person.clothes_dark, soft=40, opacity=0.9, clip=torso)
    canvas.fill(ellipse(-390, 1010, 60, 130), person.clothes_dark, soft=30, opacity=0.7, clip=torso)


def _folds(canvas: Canvas, person: Person, torso: Path, lines: list[Points]) -> None:
    for line in lines:
        canvas.fill(ribbon(line, [2, 12, 3]), person.clothes_dark, soft=6, opacity=0.6, clip=torso)
        lighter = ribbon([(x - 7, y - 3) for x, y in line], [1, 7, 2])
        canvas.fill(lighter, mix(person.clothes, (255, 255, 255), 0.3), soft=5, opacity=0.4,
                    clip=torso)  # fmt: skip


def _jacket(canvas: Canvas, person: Person, torso: Path) -> None:
    _cloth(canvas, person, torso)
    _folds(canvas, person, torso, [
        [(-300, 850), (-288, 920), (-300, 1000)], [(292, 850), (284, 930), (300, 1000)],
    ])  # fmt: skip
    neck = 84 if person.neck > 1 else 76
    shirt = symmetric([(0, 700), (neck, 706), (neck + 26, 770), (70, 900), (34, 1010), (0, 1020)])
    shade = mix(person.shirt, (90, 100, 130), 0.35)
    canvas.shade(shirt, person.shirt, shade, angle=30)
    formal = person.outfit == "suit"
    depth = 800 if formal else 872
    _neck(canvas, person, [(neck - 8, 716), (neck - 30, 770), (0, depth)])
    collar = curve([
        (neck - 14, 690), (neck + 16, 722), (neck + 8, 776), (46, 830),
        (18, 796 if formal else 850), (neck - 34, 752),
    ])  # fmt: skip
    if formal:
        tie = symmetric([(0, 786), (24, 790), (18, 822), (40, 980), (40, 1040), (0, 1044)])
        canvas.shade(tie, (150, 52, 62), (96, 28, 40), angle=20)
        knot = symmetric([(0, 780), (27, 784), (19, 822), (0, 828)])
        canvas.shade(knot, (172, 66, 74), (112, 34, 46), angle=30)
    for flip in (True, False):
        side = mirrored(collar) if flip else collar
        canvas.fill(moved(side, 2, 7), (40, 44, 60), soft=7, opacity=0.35, clip=shirt)
        canvas.shade(side, person.shirt, mix(person.shirt, shade, 0.2 if flip else 0.8), angle=70)
    lapel = curve([
        (neck + 8, 716), (neck + 62, 742), (160, 806), (186, 846), (138, 858), (150, 884),
        (88, 960), (30, 1060), (20, 1010), (66, 880), (neck + 18, 790),
    ], steps=10)  # fmt: skip
    for flip in (True, False):
        side = mirrored(lapel) if flip else lapel
        canvas.fill(moved(side, 3, 8), (8, 10, 20), soft=8, opacity=0.45, clip=torso)
        light = mix(person.clothes, (255, 255, 255), 0.16 if flip else 0.05)
        canvas.shade(side, light, mix(person.clothes, person.clothes_dark, 0.55), angle=60)


def _knit(canvas: Canvas, person: Person, torso: Path) -> None:
    """Soft ribs that follow the body."""
    for step in range(-9, 10):
        x = step * 40.0
        line = [(x * 0.62, 742), (x * 0.9, 860), (x, 1010)]
        canvas.fill(
            ribbon(line, [3, 5, 5]), person.clothes_dark, soft=3.5, opacity=0.28, clip=torso
        )


def _sweater(canvas: Canvas, person: Person, torso: Path) -> None:
    _cloth(canvas, person, torso)
    _knit(canvas, person, torso)
    _folds(canvas, person, torso, [
        [(-252, 872), (-236, 930), (-258, 1000)], [(258, 872), (242, 930), (262, 1000)],
    ])  # fmt: skip
    _neck(canvas, person, [(84, 724), (60, 768), (0, 786)])
    band = ribbon([(-86, 712), (-66, 768), (0, 796), (66, 768), (86, 712)], [26, 28, 28, 28, 26])
    canvas.fill(moved(band, 2, 8), person.clothes_dark, soft=7, opacity=0.6)
    canvas.shade(band, mix(person.clothes, (255, 255, 255), 0.22), person.clothes_dark, angle=30)


def _turtleneck(canvas: Canvas, person: Person, torso: Path) -> None:
    _cloth(canvas, person, torso)
    _knit(canvas, person, torso)
    _folds(canvas, person, torso, [
        [(-296, 872), (-280, 930), (-300, 1000)], [(300, 872), (284, 930), (302, 1000)],
        [(-60, 790), (0, 830), (64, 800)],
    ])  # fmt: skip
    _neck(canvas, person, [(90, 720), (60, 740), (0, 744)])
    roll = symmetric([(0, 690), (92, 676), (104, 696), (108, 736), (116, 766), (60, 790), (0, 796)])
    canvas.fill(moved(roll, 4, 10), (20, 6, 12), soft=12, opacity=0.5, clip=torso)
    canvas.shade(roll, mix(person.clothes, (255, 255, 255), 0.14), person.clothes_dark, angle=25)
    for step in range(-5, 6):
        x = step * 19.0
        canvas.fill(ribbon([(x * 0.94, 694), (x, 740), (x * 1.05, 784)], [3, 4, 3]),
                    person.clothes_dark, soft=3, opacity=0.4, clip=roll)  # fmt: skip
    canvas.fill(ellipse(6, 686, 100, 16), (30, 8, 14), soft=10, opacity=0.6, clip=roll)
