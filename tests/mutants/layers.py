"""What is tried on a mutant, the cheapest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from contract.exchange import Request, Response
from contract.findings import Findings
from contract.spec import Spec
from contract.stimuli.machine import Effort, drive_machine
from contract.stimuli.tour import run_tour
from contract.subject import Progress, Subject
from mock_server.seams import Seams
from tests.mutants.driver import Fake
from tests.mutants.mutant import Layer, Mutant

Fired = tuple[str, str | None]
"""A rule, and the operation at which it was broken."""

DEPTH = Effort(examples=60, steps=30, shrink=False)


class _CaughtError(Exception):
    """What was looked for has been found; the rest of the stimulus would tell nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one stimulus: what fired, in that order, each once."""

    fired: tuple[Fired, ...]
    requests: int

    def catches(self, mutant: Mutant) -> bool:
        """Whether the rule fired that must, where it must."""
        return (mutant.rule, mutant.operation) in self.fired


def tour(spec: Spec, seams: Seams, *, wanted: Fired | None = None, seed: int = 1) -> Outcome:
    """The tour, until ``wanted`` has fired."""
    return _drive(spec, seams, run_tour, wanted=wanted, seed=seed)


def machine(spec: Spec, seams: Seams, *, wanted: Fired | None = None, seed: int = 1) -> Outcome:
    """The machine, until ``wanted`` has fired."""

    def run(subject: Subject, findings: Findings, progress: Progress) -> None:
        drive_machine(subject, findings, progress, DEPTH)

    return _drive(spec, seams, run, wanted=wanted, seed=seed)


def _drive(
    spec: Spec,
    seams: Seams,
    stimulus: Callable[[Subject, Findings, Progress], None],
    *,
    wanted: Fired | None,
    seed: int,
) -> Outcome:
    fake = Fake(seams)
    subject = fake.subject(spec, seed=seed)
    findings, sent = subject.findings(), 0

    def send(request: Request) -> Response:
        nonlocal sent
        sent += 1
        return fake.send(request)

    def progress(done: int, total: int | None = None, note: str = "") -> None:
        if wanted is not None and wanted in _fired(findings):
            raise _CaughtError

    try:
        stimulus(replace(subject, send=send), findings, progress)
    except _CaughtError:
        pass
    finally:
        fake.close()
    return Outcome(_fired(findings), sent)


def _fired(findings: Findings) -> tuple[Fired, ...]:
    return tuple(dict.fromkeys((v.rule.id, v.operation) for v in findings.violations))


IN_PROCESS: dict[Layer, Callable[..., Outcome]] = {"tour": tour, "machine": machine}
