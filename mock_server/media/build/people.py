"""The four people: their colours and what sets their faces apart."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.media.build.canvas import Colour


@dataclass(frozen=True, slots=True)
class Person:
    """One avatar's looks. Lengths are factors of an average face."""

    skin: Colour
    shadow: Colour
    glow: Colour
    blush: Colour
    lips: Colour
    iris: Colour
    hair: Colour
    hair_light: Colour
    hairdo: str
    clothes: Colour
    clothes_dark: Colour
    shirt: Colour
    outfit: str
    backdrop: str
    face_width: float = 1.0
    jaw: float = 0.0
    """0 is oval, 1 is square."""
    brow: float = 1.0
    """Thickness."""
    lashes: float = 0.0
    lip_fullness: float = 1.0
    nose_width: float = 1.0
    eye_height: float = 1.0
    neck: float = 1.0
    beard: float = 0.0
    """0 is shaven, 1 is a short full beard."""


PEOPLE = {
    "Ada": Person(
        skin=(244, 206, 180),
        shadow=(214, 155, 126),
        glow=(255, 229, 208),
        blush=(238, 150, 132),
        lips=(203, 98, 96),
        iris=(86, 132, 120),
        hair=(116, 58, 34),
        hair_light=(186, 108, 62),
        hairdo="long waves",
        clothes=(32, 104, 112),
        clothes_dark=(17, 66, 76),
        shirt=(246, 243, 238),
        outfit="blazer",
        backdrop="studio",
        face_width=0.96,
        brow=0.9,
        lashes=1.0,
        lip_fullness=1.1,
        nose_width=0.92,
        eye_height=1.08,
        neck=0.86,
    ),
    "Bruno": Person(
        skin=(232, 184, 148),
        shadow=(190, 130, 98),
        glow=(250, 213, 180),
        blush=(220, 134, 110),
        lips=(204, 112, 104),
        iris=(104, 76, 48),
        hair=(52, 38, 32),
        hair_light=(104, 78, 60),
        hairdo="short",
        clothes=(46, 62, 98),
        clothes_dark=(27, 37, 64),
        shirt=(226, 234, 246),
        outfit="suit",
        backdrop="office",
        face_width=1.05,
        jaw=0.9,
        brow=1.35,
        lip_fullness=0.85,
        nose_width=1.1,
        eye_height=0.92,
        neck=1.2,
        beard=0.8,
    ),
    "Chika": Person(
        skin=(250, 218, 188),
        shadow=(222, 168, 134),
        glow=(255, 238, 216),
        blush=(244, 160, 140),
        lips=(212, 104, 104),
        iris=(74, 50, 38),
        hair=(34, 27, 34),
        hair_light=(92, 76, 92),
        hairdo="bob",
        clothes=(228, 168, 62),
        clothes_dark=(178, 118, 34),
        shirt=(250, 240, 222),
        outfit="sweater",
        backdrop="garden",
        face_width=0.98,
        brow=0.95,
        lashes=0.8,
        lip_fullness=1.0,
        nose_width=0.9,
        eye_height=0.96,
        neck=0.84,
    ),
    "Dario": Person(
        skin=(142, 92, 64),
        shadow=(92, 54, 36),
        glow=(182, 126, 92),
        blush=(150, 76, 54),
        lips=(168, 90, 84),
        iris=(58, 36, 24),
        hair=(26, 20, 20),
        hair_light=(66, 52, 48),
        hairdo="curls",
        clothes=(130, 44, 58),
        clothes_dark=(82, 24, 38),
        shirt=(130, 44, 58),
        outfit="turtleneck",
        backdrop="evening",
        face_width=1.0,
        jaw=0.6,
        brow=1.2,
        lip_fullness=1.25,
        nose_width=1.2,
        eye_height=1.0,
        neck=1.12,
        beard=0.35,
    ),
}
