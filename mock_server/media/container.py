"""The file format of the shipped media: named lists of byte strings, read one list at a time.

``HGMEDIA1``, the length of the index as 32 bits big-endian, the index as JSON (name to
``[offset, [sizes]]``, offsets from the end of the index), then all bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

_MAGIC = b"HGMEDIA1"
_LENGTH = struct.Struct(">I")


class Container:
    """One file. Keeps the index only; raises ValueError when the file is none of ours."""

    def __init__(self, file: Traversable) -> None:
        self._file = file
        with file.open("rb") as stream:
            if stream.read(len(_MAGIC)) != _MAGIC:
                raise ValueError(f"not a media file: {file.name}")
            (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
            self._index: dict[str, tuple[int, list[int]]] = json.loads(stream.read(length))
        self._base = len(_MAGIC) + _LENGTH.size + length

    def names(self) -> tuple[str, ...]:
        return tuple(self._index)

    def read(self, name: str) -> tuple[bytes, ...]:
        """The byte strings stored under ``name``. Raises KeyError."""
        offset, sizes = self._index[name]
        with self._file.open("rb") as stream:
            stream.seek(self._base + offset)
            return tuple(stream.read(size) for size in sizes)


def write_container(path: Path, entries: Mapping[str, Sequence[bytes]]) -> None:
    """Writes the file that :class:`Container` reads."""
    index: dict[str, tuple[int, list[int]]] = {}
    offset = 0
    for name, parts in entries.items():
        index[name] = (offset, [len(part) for part in parts])
        offset += sum(map(len, parts))
    head = json.dumps(index, separators=(",", ":")).encode()
    body = b"".join(part for parts in entries.values() for part in parts)
    path.write_bytes(_MAGIC + _LENGTH.pack(len(head)) + head + body)
