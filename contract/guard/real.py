"""The check of the real API: the probe, played through the guard, and one verdict if it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

from contract.exchange import Exchange, Request, Response, Send, UnreachableError
from contract.findings import Findings
from contract.guard.answers import MARK
from contract.guard.config import GuardConfig
from contract.guard.plan import Plan
from contract.guard.process import GuardProcess
from contract.guard.wire import GuardReport, Reaped
from contract.spec import Spec
from contract.stimuli.actions import from_json
from contract.stimuli.distilled import SpoiledError, play_histories
from contract.subject import Answers, Progress, Subject, Viewer
from contract.transport import HttpSend
from contract.unable import UnableError

Outcome = Literal[
    "judged", "unreachable", "gone", "key refused", "no quota", "rate limited", "budget spent"
]
"""``judged`` and ``budget spent`` are judgements; the others say why there is none."""

MAX_AGE = 120.0
"""Seconds that a session of the probe is open at most."""

_NO_QUOTA = frozenset({"quota-not-enough", "trial-limit", "session-full", "no-api-access"})
_REFUSED = frozenset({"forbidden"})
_BUSY_TRIES = 3
_FAILURES = 3
"""So many answers of 5xx in a row are a service that is out of order."""
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


class _OverError(UnreachableError):
    """The run ends here, with this outcome."""

    def __init__(self, outcome: Outcome, words: str) -> None:
        super().__init__(words)
        self.outcome = outcome


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
            send=_Watched(plain, spec, pause),
            key=guard.sentinel,
            profile="real",
            answers=answers,
            viewer=viewer,
            exclusive=False,
            seed=seed,
            concurrent=False,
        )
        try:
            _look(subject)
            with closing(play_histories(subject, findings, histories)) as played:
                for done, to_its_end in enumerate(played, start=1):
                    whole += to_its_end
                    progress(done, len(histories))
        except _OverError as over:
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


def _look(subject: Subject) -> None:
    """One call that costs nothing: is this the API, and does it take the key? Raises _OverError."""
    operation = subject.spec.operations["listSessions"]
    key = (("x-api-key", subject.key),)
    response = subject.send(Request(operation.method, operation.path, key))
    if response.status >= 300 and not _speaks(response):
        raise _OverError(
            "gone",
            f"{operation.path} is answered with status {response.status} and nothing of the API: "
            "the service has been switched off, or this is another one",
        )
    if response.status in {404, 410}:
        raise _OverError("gone", f"{operation.path} is answered with status {response.status}")


def _speaks(response: Response) -> bool:
    """Whether an error is in the API's form."""
    try:
        body = response.json
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and isinstance(body.get("code"), int | str)


class _Watched:
    """Sends, and ends the run where going on would only repeat one and the same failure."""

    def __init__(self, send: Send, spec: Spec, pause: Callable[[float], None]) -> None:
        self._send = send
        self._spec = spec
        self._pause = pause
        self._failures = 0

    def __call__(self, request: Request) -> Response:
        """Raises _OverError; SpoiledError when the guard has ended the session."""
        response = self._answered(request)
        match response.header(MARK):
            case "unreachable":
                raise _OverError("unreachable", _message(response))
            case "key-refused":
                raise _OverError("key refused", "the service refuses the key (status 401)")
            case "budget":
                raise _OverError("budget spent", _message(response))
            case "ending":
                raise _OverError("unreachable", _message(response))
            case None:
                pass
            case mark:
                raise SpoiledError(mark)
        self._failures = self._failures + 1 if response.status >= 500 else 0
        if self._failures >= _FAILURES:
            words = f"the service fails: status {response.status}, {_FAILURES} times in a row"
            raise _OverError("gone", words)
        self._look_at_error(request, response)
        return response

    def _answered(self, request: Request) -> Response:
        """Once more where the service asks for patience: before it, the guard waits as asked."""
        for _ in range(_BUSY_TRIES):
            response = self._send(request)
            if response.status != 429 or response.header(MARK) is not None:
                return response
            if response.header("retry-after") is None:
                self._pause(5.0)
        raise _OverError("rate limited", f"the service answers 429, {_BUSY_TRIES} times in a row")

    def _look_at_error(self, request: Request, response: Response) -> None:
        operation = self._spec.at(request.method, request.path)
        if operation is None or response.status < 300:
            return
        code, message = _error(response)
        rows = self._spec.meanings(operation.id, response.status, code, message)
        names = {row.name for row in rows}
        words = f"{operation.id} is answered with {code} {message!r}"
        if names & _NO_QUOTA:
            raise _OverError("no quota", words)
        if names & _REFUSED:
            raise _OverError("key refused", words)


def _error(response: Response) -> tuple[int, str]:
    try:
        body = response.json
    except (ValueError, RecursionError):
        return 0, ""
    match body:
        case {"code": int(code), "message": str(message)}:
            return code, message
    return 0, ""


def _message(response: Response) -> str:
    return _error(response)[1].removeprefix("guard: ") or f"status {response.status}"


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
