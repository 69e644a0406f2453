"""Every shipped picture decodes, in any order, and says what it shows."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import numpy as np
import pytest
from av.video.frame import VideoFrame

from mock_server.core.catalogue import AVATARS, Avatar, Emotion, Quality
from mock_server.media.library import Library
from mock_server.media.payloads import nal_units
from mock_server.media.stamp import Stamp
from tests.media.decoding import PictureDecoder, all_states, planes_of, psnr, stamp_of
from tests.media.vp8_header import changes_of

BY_NAME = pytest.mark.parametrize("avatar", AVATARS, ids=lambda avatar: avatar.name)
LIBRARY = Library()


def digest(picture: VideoFrame) -> bytes:
    return hashlib.blake2b(b"".join(bytes(plane) for plane in picture.planes)).digest()


@BY_NAME
@pytest.mark.parametrize("quality", Quality)
def test_every_picture_decodes_in_random_order_as_in_order_with_its_stamp(
    avatar: Avatar, quality: Quality
) -> None:
    order = random.Random(avatar.number)
    for emotion in Emotion:
        atlas = LIBRARY.vp8(avatar, emotion, quality)
        decoder = PictureDecoder("vp8")
        key = decoder.picture(atlas.key_frame)
        assert (key.width, key.height) == quality.size
        assert stamp_of(key) == Stamp(avatar.number, emotion, *all_states()[0][::-1])
        in_order = []
        for state, (eyes, mouth) in enumerate(all_states()):
            picture = decoder.picture(atlas.frame(state))
            assert stamp_of(picture) == Stamp(avatar.number, emotion, mouth, eyes)
            in_order.append(digest(picture))
        for state in order.sample(range(24), 24):
            assert digest(decoder.picture(atlas.frame(state))) == in_order[state]


@BY_NAME
def test_no_state_changes_what_a_decoder_keeps(avatar: Avatar) -> None:
    for emotion in Emotion:
        for quality in Quality:
            for frame in LIBRARY.vp8(avatar, emotion, quality).frames:
                changes = changes_of(frame)
                assert not changes.references
                assert not changes.refresh_entropy
                assert changes.segmentation_is_whole


@BY_NAME
def test_payloads_are_the_frames_cut_for_rtp(avatar: Avatar) -> None:
    for emotion in Emotion:
        for quality in Quality:
            atlas = LIBRARY.vp8(avatar, emotion, quality)
            assert b"".join(payload[1:] for payload in atlas.key) == atlas.key_frame
            for frame, payloads in zip(atlas.frames, atlas.states, strict=True):
                assert b"".join(payload[1:] for payload in payloads) == frame
                assert len(payloads) <= 4


@BY_NAME
def test_a_face_at_rest_costs_next_to_nothing(avatar: Avatar) -> None:
    for emotion in Emotion:
        for quality in Quality:
            assert len(LIBRARY.vp8(avatar, emotion, quality).frame(0)) < 600


@BY_NAME
def test_emotions_eyes_and_mouths_can_be_told_apart(avatar: Avatar) -> None:
    faces = []
    for emotion in Emotion:
        atlas = LIBRARY.vp8(avatar, emotion, Quality.LOW)
        decoder = PictureDecoder("vp8")
        decoder.picture(atlas.key_frame)
        states = [planes_of(decoder.picture(frame))[0][:430] for frame in atlas.frames]
        faces.append(states[0][100:320, 330:520])
        eyes = [states[n][150:230, 340:510] for n in (0, 8, 16)]
        mouths = [state[230:320, 370:490] for state in states[:8]]
        assert all(psnr(one, other) < 32 for one, other in combinations(eyes, 2))
        assert all(psnr(one, other) < 40 for one, other in combinations(mouths, 2))
    assert all(psnr(one, other) < 30 for one, other in combinations(faces, 2))


def test_avatars_can_be_told_apart() -> None:
    faces = []
    for avatar in AVATARS:
        key = LIBRARY.vp8(avatar, Emotion.NEUTRAL, Quality.LOW).key_frame
        faces.append(planes_of(PictureDecoder("vp8").picture(key))[0])
    assert all(psnr(one, other) < 20 for one, other in combinations(faces, 2))


@pytest.mark.parametrize(
    ("avatar", "quality"), [*((face, Quality.LOW) for face in AVATARS), (AVATARS[0], Quality.HIGH)]
)
def test_h264_is_made_in_a_thread_and_shows_the_same(avatar: Avatar, quality: Quality) -> None:
    emotion = Emotion.SOOTHING
    library = Library()
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: library.h264(avatar, emotion, quality), range(2))
    assert one is other
    vp8 = LIBRARY.vp8(avatar, emotion, quality)
    reference, viewer = PictureDecoder("vp8"), PictureDecoder("h264")
    reference.picture(vp8.key_frame)
    for state, (eyes, mouth) in enumerate(all_states()):
        picture = viewer.picture(one.frame(state, parity=state % 2))
        assert stamp_of(picture) == Stamp(avatar.number, emotion, mouth, eyes)
        shown, wanted = planes_of(picture)[0], planes_of(reference.picture(vp8.frame(state)))[0]
        assert psnr(np.asarray(shown), wanted) > 36


@pytest.mark.parametrize(
    ("quality", "level"), [(Quality.LOW, 30), (Quality.MEDIUM, 31), (Quality.HIGH, 40)]
)
def test_each_h264_picture_is_one_key_frame_with_its_parameter_sets(
    quality: Quality, level: int
) -> None:
    atlas = LIBRARY.h264(AVATARS[0], Emotion.NEUTRAL, quality)
    for pair, payloads in zip(atlas.frames, atlas.states, strict=True):
        ids = []
        for frame, cut in zip(pair, payloads, strict=True):
            units = nal_units(frame)
            assert [unit[0] & 0x1F for unit in units] == [7, 8, 5]
            assert units[0][1] == 66  # Baseline
            assert units[0][3] == level
            ids.append(idr_pic_id(units[2]))
            assert cut[0][0] & 0x1F == 24
            assert all(len(payload) <= 1200 for payload in cut)
        assert ids[0] != ids[1]


def idr_pic_id(unit: bytes) -> int:
    """Of a slice of one picture (ITU-T H.264, 7.3.3), where frame_num has four bits."""
    bits = "".join(f"{byte:08b}" for byte in unit[1:17])

    def exp_golomb(at: int) -> tuple[int, int]:
        zeros = bits.index("1", at) - at
        end = at + 2 * zeros + 1
        return int(bits[at + zeros : end], 2) - 1, end

    at = 0
    for _ in range(3):  # first_mb_in_slice, slice_type, pic_parameter_set_id
        _, at = exp_golomb(at)
    return exp_golomb(at + 4)[0]
