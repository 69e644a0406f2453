"""What the Monitor may know of a subject."""

from __future__ import annotations

from contract.findings import Findings
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.subject import Answers, Subject


def knowledge_of(subject: Subject) -> Knowledge:
    """What is known of the subject beforehand."""
    keys = (subject.key, subject.other_key)
    return Knowledge(
        keys=frozenset(key for key in keys if key is not None),
        accepts_any_key=subject.accepts_any_key,
        max_sessions=subject.max_sessions,
        exclusive=subject.exclusive,
    )


def monitor_of(subject: Subject, findings: Findings, *, answers: Answers | None = None) -> Monitor:
    """A Monitor for the subject; ``answers`` is a shape that was found out before."""
    return Monitor(
        subject.spec,
        findings,
        answers=answers or subject.answers,
        knowledge=knowledge_of(subject),
    )
