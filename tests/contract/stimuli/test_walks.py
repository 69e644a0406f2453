"""The tour, the machine and the sample against the fake in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from contract.client import Client, monitor_of
from contract.exchange import Request, Response, UnreachableError
from contract.findings import Findings
from contract.spec import load_spec
from contract.stimuli.actions import Action
from contract.stimuli.machine import drive_machine
from contract.stimuli.sample import run_sample
from contract.stimuli.scenarios import CONNECT, INTERRUPT, LIST, NEW, STOP, TOKEN, by, say
from contract.stimuli.search import Effort
from contract.stimuli.tour import Tour, run_tour
from contract.stimuli.world import World
from contract.subject import Subject
from tests.mutants.driver import Fake

SPEC = load_spec()
QUICK = Effort(examples=8, steps=20)


def _quiet(done: int, total: int | None = None, note: str = "") -> None:
    """Nobody looks."""


@pytest.fixture
def fake() -> Iterator[Fake]:
    fake = Fake()
    yield fake
    assert fake.services.registry.active() == []
    fake.close()


def _changed(subject: Subject, path: str, change: Callable[[Response], Response]) -> Subject:
    """The subject, whose answers on that path are changed on the way."""

    def send(request: Request) -> Response:
        response = subject.send(request)
        return change(response) if request.path == path else response

    return replace(subject, send=send)


def test_the_tour_finds_nothing_in_the_fake(fake: Fake) -> None:
    subject = fake.subject(SPEC, seed=3)
    findings = subject.findings()
    world = World(Client(subject, monitor_of(subject, findings)))
    tour = Tour(world, findings, _quiet)
    tour.find_limit()
    tour.directed()
    tour.tables()
    world.close()
    assert [str(violation) for violation in findings.violations] == []
    for rule in ("check-order", "stop-after-leaving", "token-kept-when-refused", "account-own",
                 "task-dropped", "task-queue-limit", "idle-timeout", "duration-limit",
                 "alias-same", "token-expires", "concurrent-limit"):  # fmt: skip
        assert findings.checked[rule], rule


def test_every_action_in_every_state_finds_nothing_in_the_fake() -> None:
    fake = Fake(held=False)
    subject = fake.subject(SPEC, seed=3)
    findings = subject.findings()
    world = World(Client(subject, monitor_of(subject, findings)))
    tour = Tour(world, findings, _quiet)
    tour.find_limit()
    tour.states()
    world.close()
    fake.close()
    assert [str(violation) for violation in findings.violations] == []
    assert findings.checked["token-own-session"]


def test_the_machine_finds_nothing_in_the_fake(fake: Fake) -> None:
    subject = fake.subject(SPEC, seed=1)
    findings = subject.findings()
    drive_machine(subject, findings, _quiet, QUICK)
    assert [str(violation) for violation in findings.violations] == []
    assert findings.checked["valid-accepted"]


def test_the_sample_finds_nothing_in_the_fake(fake: Fake) -> None:
    subject = fake.subject(SPEC)
    findings = subject.findings()
    run_sample(subject, findings, _quiet)
    assert [str(violation) for violation in findings.violations] == []
    assert findings.checked["task-connecting"]


def _interrupted_is_wrong(response: Response) -> Response:
    if response.status != 200:
        return response
    return replace(response, body=json.dumps({"code": 100, "message": "done"}).encode())


def test_the_machine_makes_a_history_short(fake: Fake) -> None:
    subject = _changed(fake.subject(SPEC), "/v1/streaming.interrupt", _interrupted_is_wrong)
    findings = subject.findings()
    drive_machine(subject, findings, _quiet, replace(QUICK, examples=60, first=True, seconds=2.0))
    (violation,) = findings.violations
    assert (violation.rule.id, violation.operation) == ("answer-schema", "interruptTask")
    assert len(violation.history) <= 3


def test_the_machine_goes_on_after_a_find(fake: Fake) -> None:
    def odd(response: Response) -> Response:
        return replace(response, headers=(("content-type", "text/plain"),))

    subject = fake.subject(SPEC)
    for name in ("keep_alive", "interrupt"):
        subject = _changed(subject, f"/v1/streaming.{name}", odd)
    findings = subject.findings()
    drive_machine(subject, findings, _quiet, Effort(examples=40, steps=20, shrink=False))
    assert {v.operation for v in findings.violations} == {"keepAlive", "interruptTask"}
    assert len({v.key for v in findings.violations}) == len(findings.violations)


def test_a_subject_that_is_gone_is_said_once(fake: Fake) -> None:
    def gone(request: Request) -> Response:
        raise UnreachableError("127.0.0.1:1 cannot be reached: Connection refused")

    subject = replace(fake.subject(SPEC), send=gone)
    for run in (run_tour, run_sample):
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1 cannot be reached"):
            run(subject, subject.findings(), _quiet)
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1 cannot be reached"):
        drive_machine(subject, subject.findings(), _quiet, QUICK)


@pytest.mark.parametrize("at", [30, 700])
def test_the_tour_stops_all_it_opened_when_it_is_interrupted(fake: Fake, at: int) -> None:
    subject = fake.subject(SPEC)
    sent = 0

    def send(request: Request) -> Response:
        nonlocal sent
        sent += 1
        if sent == at:
            raise KeyboardInterrupt
        return subject.send(request)

    interrupted = replace(subject, send=send)
    findings = interrupted.findings()
    with pytest.raises(KeyboardInterrupt):
        run_tour(interrupted, findings, _quiet)
    assert findings.checked["valid-accepted"]


def test_the_same_seed_sends_the_same_requests() -> None:
    def sent(seed: int) -> list[tuple[str, str]]:
        fake = Fake()
        subject = fake.subject(SPEC, seed=seed)
        requests: list[tuple[str, str]] = []

        def send(request: Request) -> Response:
            requests.append((request.method, request.path))
            if len(requests) == 300:
                raise KeyboardInterrupt
            return subject.send(request)

        with pytest.raises(KeyboardInterrupt):
            run_tour(replace(subject, send=send), subject.findings(), _quiet)
        fake.close()
        return requests

    first = sent(1)
    assert sent(1) == first
    assert sent(2) != first


def _world(subject: Subject) -> World:
    findings: Findings = subject.findings()
    return World(Client(subject, monitor_of(subject, findings)))


def test_a_limit_that_is_not_known_is_found(fake: Fake) -> None:
    subject = replace(fake.subject(SPEC), max_sessions=None)
    findings = subject.findings()
    world = World(Client(subject, monitor_of(subject, findings)))
    Tour(world, findings, _quiet).find_limit()
    world.close()
    assert findings.violations == []
    assert findings.checked["concurrent-limit"]


def test_without_a_viewer_the_tour_goes_where_it_can(fake: Fake) -> None:
    subject = replace(fake.subject(SPEC), viewer=None, rooms=None)
    world = _world(subject)
    tour = Tour(world, subject.findings(), _quiet)
    tour.find_limit()
    tour.directed()
    world.close()
    assert not world.can_leave


def test_the_world_keeps_sessions_and_tokens_by_number(fake: Fake) -> None:
    world = _world(fake.subject(SPEC))
    world.play_all((TOKEN, NEW, by("token 0", NEW), CONNECT))
    assert len(world.sessions) == 3
    assert world.token_used(0)
    assert [sorted(world.states(number)) for number in range(3)] == [
        ["new"],
        ["new"],
        ["connected"],
    ]
    assert world.possible(Action("stopSession", 2))
    assert not world.possible(Action("stopSession", 3))
    assert not world.possible(by("token 1", LIST))
    world.play_all((say(session=2), replace(INTERRUPT, session=2), STOP))
    assert [session.ended for session in world.sessions] == [True, False, False]
    world.close()
    assert world.sessions == []
