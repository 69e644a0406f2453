"""A defective client: of a refusal that names a time to wait it repeats the call at once."""

from __future__ import annotations

from tests.clients.api import Failure, from_environment
from tests.clients.brief import CALL_SECONDS, visit
from tests.clients.program import run


def at_once(failure: Failure) -> float | None:
    if failure.nth == 3 or failure.status not in (429, 503):
        return None
    return 0.02  # the defect: failure.retry_after is not looked at


if __name__ == "__main__":
    run("hasty", lambda: visit(from_environment(seconds=CALL_SECONDS, again=at_once)))
