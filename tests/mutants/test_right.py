"""No false alarms: the right fake breaks no rule, whatever drives it in this process."""

from __future__ import annotations

import os

import pytest

from contract.spec import Spec, load_spec
from contract.stimuli.machine import drive_machine
from contract.stimuli.search import Effort
from contract.stimuli.tour import run_tour
from tests.mutants.driver import Fake
from tests.mutants.layers import fired_of

ROUNDS = int(os.environ.get("HEYGEN_ROUNDS", "1"))
"""How many seeds each stimulus runs with; `make alarms` sets it."""
SEEDS = range(1, ROUNDS + 1)
SESSIONS, EXAMPLES = (2, 25) if ROUNDS > 1 else (1, 12)
"""How far a round goes: two sessions at a time have five times the states of one."""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


def _quiet(done: int, total: int | None = None, note: str = "") -> None:
    """Shows no progress."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tour_finds_nothing(spec: Spec, seed: int) -> None:
    fake = Fake(held=bool(seed % 2))
    subject = fake.subject(spec, seed=seed)
    findings = subject.findings()
    try:
        run_tour(subject, findings, _quiet, sessions=SESSIONS)
    finally:
        fake.close()
    assert fired_of(findings) == ()


@pytest.mark.parametrize("held", [True, False], ids=["waiting", "at once"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_machine_finds_nothing(spec: Spec, seed: int, held: bool) -> None:
    fake = Fake(held=held)
    subject = fake.subject(spec, seed=1000 * seed)
    findings = subject.findings()
    try:
        drive_machine(subject, findings, _quiet, Effort(examples=EXAMPLES, steps=30, first=True))
    finally:
        fake.close()
    assert fired_of(findings) == ()
