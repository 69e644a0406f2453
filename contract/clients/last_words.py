"""The last that a client printed, without what hides why."""

from __future__ import annotations

import re

from contract.clients.outcome import Outcome

_RUN_TIME = re.compile(r"Node\.js v\d[\w.-]*$")
"""What Node prints below every error that nobody handled."""


def last_words(outcome: Outcome, *, most: int = 3) -> list[str]:
    """At most so many lines: those that name the errors which nobody handled, else the last ones
    that are not blank.
    """
    named = [line for trace in outcome.errors for line in trace.named if line.strip()]
    if named:
        return named[-most:]
    lines = [line.rstrip() for line in outcome.ended.output.splitlines() if line.strip()]
    return [line for line in lines if not _RUN_TIME.match(line)][-most:]
