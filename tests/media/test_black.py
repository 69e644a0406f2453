from __future__ import annotations

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from mock_server.core.catalogue import AVATARS, Emotion, Quality
from mock_server.media.atlas import H264Atlas
from mock_server.media.black import black_pictures, vp8_size
from mock_server.media.library import Library


@pytest.mark.parametrize("quality", [Quality.LOW, Quality.MEDIUM])
def test_a_key_frame_tells_its_size(quality: Quality) -> None:
    atlas = Library().vp8(AVATARS[0], Emotion.NEUTRAL, quality)
    assert vp8_size(atlas.key_frame) == quality.size


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_black_pictures_have_the_size_of_the_others_and_are_black(codec: str) -> None:
    like = Library().vp8(AVATARS[0], Emotion.NEUTRAL, Quality.LOW)
    atlas = black_pictures(codec, like=like)
    frame = atlas.frame(7, 0) if isinstance(atlas, H264Atlas) else atlas.frame(7)
    decoder = av.CodecContext.create(codec.lower(), "r")
    assert isinstance(decoder, VideoCodecContext)
    (picture,) = [*decoder.decode(av.Packet(frame)), *decoder.decode(None)]
    assert (picture.width, picture.height) == (854, 480)
    luma = bytes(picture.planes[0])
    assert max(luma[:854]) <= 18
