"""How the bytes of one answer reach the client, or do not: steps for whoever holds the socket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """Hands over these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits; None is for as long as the client does."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class End:
    """Closes the connection; ``reset`` by a TCP RST, which takes along what was not read yet."""

    reset: bool = False


Step = Write | Pause | End


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an answer: whether its status can be read, and whether all of it comes."""

    status: bool = True
    whole: bool = True
