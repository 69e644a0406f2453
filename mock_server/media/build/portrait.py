"""One avatar in one mood: everything painted once, eyes and mouth once for each of their states."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mock_server.core.speech import Eyes, Mouth
from mock_server.media.build.backdrop import paint_backdrop
from mock_server.media.build.body import paint_body
from mock_server.media.build.canvas import Box, Canvas, Placement
from mock_server.media.build.expression import Expression
from mock_server.media.build.eyes import REGION as EYES_REGION
from mock_server.media.build.eyes import paint_eyes
from mock_server.media.build.hair import paint_hair, paint_hair_behind
from mock_server.media.build.head import paint_brows, paint_ears, paint_face
from mock_server.media.build.mouth import REGION as MOUTH_REGION
from mock_server.media.build.mouth import jaw_drop, paint_mouth
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import Path, turn

MASTER = (3840, 2160)
"""Twice the largest picture that is shipped, so that scaling down smooths every edge."""

_FACE = (0.0, 416.0)
_SIZE = 1.14
_NECK = (0.0, 230.0)

# All above the brows is made lower: an illustration pleases with larger eyes than life's.
_BROWS, _FOREHEAD = -80.0, 0.88

# Share of the jaw's movement: down the face, and from its middle to the side.
_JAW_DOWN = ((118.0, 206.0, 222.0, 266.0), (0.0, 1.0, 1.0, 0.0))
_JAW_ACROSS = ((40.0, 146.0), (1.0, 0.0))


class Portrait:
    """The pictures of one person in one mood, at the size ``master``."""

    def __init__(
        self, person: Person, mood: Expression, *, master: tuple[int, int] = MASTER
    ) -> None:
        image = Image.new("RGB", master)
        still = Canvas(image)
        head = still.moved(_placement(mood))
        paint_backdrop(still, person.backdrop)
        paint_hair_behind(head, person)
        paint_body(still, person)
        paint_ears(head, person)
        paint_face(head, person, mood)
        paint_brows(head, person, mood)
        paint_hair(head, person)
        self._bare = head
        self._eyes = {
            eyes: self._part(EYES_REGION, paint_eyes, person, mood, eyes) for eyes in Eyes
        }
        self._mouths = {}
        for mouth in Mouth:
            box, part = self._part(MOUTH_REGION, paint_mouth, person, mood, mouth)
            self._mouths[mouth] = box, self._dropped(box, part, mood, jaw_drop(mouth))

    def picture(self, eyes: Eyes, mouth: Mouth) -> Image.Image:
        """The whole picture in one state."""
        picture = self._bare.image.copy()
        for box, part in (self._eyes[eyes], self._mouths[mouth]):
            picture.paste(part, box[:2])
        return picture

    def _part(
        self,
        region: tuple[tuple[float, float], tuple[float, float]],
        paint: Callable[..., None],
        *subject: object,
    ) -> tuple[Box, Image.Image]:
        """The part of the picture that one painter changes."""
        (left, top), (right, bottom) = region
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        box = self._bare.box(corners)
        assert box is not None
        canvas = self._bare.copy()
        paint(canvas, *subject)
        return box, canvas.image.crop(box)

    def _dropped(self, box: Box, part: Image.Image, mood: Expression, drop: float) -> Image.Image:
        """Pulls the chin down: most at the chin, nothing at the upper lip, sides and neck."""
        if not drop:
            return part
        scale = self._bare.image.height / 1000
        x, y = np.meshgrid(np.arange(box[0], box[2]), np.arange(box[1], box[3]))
        pixels = np.stack([x.ravel() - self._bare.image.width / 2, y.ravel()], 1) / scale
        face = turn((pixels - _FACE - mood.shift) / _SIZE, -mood.tilt, about=_NECK)
        falling = np.interp(face[:, 1], *_JAW_DOWN) * np.interp(np.abs(face[:, 0]), *_JAW_ACROSS)
        source = y - (falling * drop * _SIZE * scale).reshape(y.shape) - box[1]
        return _rows_from(np.asarray(part), source)


def _rows_from(pixels: NDArray[np.uint8], source: Path) -> Image.Image:
    """Each pixel from the row that ``source`` gives for it, between two rows if need be."""
    source = np.clip(source, 0, len(pixels) - 1.001)
    row = source.astype(int)
    share = (source - row)[..., None]
    column = np.arange(pixels.shape[1])[None]
    mixed = pixels[row, column] * (1 - share) + pixels[row + 1, column] * share
    return Image.fromarray((mixed + 0.5).astype(np.uint8))


def _placement(mood: Expression) -> Placement:
    """From the face's own coordinates to the picture's."""

    def place(path: Path) -> Path:
        x, y = path.T
        lower = np.stack([x, np.where(y < _BROWS, _BROWS + (y - _BROWS) * _FOREHEAD, y)], 1)
        tilted = turn(lower, mood.tilt, about=_NECK)
        return tilted * _SIZE + _FACE + mood.shift

    return place
