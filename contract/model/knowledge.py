"""What a Monitor knows of the server beforehand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Knowledge:
    """``keys`` are the valid API keys, each an account; None where they are not known.

    ``complete`` says that the Monitor sees every exchange from the server's start; a recording
    begins and ends in the middle of things. ``exclusive`` says that nobody else uses the keys.
    ``max_sessions`` is the limit of active sessions per account; None where it is not known, 0
    for none.
    """

    keys: frozenset[str] | None = None
    accepts_any_key: bool = False
    max_sessions: int | None = None
    complete: bool = True
    exclusive: bool = True
