"""What runs a client once: a command or a page, with one face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

Why = Literal["limit", "storm", "interrupted"]
"""Why a client was stopped from outside: its time was up, it called the server too often, or the
user wants to end."""

_STOPPED: Mapping[Why, str] = {
    "limit": "stopped at the limit",
    "storm": "stopped, because it called too often",
    "interrupted": "stopped by the user",
}

Watch = Callable[[], Why | None]
"""Asked by a runner every :data:`LOOK_EVERY` seconds: whether the client is to be stopped now.

It may ask the fake over HTTP, so it takes a few milliseconds.
"""

LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client finds the fake: its base URL, without a slash at the end, and a key."""

    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the runner itself saw go wrong. ``text`` is shown; two complaints of one ``signature``
    are the same defect, so it names no line addresses, ids or times.

    ``of``: ``error`` is an error that nobody handled, ``no-video`` a video that does not play.
    """

    of: Literal["error", "no-video"]
    signature: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run of a client ended.

    ``status`` is what it said of itself: 0 for "all went well" (of a page: it became ready), any
    other for a failure that it told; None when it did not end by itself. ``signal`` is the signal
    that ended it, when none of ours did. ``output`` is what it printed (of a page: its console),
    the middle of much of it left out. Of a client that ``stopped`` says was stopped from outside,
    status and signal mean nothing.
    """

    seconds: float
    status: int | None = None
    signal: int | None = None
    stopped: Why | None = None
    output: str = ""
    complaints: tuple[Complaint, ...] = ()

    @property
    def how(self) -> str:
        """In a few words."""
        if self.stopped is not None:
            return _STOPPED[self.stopped]
        if self.status is None and self.signal is None:
            return "not run"
        return f"signal {self.signal}" if self.signal is not None else f"status {self.status}"


class Runner(Protocol):
    """Runs a client again and again, one run at a time, always in the same thread."""

    def run(self, at: Address, *, limit: float, watch: Watch) -> Ended:
        """Runs it once, for ``limit`` seconds at most, and leaves nothing of it behind.

        Raises UnableError when the client cannot be run at all.
        """
        ...


Hire = Callable[[], AbstractContextManager[Runner]]
"""Makes the runner of one job, in the job's own thread, which also leaves the context."""
