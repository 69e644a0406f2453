"""One avatar in one mood: everything painted once, eyes and mouth once for each of their states."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from mock_server.core.speech import Eyes, Mouth
from mock_server.media.build.backdrop import paint_backdrop
from mock_server.media.build.body import paint_body
from mock_server.media.build.canvas import Box, Canvas, Placement
from mock_server.media.build.expression import Expression
from mock_server.media.build.eyes import REGION as EYES_REGION
from mock_server.media.build.eyes import paint_eyes
from mock_server.media.build.hair import paint_hair, paint_hair_behind
from mock_server.media.build.head import paint_brows, paint_ears, paint_face, paint_neck
from mock_server.media.build.mouth import REGION as MOUTH_REGION
from mock_server.media.build.mouth import paint_mouth
from mock_server.media.build.people import Person
from mock_server.media.build.shapes import Path, turn

MASTER = (3840, 2160)
"""Twice the largest picture that is shipped, so that scaling down smooths every edge."""

_FACE = (0.0, 392.0)
_SIZE = 1.14
_NECK = (0.0, 230.0)


class Portrait:
    """The pictures of one person in one mood, at the size ``master``."""

    def __init__(
        self, person: Person, mood: Expression, *, master: tuple[int, int] = MASTER
    ) -> None:
        image = Image.new("RGB", master)
        still = Canvas(image)
        head = still.moved(_placement(mood))
        upright = still.moved(_placement(Expression()))
        paint_backdrop(still, person.backdrop)
        paint_hair_behind(head, person)
        paint_neck(upright, person)
        paint_body(still, person)
        paint_ears(head, person)
        paint_face(head, person, mood)
        paint_brows(head, person, mood)
        paint_hair(head, person)
        self._bare = head
        self._eyes = {eyes: self._part(EYES_REGION, paint_eyes, person, mood, eyes) for eyes in Eyes}
        self._mouths = {
            mouth: self._part(MOUTH_REGION, paint_mouth, person, mood, mouth) for mouth in Mouth
        }

    def picture(self, eyes: Eyes, mouth: Mouth) -> Image.Image:
        """The whole picture in one state."""
        picture = self._bare.image.copy()
        for box, part in (self._eyes[eyes], self._mouths[mouth]):
            picture.paste(part, box[:2])
        return picture

    def _part(
        self, region: tuple[tuple[float, float], tuple[float, float]], paint: Callable[..., None],
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


def _placement(mood: Expression) -> Placement:
    """From the face's own coordinates to the picture's."""

    def place(path: Path) -> Path:
        tilted = turn(path, mood.tilt, about=_NECK)
        return tilted * _SIZE + _FACE + mood.shift

    return place
