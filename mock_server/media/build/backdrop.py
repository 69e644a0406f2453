"""What is behind the avatar: out of focus, and quiet enough for a video codec."""

from __future__ import annotations

import numpy as np

from mock_server.media.build.canvas import Canvas, Colour, mix
from mock_server.media.build.shapes import Path, ellipse


def paint_backdrop(canvas: Canvas, name: str) -> None:
    """Fills the whole picture."""
    {"studio": _studio, "office": _office, "garden": _garden, "evening": _evening}[name](canvas)


def _rectangle(left: float, top: float, right: float, bottom: float) -> Path:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


_BOOKS: tuple[Colour, ...] = (
    (150, 70, 60),
    (70, 100, 128),
    (196, 168, 110),
    (92, 116, 92),
    (120, 84, 110),
    (206, 196, 180),
)
_ALL = _rectangle(-900, -10, 900, 1010)


def _studio(canvas: Canvas) -> None:
    canvas.shade(_ALL, (214, 224, 232), (126, 146, 166), angle=60)
    canvas.fill(ellipse(-330, 330, 420, 380), (244, 247, 250), soft=120, opacity=0.75)
    for x in (-760, -640, -520, 520, 640, 760):
        canvas.fill(_rectangle(x - 44, -60, x + 44, 780), (150, 170, 188), soft=14, opacity=0.35)
        canvas.fill(_rectangle(x - 44, -60, x - 26, 780), (240, 246, 250), soft=9, opacity=0.4)
    canvas.fill(_rectangle(-920, 780, 920, 1100), (96, 116, 138), soft=40, opacity=0.55)


def _office(canvas: Canvas) -> None:
    canvas.shade(_ALL, (226, 216, 200), (150, 138, 126), angle=70)
    canvas.fill(_rectangle(-840, 60, -330, 640), (196, 222, 240), soft=12)
    canvas.fill(_rectangle(-840, 400, -330, 640), (168, 196, 190), soft=50, opacity=0.8)
    canvas.fill(_rectangle(-596, 40, -574, 660), (232, 228, 220), soft=6)
    canvas.fill(_rectangle(-840, 330, -330, 348), (232, 228, 220), soft=6)
    for y in (180, 400, 620):
        canvas.fill(_rectangle(360, y, 860, y + 18), (120, 90, 66), soft=7)
    books = np.random.default_rng(3)
    for y, base in ((180, 0), (400, 3), (620, 5)):
        x = 372.0
        while x < 820:
            width, height = books.uniform(16, 40), books.uniform(90, 150)
            tone = _BOOKS[(base + int(books.integers(6))) % 6]
            canvas.fill(_rectangle(x, y - height, x + width, y), tone, soft=7, opacity=0.9)
            x += width + (40 if books.random() < 0.16 else 3)
    canvas.fill(_rectangle(-920, 820, 920, 1100), (112, 100, 92), soft=60, opacity=0.6)


def _garden(canvas: Canvas) -> None:
    canvas.shade(_ALL, (206, 228, 190), (74, 118, 78), angle=80)
    canvas.fill(ellipse(-420, 120, 420, 260), (246, 246, 206), soft=110, opacity=0.85)
    random = np.random.default_rng(5)
    for _ in range(46):
        x, y = random.uniform(-880, 880), random.uniform(80, 1000)
        size = random.uniform(50, 130)
        tone = mix((54, 104, 62), (150, 190, 104), float(random.random()))
        canvas.fill(ellipse(x, y, size, size * 0.8), tone, soft=30, opacity=0.5)
    for _ in range(30):
        x, y = random.uniform(-880, 880), random.uniform(20, 760)
        size = random.uniform(14, 40)
        tone = mix((250, 250, 214), (214, 236, 150), float(random.random()))
        canvas.fill(
            ellipse(x, y, size, size), tone, soft=5, opacity=float(random.uniform(0.2, 0.5))
        )
    for x, y in ((-640, 560), (-520, 640), (560, 520), (690, 610), (620, 720), (-720, 740)):
        canvas.fill(ellipse(x, y, 34, 32), (240, 150, 160), soft=12, opacity=0.75)


def _evening(canvas: Canvas) -> None:
    canvas.shade(_ALL, (52, 46, 92), (196, 110, 96), angle=90)
    canvas.fill(ellipse(360, 640, 560, 240), (250, 168, 112), soft=120, opacity=0.65)
    skyline = np.random.default_rng(9)
    x = -900.0
    while x < 900:
        width, height = skyline.uniform(60, 130), skyline.uniform(180, 430)
        canvas.fill(_rectangle(x, 860 - height, x + width, 1100), (44, 36, 66), soft=10,
                    opacity=0.75)  # fmt: skip
        x += width
    for _ in range(54):
        x, y = skyline.uniform(-880, 880), skyline.uniform(470, 900)
        size = skyline.uniform(9, 30)
        tone: Colour = ((255, 206, 128), (255, 170, 110), (255, 236, 190), (250, 140, 130))[
            int(skyline.integers(4))
        ]
        canvas.fill(
            ellipse(x, y, size, size), tone, soft=4, opacity=float(skyline.uniform(0.3, 0.75))
        )
    canvas.fill(_rectangle(-920, 900, 920, 1100), (36, 28, 54), soft=60, opacity=0.6)
