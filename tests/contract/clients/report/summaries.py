"""A fuzz run's summary as literal values."""

from __future__ import annotations

from typing import Any

from contract.clients.sightings import Finding, Sighting
from contract.clients.summary import Counts, Summary
from contract.clients.sweep import NotApplied
from contract.clients.verdicts import Verdict
from tests.contract.clients.catalogues import CALLS, call, catalogue, healthy, outcome, plan

LIMIT = plan({"on": "sendTask", "nth": 1, "do": "status", "row": "rate-limit"})
SLOW = plan({"on": "sendTask", "nth": 1, "do": "slow", "ms": 500})

REFUSED = (CALLS[0], call("sendTask", 0.3, status=429, faults=(0,)))
LEAK = Finding(
    Verdict("leaked-session", "left the session that it knew without a stop"),
    outcome(played=LIMIT, calls=REFUSED, status=1, output="connecting\nno task: <429>\n"),
    also=tuple(SLOW),
    file="leaked-session-sendTask-status.json",
)
CRASH = Finding(
    Verdict(
        "unhandled-error", "did not handle KeyError in a.py:f", "KeyError in a.py:f", "KeyError: 1"
    ),
    outcome(played=SLOW, status=1, output="Traceback ...\nKeyError: 1\n"),
    confirmed=False,
    file="unhandled-error-sendTask-slow.json",
)
HANG = Sighting(
    Verdict("hang", "had not ended after 2.0 s (0.6 s when healthy)"),
    outcome(played=SLOW, status=None, stopped="limit"),
)
TOO_LATE = NotApplied(
    catalogue().sweep[3], "it begins after 9 s, and the client is done after 0.6 s"
)


def summary(**changes: Any) -> Summary:
    given: dict[str, Any] = {
        "client": ("--", "python", "my client.py"),
        "options": ("--media", "none"),
        "seed": 7,
        "jobs": 2,
        "media": "none",
        "began": 1_795_856_748.0,
        "seconds": 12.3456,
        "catalogue": catalogue(),
        "healthy": healthy(),
        "healthy_run": outcome(output="all well\n"),
        "limit": 4.8,
        "counts": Counts(sweep=6, planned=6, combinations=3, shrinking=2),
        "tool_version": "0.1.0",
    }
    return Summary(**{**given, **changes})


FINE = summary()
BROKEN = summary(
    findings=(LEAK, CRASH), flaky=(HANG,), not_applied=(TOO_LATE,),
)  # fmt: skip
