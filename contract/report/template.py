"""Pages with places to fill, which are written ``{{name}}``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def fill(file: Path, parts: Mapping[str, str]) -> str:
    """The page, each place filled with its part. ``parts`` are HTML.

    The place ``style`` is filled with what the pages of all reports look alike by.
    """
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    parts = {"style": style, **parts}
    # In one pass: what a part says must not be taken for a place to fill.
    first, *pieces = file.read_text(encoding="utf-8").split("{{")
    filled = [first]
    for piece in pieces:
        name, _, rest = piece.partition("}}")
        filled.append(parts[name] + rest)
    return "".join(filled)
