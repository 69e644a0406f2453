"""The check of the real API: the probe, played through the guard, and one verdict if it fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field

from contract.exchange import Exchange, Request, Response, Send, UnreachableError
from contract.findings import Findings, Violation
from contract.guard.config import GuardConfig
from contract.guard.plan import Plan
from contract.guard.process import GuardProcess
from contract.guard.verdict import Outcome, OverError, Watched, look
from contract.guard.wire import GuardReport, Reaped
from contract.spec import Answers, Spec
from contract.stimuli.actions import from_json
from contract.stimuli.distilled import play_histories
from contract.subject import Progress, Subject, Viewer
from contract.transport import HttpSend
from contract.unable import UnableError

_LOG = logging.getLogger(__name__)

MAX_AGE = 120.0
"""Seconds that a session of the probe is open at most."""

_TIMEOUT = 180.0
"""Seconds: the guard may wait for a Retry-After, and then for the service."""


@dataclass(frozen=True, slots=True)
class RealRun:
    """``words`` say why the outcome is what it is; ``whole`` of ``histories`` were played to their
    ends, and ``missed`` are rules of the others only. ``report`` is None when the guard was killed;
    ``sentinel`` stands for the key in the exchanges.
    """

    outcome: Outcome
    words: str
    findings: Findings
    whole: int
    histories: int
    missed: frozenset[str]
    report: GuardReport | None
    reaped: Reaped
    sentinel: str
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
    found: Callable[[Violation], None] = lambda violation: None,
    reaped: Callable[[Reaped], None] = lambda reaped: None,
    waits: Callable[[str], None] = lambda words: None,
    pause: Callable[[float], None] = time.sleep,
) -> RealRun:
    """Plays the plan's histories at ``config.target``, through a guard of that configuration.

    ``key`` is the real one, and goes to the guard only. What an earlier run left open is stopped
    first, and told to ``reaped``. ``progress`` is in requests; ``found`` is told of each violation
    as it comes, ``waits`` why nothing happens for a while. Ctrl-C ends it early, with what was
    found so far. Raises UnableError where the guard does not start or the plan cannot be read.
    """
    try:
        histories = [from_json(list(history.actions)) for history in plan.histories]
    except ValueError as problem:
        raise UnableError(f"the probe: {problem}; `make distil` writes it anew") from None
    findings = Findings(spec, "real")
    seen: list[Exchange] = []
    outcome: Outcome = "judged"
    words, interrupted = "", False
    whole: set[int] = set()
    with GuardProcess(config, spec=spec, key=key, on_exchange=seen.append) as guard:
        reaped(guard.reaped)
        plain = HttpSend(guard.url, timeout=_TIMEOUT)
        watched = Watched(plain, spec, pause, waits=waits, max_wait=config.max_wait)
        teller = _Teller(watched, findings, plan, progress, found)
        subject = Subject(
            spec=spec,
            url=guard.url,
            send=teller,
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
                for place, to_its_end in enumerate(played):
                    if to_its_end:
                        whole.add(place)
                    teller.history = place + 2
        except OverError as over:
            outcome, words = over.outcome, str(over)
        except UnreachableError as problem:
            outcome, words = "unreachable", f"the guard is gone: {problem}"
        except KeyboardInterrupt:
            interrupted = True
        except Exception as problem:  # noqa: BLE001 - it is told
            # Ours, and no reason to lose what was found before it.
            _LOG.exception("the judge failed")
            outcome, words = "judge failed", f"a mistake of the judge: {problem!r}"
        finally:
            plain.close()
        report = _report(guard)
    if outcome == "judged" and watched.spent:
        outcome, words = "budget spent", watched.spent
    run = RealRun(
        outcome=outcome,
        words=words,
        findings=findings,
        whole=len(whole),
        histories=len(histories),
        missed=_missed(plan, whole),
        report=report,
        reaped=guard.reaped,
        sentinel=guard.sentinel,
        interrupted=interrupted,
        exchanges=tuple(seen),
    )
    if run.judged:  # of a service that is gone the guard has seen only that
        _add(findings, report)
    teller.tell()
    return run


class _Teller:
    """Sends, and first tells what the answers before have come to."""

    def __init__(
        self,
        send: Send,
        findings: Findings,
        plan: Plan,
        progress: Progress,
        found: Callable[[Violation], None],
    ) -> None:
        self.history = 1
        """Which one is played, from one on."""
        self._send = send
        self._findings = findings
        self._plan = plan
        self._progress = progress
        self._found = found
        self._sent = 0
        self._told = 0

    def __call__(self, request: Request) -> Response:
        self.tell()
        total = max(self._plan.requests + 1, self._sent)  # the first look is none of the plan's
        note = f"history {self.history} of {len(self._plan.histories)}"
        self._progress(self._sent, total, note)
        self._sent += 1
        return self._send(request)

    def tell(self) -> None:
        """Tells of the violations that are new."""
        violations = self._findings.violations
        while self._told < len(violations):
            self._told += 1
            self._found(violations[self._told - 1])


def _missed(plan: Plan, whole: Collection[int]) -> frozenset[str]:
    played = Plan(tuple(plan.histories[place] for place in whole))
    return plan.rules - played.rules


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
