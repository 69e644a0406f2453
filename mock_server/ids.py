"""Ids and secrets of sessions, tasks and tokens.

Session and task ids are UUIDs of version 1 (RFC 9562 section 5.1), as in every recorded answer.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
import uuid
from typing import Protocol

_GREGORIAN = 0x01B21DD213814000
"""100 ns intervals between 1582-10-15 and 1970-01-01."""
_SEEDED_BEGIN = 1_735_689_600
"""Where the ids of a seeded server begin to count time: 2025-01-01."""


class Ids(Protocol):
    """Makes ids and secrets."""

    def session_id(self) -> str: ...
    def task_id(self) -> str: ...
    def secret(self) -> str:
        """32 hexadecimal digits."""

    def seed(self) -> int:
        """A number that chooses when one session's avatar blinks."""

    def reset(self) -> None:
        """As at process start."""


class IdSource:
    """Unique ids; with ``seed`` the same ones in the same order on every run."""

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """As at process start; without a seed nothing repeats."""
        self._random: random.Random = (
            secrets.SystemRandom() if self._seed is None else random.Random(self._seed)  # noqa: S311
        )
        self._node = self._random.getrandbits(48) | 1 << 40  # multicast bit: no real interface
        self._sequence = self._random.getrandbits(14)
        self._last = 0

    def _uuid(self) -> str:
        with self._lock:
            wall = _SEEDED_BEGIN * 10_000_000 if self._seed is not None else time.time_ns() // 100
            self._last = stamp = max(wall, self._last + 1)
        stamp += _GREGORIAN
        fields = (
            stamp & 0xFFFFFFFF,
            stamp >> 32 & 0xFFFF,
            stamp >> 48 & 0x0FFF,
            self._sequence >> 8,
            self._sequence & 0xFF,
            self._node,
        )
        return str(uuid.UUID(fields=fields, version=1))

    def session_id(self) -> str:
        return self._uuid()

    def task_id(self) -> str:
        return self._uuid()

    def secret(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def seed(self) -> int:
        """A number that chooses when one session's avatar blinks."""
        return self._random.getrandbits(31)
