"""The builder draws and sings what is shipped."""

import numpy as np
import pytest
from PIL import Image

from mock_server.core.catalogue import AVATARS, VOICES, Avatar, Emotion, Quality
from mock_server.core.speech import Eyes, Mouth
from mock_server.media.build.encode import encode_star
from mock_server.media.build.expression import EXPRESSIONS
from mock_server.media.build.people import PEOPLE
from mock_server.media.build.pictures import planes
from mock_server.media.build.portrait import Portrait
from mock_server.media.build.voices import encode_opus, synthesise
from mock_server.media.library import Library
from mock_server.media.stamp import Stamp, decode_stamp
from tests.media.decoding import PictureDecoder, heard, planes_of, psnr, stamp_of

SAMPLE = [
    (AVATARS[0], Emotion.EXCITED, Quality.HIGH, Eyes.HALF, Mouth.WIDE),
    (AVATARS[1], Emotion.SERIOUS, Quality.MEDIUM, Eyes.OPEN, Mouth.REST),
    (AVATARS[2], Emotion.SOOTHING, Quality.LOW, Eyes.SHUT, Mouth.ROUND),
    (AVATARS[3], Emotion.BROADCASTER, Quality.MEDIUM, Eyes.OPEN, Mouth.TEETH),
]


@pytest.mark.parametrize(("avatar", "emotion", "quality", "eyes", "mouth"), SAMPLE)
def test_a_picture_drawn_anew_is_the_shipped_one(
    *, avatar: Avatar, emotion: Emotion, quality: Quality, eyes: Eyes, mouth: Mouth
) -> None:
    portrait = Portrait(PEOPLE[avatar.name], EXPRESSIONS[emotion])
    atlas = Library().vp8(avatar, emotion, quality)
    viewer = PictureDecoder("vp8")
    viewer.picture(atlas.key_frame)
    stamp = Stamp(avatar.number, emotion, mouth, eyes)
    drawn = planes(portrait.picture(eyes, mouth), quality.size, stamp)
    shipped = viewer.picture(atlas.frame(eyes * 8 + mouth))
    assert stamp_of(shipped) == stamp
    for one, other in zip(drawn, planes_of(shipped), strict=True):
        assert psnr(one, other) >= 40


def test_the_stamp_survives_scaling_to_half_and_back() -> None:
    stamp = Stamp(2, Emotion.FRIENDLY, Mouth.TEETH, Eyes.HALF)
    for quality in Quality:
        luma, *_ = planes(Image.new("RGB", (1920, 1080), (180, 90, 40)), quality.size, stamp)
        width, height = quality.size
        half = Image.fromarray(luma).resize((width // 2, height // 2), Image.Resampling.BILINEAR)
        again = half.resize((1280, 720), Image.Resampling.BICUBIC)
        for picture in (half, again):
            assert (
                decode_stamp(
                    picture.tobytes(),
                    width=picture.width,
                    height=picture.height,
                    stride=picture.width,
                )
                == stamp
            )


def test_states_refer_to_the_key_frame_alone() -> None:
    shades = [
        tuple(np.full(size, 40 + 7 * n, np.uint8) for size in ((90, 160), (45, 80), (45, 80)))
        for n in range(5)
    ]
    key, *frames = encode_star([(a, b, c) for a, b, c in shades], quantizer=4)
    for order in ((4, 0, 3, 1, 2), (2, 2, 0, 4, 4)):
        viewer = PictureDecoder("vp8")
        viewer.picture(key)
        for state in order:
            shown = planes_of(viewer.picture(frames[state]))[0]
            assert abs(int(shown[40, 80]) - (40 + 7 * state)) <= 2


def test_a_recording_sung_anew_is_the_shipped_one() -> None:
    for voice in VOICES:
        sung = encode_opus(synthesise(voice, "a", 1, stressed=True, slots=8))
        shipped = Library().voice(voice).sounds["a", 1, True, 8]
        assert len(sung) == len(shipped) == 8
        assert np.abs(heard(sung) - heard(shipped)).max() < 0.05
