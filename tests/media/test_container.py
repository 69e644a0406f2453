"""The file of the shipped media gives back what was put in."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.media.container import Container, write_container


@given(
    st.dictionaries(st.text(max_size=8), st.lists(st.binary(max_size=40), max_size=6), max_size=6)
)
def test_what_was_written_is_read(entries: dict[str, list[bytes]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "some.media"
        write_container(file, entries)
        container = Container(file)
        assert list(container.names()) == list(entries)
        for name, parts in entries.items():
            assert list(container.read(name)) == parts


def test_another_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.media"
    file.write_bytes(b"RIFF....WEBP")
    with pytest.raises(ValueError, match=r"not a media file: other\.media"):
        Container(file)


def test_an_unknown_name_is_a_key_error(tmp_path: Path) -> None:
    file = tmp_path / "some.media"
    write_container(file, {"a": [b"1"]})
    with pytest.raises(KeyError):
        Container(file).read("b")
