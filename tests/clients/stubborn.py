"""A defective client: it repeats a failed call at once and for ever."""

from __future__ import annotations

from tests.clients.api import Failure, from_environment
from tests.clients.brief import CALL_SECONDS, visit
from tests.clients.program import run


def for_ever(failure: Failure) -> float:
    return 0  # the defect: after no time, and never None


if __name__ == "__main__":
    run("stubborn", lambda: visit(from_environment(seconds=CALL_SECONDS, again=for_ever)))
