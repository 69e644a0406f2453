"""A recording against the contract: every exchange, with what was going on beside it."""

from __future__ import annotations

from collections.abc import Sequence

from contract.exchange import Exchange
from contract.findings import Findings, Profile
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import Shape, Spec
from contract.subject import Answers


def judge(
    exchanges: Sequence[Exchange],
    spec: Spec,
    *,
    profile: Profile = "real",
    answers: Answers = "auto",
) -> tuple[Findings, Shape | None]:
    """What breaks a rule, and the shape of answers that was held (None when none succeeded).

    The exchanges may overlap and come in any order. What happened before, after and beside them
    is unknown, not wrong: other programs may use the same keys, and sessions and tokens may be
    older than the recording.
    """
    findings = Findings(spec, profile)
    knowledge = Knowledge(complete=False, exclusive=False)
    monitor = Monitor(spec, findings, answers=answers, knowledge=knowledge)
    ordered = sorted(exchanges, key=lambda exchange: (exchange.ended, exchange.number))
    for place, exchange in enumerate(ordered):
        later = ordered[place + 1 :]
        monitor.observe(exchange, during=[e for e in later if e.began < exchange.ended])
    return findings, monitor.shape
