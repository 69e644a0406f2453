"""What a guard is told at its start."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.spec import Answers

REAL_URL = "https://api.heygen.com"

MINIMUM_BILLED = 30.0
"""Seconds that each session is billed for at least (public pricing notes, 2025-11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardConfig:
    """``target`` is the service's base URL; None elsewhere means no limit.

    ``sessions`` and ``minutes`` are the budget; minutes are counted as billed, so that each
    session takes at least half of one. ``max_open`` is how many sessions may be open at once and
    ``max_age`` the seconds after which one is stopped. ``rate`` is in requests per second,
    ``max_wait`` the longest Retry-After that is waited for and ``timeout`` the longest wait for an
    answer, in seconds.

    ``concurrent`` is for a guard in front of which any client runs, even one in a browser: calls
    do not wait for each other, and CORS preflights are answered. Without it the service sees one
    request at a time.

    ``state`` is the directory of the journals, ``exchanges`` whether each exchange is handed to
    the parent, ``reap`` whether leftovers of dead runs are stopped first.
    """

    target: str = REAL_URL
    sessions: int | None = None
    minutes: float | None = None
    max_open: int | None = 2
    max_age: float | None = 300.0
    rate: float | None = 5.0
    max_wait: float = 60.0
    timeout: float = 60.0
    concurrent: bool = False
    answers: Answers = "auto"
    state: Path | None = None
    port: int = 0
    exchanges: bool = True
    reap: bool = True

    @property
    def journals(self) -> Path:
        """The directory of the journals."""
        return self.state or state_directory(os.environ, sys.platform)

    def to_json(self) -> dict[str, Any]:
        """The fields, as :func:`config_from_json` takes them."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return values | {"state": None if self.state is None else str(self.state)}


def config_from_json(values: Mapping[str, Any]) -> GuardConfig:
    """The inverse of :meth:`GuardConfig.to_json`."""
    state = values["state"]
    return GuardConfig(**{**values, "state": None if state is None else Path(state)})


def state_directory(environment: Mapping[str, str], platform: str) -> Path:
    """Where this user's programs keep what outlives a run.

    By XDG Base Directory 0.8, and on macOS, where nobody has said otherwise, by Apple's File
    System Programming Guide.
    """
    given = environment.get("XDG_STATE_HOME", "")
    if given.startswith("/"):  # the specification: other paths are to be ignored
        return Path(given) / "heygen-contract"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "heygen-contract"
    return Path.home() / ".local" / "state" / "heygen-contract"
