"""What is tried on a mutant, the cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from contract.client import Client, monitor_of
from contract.exchange import Request, Response
from contract.findings import Findings
from contract.spec import Spec
from contract.stimuli.actions import REQUEST
from contract.stimuli.machine import drive_machine
from contract.stimuli.scenarios import scenarios
from contract.stimuli.search import Effort
from contract.stimuli.tables import Row
from contract.stimuli.tour import Tour
from contract.stimuli.voice import RULES as OF_VOICE
from contract.stimuli.world import World
from contract.subject import Progress, Subject
from tests.mutants.driver import Fake
from tests.mutants.mutant import Layer, Mutant

Fired = tuple[str, str | None]
"""A rule, and the operation at which it was broken."""

DEPTH = Effort(examples=60, steps=30, first=True)
_Part = Callable[[Subject, Findings, Progress, Mutant], None]


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


def try_layer(spec: Spec, mutant: Mutant, layer: Layer, *, seed: int = 1) -> Outcome:
    """One layer on a mutant, in this process, until the mutant is caught."""
    fake = Fake(mutant.seams)
    subject = fake.subject(spec, seed=seed)
    findings, sent = subject.findings(), 0

    def send(request: Request) -> Response:
        nonlocal sent
        if (mutant.rule, mutant.operation) in fired_of(findings):
            raise _CaughtError
        sent += 1
        return fake.send(request)

    def progress(done: int, total: int | None = None, note: str = "") -> None:
        """Nobody looks."""

    try:
        _PARTS[layer](replace(subject, send=send), findings, progress, mutant)
    except _CaughtError:
        pass
    finally:
        fake.close()
    return Outcome(fired_of(findings), sent)


def fired_of(findings: Findings) -> tuple[Fired, ...]:
    """The rules that fired, each with its operation, in order."""
    return tuple(dict.fromkeys((v.rule.id, v.operation) for v in findings.violations))


@contextmanager
def _world(subject: Subject, findings: Findings) -> Iterator[World]:
    world = World(Client(subject, monitor_of(subject, findings)))
    try:
        yield world
    finally:
        with suppress(_CaughtError):
            world.close()


def _scenarios(subject: Subject, findings: Findings, progress: Progress, mutant: Mutant) -> None:
    with _world(subject, findings) as world:
        Tour(world, findings, progress).find_limit()
        for scenario in scenarios():
            world.play_through(scenario.actions)


def _tables(subject: Subject, findings: Findings, progress: Progress, mutant: Mutant) -> None:
    """The rows that are about the operation, in a tour that has found the limit."""

    unknown = mutant.operation is None

    def wanted(row: Row) -> bool:
        action = row.action
        if action.do == REQUEST:
            called = subject.spec.paths.get(action.path or "", {}).values()
            return mutant.operation in {each.id for each in called} if called else unknown
        return action.do == mutant.operation

    with _world(subject, findings) as world:
        tour = Tour(world, findings, progress)
        tour.find_limit()
        tour.tables(wanted)


def _rooms(subject: Subject, findings: Findings, progress: Progress, mutant: Mutant) -> None:
    with _world(subject, findings) as world:
        tour = Tour(world, findings, progress)
        tour.find_limit()
        tour.rooms()


def _voice(subject: Subject, findings: Findings, progress: Progress, mutant: Mutant) -> None:
    with _world(subject, findings) as world:
        tour = Tour(world, findings, progress)
        tour.find_limit()
        tour.voice()


def _states(subject: Subject, findings: Findings, progress: Progress, mutant: Mutant) -> None:
    with _world(subject, findings) as world:
        tour = Tour(world, findings, progress)
        tour.find_limit()
        tour.states()


def _machine(subject: Subject, findings: Findings, progress: Progress, mutant: Mutant) -> None:
    drive_machine(subject, findings, progress, DEPTH)


_PARTS: Mapping[Layer, _Part] = {
    "tables": _tables,
    "scenarios": _scenarios,
    "rooms": _rooms,
    "voice": _voice,
    "states": _states,
    "machine": _machine,
}
IN_PROCESS: tuple[Layer, ...] = tuple(_PARTS)


def layers_for(rule: str) -> tuple[Layer, ...]:
    """The layers that can come to a rule, the cheapest first: no call over HTTP shows a socket."""
    return ("voice",) if rule in OF_VOICE else IN_PROCESS
