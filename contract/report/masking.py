"""Keeps keys and tokens out of what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
_SHORTEST = 6


class Masking:
    """Replaces each secret, wherever it stands, by its first characters and a mask.

    A secret shorter than six characters would be found in ordinary words; it is nobody's real key.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        """``text`` with every secret masked."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: found[0][:3] + MASK, text)
