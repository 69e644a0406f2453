"""What is shipped, and how it is read."""

from pathlib import Path

import pytest

import mock_server.media
from mock_server.core.catalogue import AVATARS, VOICES, Emotion, Quality
from mock_server.media.library import PREVIEW_TYPE, Library

ASSETS = Path(mock_server.media.__file__).parent / "assets"


def test_all_media_are_shipped_in_at_most_eight_megabytes() -> None:
    sizes = {file.name: file.stat().st_size for file in ASSETS.iterdir()}
    assert set(sizes) == {
        "ada.jpg", "ada.media", "bruno.jpg", "bruno.media", "chika.jpg", "chika.media",
        "dario.jpg", "dario.media", "voices.media",
    }  # fmt: skip
    assert sum(sizes.values()) <= 8_000_000


def test_previews_are_small_pictures() -> None:
    assert PREVIEW_TYPE == "image/jpeg"
    for avatar in AVATARS:
        preview = Library().preview(avatar)
        assert preview.startswith(b"\xff\xd8\xff")
        assert 4_000 < len(preview) <= 25_000


def test_what_was_read_is_kept() -> None:
    library = Library()
    ada, emma = AVATARS[0], VOICES[0]
    atlas = library.vp8(ada, Emotion.NEUTRAL, Quality.LOW)
    assert library.vp8(ada, Emotion.NEUTRAL, Quality.LOW) is atlas
    assert library.vp8(ada, Emotion.SERIOUS, Quality.LOW) is not atlas
    assert library.voice(emma) is library.voice(emma)


def test_libraries_share_nothing() -> None:
    ada = AVATARS[0]
    one, other = (Library().vp8(ada, Emotion.NEUTRAL, Quality.LOW) for _ in range(2))
    assert one is not other
    assert one == other


def test_a_directory_without_media_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"ada\.media"):
        Library(tmp_path).vp8(AVATARS[0], Emotion.NEUTRAL, Quality.LOW)
