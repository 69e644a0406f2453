"""The check of the real API: the probe, played through the guard, and one verdict if it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from contract.exchange import Exchange, UnreachableError
from contract.findings import Findings
from contract.guard.config import GuardConfig
from contract.guard.plan import Plan
from contract.guard.process import GuardProcess
from contract.guard.verdict import Outcome, OverError, Watched, look
from contract.guard.wire import GuardReport, Reaped
from contract.spec import Spec
from contract.stimuli.actions import from_json
from contract.stimuli.distilled import play_histories
from contract.subject import Answers, Progress, Subject, Viewer
from contract.transport import HttpSend
from contract.unable import UnableError

MAX_AGE = 120.0
"""Seconds that a session of the probe is open at most."""

_TIMEOUT = 180.0
"""Seconds: the guard may wait for a Retry-After, and then for the service."""


@dataclass(frozen=True, slots=True)
class RealRun:
    """``words`` say why the outcome is what it is; ``whole`` of ``histories`` were played to their
    ends. ``report`` is None when the guard was killed.
    """

    outcome: Outcome
    words: str
    findings: Findings
    whole: int
    histories: int
    report: GuardReport | None
    reaped: Reaped
    interrupted: bool = False
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)

    @property
    def judged(self) -> bool:
        """Whether the findings say something about the service."""
        return self.outcome in {"judged", "budget spent"}


def run_real(
    spec: Spec,
    plan: Plan,
    config: GuardConfig,
    *,
    key: str,
    answers: Answers = "auto",
    viewer: Viewer | None = None,
    seed: int = 1,
    progress: Progress,
    pause: Callable[[float], None] = time.sleep,
) -> RealRun:
    """Plays the plan's histories at ``config.target``, through a guard of that configuration.

    ``key`` is the real one, and goes to the guard only. What an earlier run left open is stopped
    first. Ctrl-C ends it early, with what was found so far. Raises UnableError where the guard
    does not start or the plan cannot be read.
    """
    try:
        histories = [from_json(list(history.actions)) for history in plan.histories]
    except ValueError as problem:
        raise UnableError(f"the probe: {problem}; `make distil` writes it anew") from None
    findings = Findings(spec, "real")
    seen: list[Exchange] = []
    outcome: Outcome = "judged"
    words, whole, interrupted = "", 0, False
    with GuardProcess(config, spec=spec, key=key, on_exchange=seen.append) as guard:
        plain = HttpSend(guard.url, timeout=_TIMEOUT)
        subject = Subject(
            spec=spec,
            url=guard.url,
            send=Watched(plain, spec, pause),
            key=guard.sentinel,
            profile="real",
            answers=answers,
            viewer=viewer,
            exclusive=False,
            seed=seed,
            concurrent=False,
        )
        try:
            look(subject.send, spec, subject.key)
            with closing(play_histories(subject, findings, histories)) as played:
                for done, to_its_end in enumerate(played, start=1):
                    whole += to_its_end
                    progress(done, len(histories))
        except OverError as over:
            outcome, words = over.outcome, str(over)
        except UnreachableError as problem:
            outcome, words = "unreachable", f"the guard is gone: {problem}"
        except KeyboardInterrupt:
            interrupted = True
        finally:
            plain.close()
        report = _report(guard)
    run = RealRun(
        outcome=outcome,
        words=words,
        findings=findings,
        whole=whole,
        histories=len(histories),
        report=report,
        reaped=guard.reaped,
        interrupted=interrupted,
        exchanges=tuple(seen),
    )
    if run.judged:  # of a service that is gone the guard has seen only that
        _add(findings, report)
    return run


def _report(guard: GuardProcess) -> GuardReport | None:
    try:
        return guard.stop()
    except UnreachableError:
        return None


def _add(findings: Findings, report: GuardReport | None) -> None:
    """What the guard alone has seen to be wrong, for instance in answers to its own calls."""
    known = {violation.key for violation in findings.violations}
    for violation in () if report is None else report.violations:
        if violation.key not in known:
            known.add(violation.key)
            findings.held(violation.rule.id)
            findings.violations.append(violation)
