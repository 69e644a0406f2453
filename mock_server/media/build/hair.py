"""Four hairdos. What is behind the head is painted before it, what is in front after the face."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from mock_server.media.build.canvas import Canvas, mix
from mock_server.media.build.head import face_outline
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import Path, Points, curve, ellipse, moved, ribbon, symmetric


def paint_hair_behind(canvas: Canvas, person: Person) -> None:
    """The hair that falls behind face and neck."""
    dark = mix(person.hair, (8, 4, 8), 0.45)
    if person.hairdo == "long waves":
        mass = [
            (0, -276), (110, -262), (182, -190), (206, -80), (204, 40), (222, 140), (214, 240),
            (236, 330), (196, 392), (120, 372), (60, 300), (0, 280),
        ]  # fmt: skip
        shape = symmetric(mass)
        canvas.shade(shape, person.hair, dark, angle=75)
        for flip in (1.0, -1.0):
            for offset, tone in ((0, 0.55), (18, 0.25), (-20, 0.35)):
                line = np.array([
                    (180 + offset * 0.4, -60), (184 + offset, 60), (206 + offset * 0.4, 150),
                    (190 + offset, 250), (200 + offset * 0.6, 340),
                ]) * (flip, 1)  # fmt: skip
                strand = ribbon(line, [3, 10, 14, 10, 2])
                canvas.fill(strand, mix(person.hair, person.hair_light, tone), soft=6,
                            opacity=0.55 if flip < 0 else 0.35, clip=shape)  # fmt: skip
    elif person.hairdo == "bob":
        mass = [
            (0, -272), (112, -258), (186, -186), (204, -70), (204, 50), (206, 130), (196, 196),
            (150, 214), (100, 190), (0, 150),
        ]  # fmt: skip
        canvas.shade(symmetric(mass), person.hair, dark, angle=80)


def paint_hair(canvas: Canvas, person: Person) -> None:
    """The hair in front of forehead and temples."""
    {"long waves": _waves, "short": _short, "bob": _bob, "curls": _curls}[person.hairdo](
        canvas, person
    )


def _strands(
    canvas: Canvas, person: Person, clip: Path, lines: list[Points], *, strength: float = 0.5
) -> None:
    """Alternating light and dark streaks that give the mass its direction."""
    dark = mix(person.hair, (6, 3, 6), 0.5)
    for number, line in enumerate(lines):
        light = number % 2 == 0
        tone = person.hair_light if light else dark
        canvas.fill(ribbon(line, [2, 9, 11, 7, 1]), tone, soft=4 if light else 3,
                    opacity=strength if light else strength * 0.9, clip=clip)  # fmt: skip
    random = np.random.default_rng(len(lines))
    for one, other in pairwise(np.asarray(line, float) for line in lines):
        if np.abs(one - other).max() > 60:
            continue  # not neighbours
        for share in random.uniform(0, 1, 4):
            tone = person.hair_light if random.random() < 0.55 else dark
            canvas.fill(ribbon(one + (other - one) * share, [0.6, 2.4, 3.0, 2.0, 0.5]), tone,
                        soft=0.8, opacity=strength * 0.5, clip=clip)  # fmt: skip


def _waves(canvas: Canvas, person: Person) -> None:
    dark = mix(person.hair, (10, 4, 6), 0.35)
    # Parted on the viewer's left; each side falls past the temple and over the shoulder.
    right = curve([
        (-48, -262), (40, -280), (130, -250), (186, -180), (206, -80), (200, 20), (214, 110),
        (226, 190), (206, 280), (222, 350), (186, 400), (160, 330), (176, 240), (158, 160),
        (160, 80), (156, 0), (150, -70), (118, -122), (54, -168), (-30, -194),
    ])  # fmt: skip
    left = curve([
        (-30, -272), (-110, -258), (-176, -196), (-204, -96), (-200, 10), (-214, 100),
        (-226, 190), (-206, 284), (-218, 352), (-184, 396), (-162, 330), (-174, 240),
        (-158, 160), (-160, 80), (-158, 0), (-150, -70), (-124, -126), (-78, -178), (-44, -206),
    ])  # fmt: skip
    face = face_outline(person)
    for shape, angle in ((right, 60), (left, 110)):
        shadow = moved(shape, 6, 9)
        canvas.fill(shadow, person.shadow, soft=9, opacity=0.5, clip=face)
        canvas.shade(shape, mix(person.hair, person.hair_light, 0.25), dark, angle=angle)
    _strands(canvas, person, right, [
        [(-20, -240), (70, -232), (142, -170), (172, -70), (176, 20)],
        [(-30, -226), (60, -212), (128, -146), (158, -50), (164, 40)],
        [(10, -262), (110, -240), (172, -160), (194, -60), (188, 30)],
        [(60, -268), (146, -226), (192, -130), (202, -40), (196, 40)],
        [(170, 10), (178, 90), (206, 180), (188, 270), (200, 360)],
        [(190, 40), (204, 120), (216, 200), (200, 280), (206, 350)],
        [(162, 60), (168, 140), (188, 220), (176, 300), (182, 380)],
    ])  # fmt: skip
    _strands(canvas, person, left, [
        [(-60, -242), (-118, -210), (-160, -140), (-178, -50), (-178, 30)],
        [(-50, -234), (-100, -190), (-142, -110), (-160, -20), (-164, 60)],
        [(-60, -262), (-136, -226), (-184, -140), (-196, -40), (-190, 40)],
        [(-90, -258), (-158, -206), (-196, -110), (-203, -20), (-200, 50)],
        [(-172, 10), (-178, 90), (-206, 180), (-190, 270), (-202, 356)],
        [(-190, 40), (-204, 120), (-216, 200), (-198, 280), (-204, 350)],
        [(-162, 60), (-168, 140), (-186, 220), (-176, 300), (-182, 376)],
    ], strength=0.62)  # fmt: skip
    canvas.fill(ellipse(-112, -214, 44, 18, turned=-40), person.hair_light, soft=14, opacity=0.5,
                clip=left)  # fmt: skip
    canvas.fill(ellipse(84, -226, 66, 16, turned=28), person.hair_light, soft=14, opacity=0.4,
                clip=right)  # fmt: skip


def _bob(canvas: Canvas, person: Person) -> None:
    dark = mix(person.hair, (4, 2, 6), 0.4)
    cap = curve([
        (0, -280), (100, -270), (176, -206), (206, -100), (204, 20), (208, 120), (198, 196),
        (168, 214), (146, 190), (156, 110), (156, 20), (150, -50), (142, -92), (96, -86),
        (48, -82), (0, -81), (-48, -82), (-96, -86), (-142, -92), (-150, -50), (-156, 20),
        (-156, 110), (-146, 190), (-168, 214), (-198, 196), (-208, 120), (-204, 20),
        (-206, -100), (-176, -206), (-100, -270),
    ])  # fmt: skip
    canvas.fill(moved(cap, 4, 10), person.shadow, soft=8, opacity=0.5, clip=face_outline(person))
    canvas.shade(cap, mix(person.hair, person.hair_light, 0.22), dark, angle=62)
    fringe: list[Points] = []
    for x in range(-132, 140, 17):
        top = x * 0.5
        fringe.append([(top, -262), (top + x * 0.26, -216), (x * 0.93, -160), (x, -118), (x, -90)])
    _strands(canvas, person, cap, fringe, strength=0.34)
    for side in (-1.0, 1.0):
        _strands(canvas, person, cap, [
            [(side * 150, -180), (side * 182, -90), (side * 186, 0), (side * 186, 90),
             (side * 172, 200)],
            [(side * 130, -210), (side * 168, -110), (side * 170, 0), (side * 170, 100),
             (side * 158, 196)],
            [(side * 168, -170), (side * 196, -70), (side * 197, 20), (side * 198, 110),
             (side * 186, 196)],
        ], strength=0.42)  # fmt: skip
    halo = ribbon([(-150, -150), (-96, -196), (-10, -212), (86, -200), (150, -150)],
                  [4, 24, 30, 20, 4])  # fmt: skip
    canvas.fill(halo, person.hair_light, soft=13, opacity=0.6, clip=cap)


def _short(canvas: Canvas, person: Person) -> None:
    dark = mix(person.hair, (6, 4, 6), 0.4)
    wide = person.face_width
    sides = curve([
        (-168 * wide, 6), (-176 * wide, -70), (-166 * wide, -150), (-110, -232), (0, -262),
        (110, -240), (164 * wide, -160), (176 * wide, -70), (168 * wide, 6), (154 * wide, 20),
        (150 * wide, -60), (132 * wide, -128), (60, -158), (-60, -158), (-132 * wide, -128),
        (-150 * wide, -60), (-154 * wide, 20),
    ])  # fmt: skip
    canvas.fill(sides, dark, soft=2)
    top = curve([
        (-136, -142), (-168, -186), (-150, -246), (-84, -288), (10, -300), (104, -280),
        (160, -226), (160, -168), (142, -138), (124, -152), (84, -168), (20, -172), (-50, -160),
        (-104, -142),
    ])  # fmt: skip
    canvas.fill(moved(top, 3, 9), person.shadow, soft=8, opacity=0.5, clip=face_outline(person))
    canvas.shade(top, mix(person.hair, person.hair_light, 0.35), dark, angle=58)
    lines: list[Points] = []
    for step in range(13):
        x = -124 + step * 21
        lines.append([
            (x * 0.95 - 14, -166 + 0.173 * abs(x)), (x - 6, -196), (x * 0.9 + 16, -240),
            (x * 0.8 + 44, -270), (x * 0.7 + 66, -284),
        ])  # fmt: skip
    _strands(canvas, person, top, lines, strength=0.5)
    canvas.fill(ellipse(-60, -244, 74, 22, turned=-16), person.hair_light, soft=14, opacity=0.5,
                clip=top)  # fmt: skip


def _curls(canvas: Canvas, person: Person) -> None:
    wide = person.face_width
    fade = curve([
        (-162 * wide, 0), (-170 * wide, -70), (-160 * wide, -150), (-100, -226), (0, -244),
        (100, -226), (160 * wide, -150), (170 * wide, -70), (162 * wide, 0), (152 * wide, -10),
        (146 * wide, -80), (122 * wide, -146), (60, -172), (-60, -172), (-122 * wide, -146),
        (-146 * wide, -80), (-152 * wide, -10),
    ])  # fmt: skip
    canvas.fill(fade, person.hair, soft=5, opacity=0.92)
    random = np.random.default_rng(11)
    cap = symmetric([(0, -304), (84, -296), (146, -250), (163, -190), (146, -150), (112, -164),
                     (56, -180), (0, -184)])  # fmt: skip
    canvas.fill(moved(cap, 2, 8), person.shadow, soft=8, opacity=0.5, clip=face_outline(person))
    canvas.shade(cap, mix(person.hair, person.hair_light, 0.3), person.hair, angle=60)
    edge = curve(cap[::8])
    for x, y in edge[::5]:
        canvas.fill(ellipse(x, y, *(15 + 4 * random.random(2))), person.hair, soft=1.2)
    inside: Path = np.stack([random.uniform(-165, 165, 260), random.uniform(-300, -160, 260)], 1)
    for x, y in inside[np.argsort(inside[:, 1])]:
        if abs(x) / 176 + max(0.0, (-y - 210) / 190) > 1:
            continue
        radius = random.uniform(9, 15)
        lit = max(0.0, min(1.0, 0.55 - x / 420 - (y + 230) / 260))
        canvas.fill(ellipse(x, y, radius, radius), mix(person.hair, (4, 2, 4), 0.35), soft=2,
                    opacity=0.8, clip=None)  # fmt: skip
        arc = ellipse(x - 2.5, y - 3, radius * 0.62, radius * 0.5, turned=-30)
        canvas.fill(arc, person.hair_light, soft=2.6, opacity=0.25 + 0.5 * lit)
