"""``make distil``: which few histories find most planted bugs, for a service that costs money.

Random histories, the rows of the tables and the tour's scenarios are played against every mutant;
then those are chosen greedily that find most for what they cost. Only what makes sense against a
service that is not ours is tried: one key, no clock to move, one request after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from contract.client import Client, monitor_of
from contract.exchange import Request, Response
from contract.spec import Spec, load_spec
from contract.stimuli.actions import ADVANCE, CONNECTED, ENTER, JOIN, REQUEST, Action, to_json
from contract.stimuli.credentials import GOOD
from contract.stimuli.distilled import play_histories
from contract.stimuli.scenarios import CONNECT, INTERRUPT, LIST, NEW, STOP, scenarios
from contract.stimuli.tables import Ground, bad_bodies, bad_credentials, orders, rows
from contract.stimuli.world import World
from contract.subject import Subject
from tests.mutants.driver import Fake
from tests.mutants.garden import MUTANTS
from tests.mutants.layers import Fired, fired_of
from tests.mutants.mutant import Mutant

PROBE = Path(__file__).parents[2] / "contract" / "probe.json"
_SECONDS_PER_REQUEST = 1.0
_PACES = (0.0, 0.2, 1.0)
"""Seconds from one request to the next."""
_SESSION_WORTH = 100
"""Requests: what a session costs beside them, for it is billed."""
_FREE = frozenset({REQUEST, "listSessions", "listVoices", "listAvatars", "createToken"})
"""What opens no session, even where it should be refused and is not."""
_ROWS = 60
_CHANGES = frozenset({"startSession", "stopSession"})
_GROUNDS: dict[Ground, tuple[Action, ...]] = {"nothing": (), "new": (NEW,), "connected": (CONNECT,)}


@dataclass(slots=True)
class Candidate:
    """A history, and what playing it takes on a right server. ``seconds`` of all sessions."""

    actions: tuple[Action, ...]
    sessions: int = 0
    requests: int = 0
    seconds: float = 0.0
    kills: set[str] = field(default_factory=set)
    rules: tuple[str, ...] = ()

    @property
    def cost(self) -> float:
        return self.requests + _SESSION_WORTH * self.sessions


def sensible(action: Action, spec: Spec) -> bool:
    """Whether a service that is not ours can be asked so."""
    path = (action.path or "/v1/streaming.list").partition("?")[0]
    return (
        action.do not in (ADVANCE, ENTER, JOIN)
        and not action.later
        and "other key" not in action.credentials
        and action.form != "too large"
        and path in spec.paths
    )


def candidates(spec: Spec, number: int, seed: int) -> Iterator[Candidate]:
    """The scenarios that make sense, and so many random histories."""
    for scenario in scenarios():
        if all(sensible(action, spec) for action in scenario.actions):
            yield Candidate(scenario.actions)
    chance = random.Random(seed)
    pool = [row for row in rows(spec, other=False) if sensible(row.action, spec)]
    on = {g: [row.action for row in pool if row.ground == g] for g in _GROUNDS}
    # What is on no session costs none: all of it may be asked, a few at a time.
    for start in range(0, len(on["nothing"]), 60):
        some = on["nothing"][start : start + 60]
        yield Candidate(tuple(action for action in some if action.do in _FREE))
    refused = [*bad_bodies(spec), *bad_credentials(spec, other=False), *orders(spec)]
    wrong = [
        row.action
        for row in refused
        if row.action.do == "newSession"
        and row.action.credentials not in GOOD
        and sensible(row.action, spec)
    ]
    for start in range(0, len(wrong), 25):
        yield Candidate((*wrong[start : start + 25], LIST))
    yield from _tabled(on, bad={row.action for row in refused})
    for _ in range(number):
        ground: Ground = chance.choice(("nothing", "new", "connected", "connected"))
        some = chance.sample(on[ground], min(len(on[ground]), chance.randint(10, 30)))
        some = [a for a in some if a.do not in ("newSession", "startSession", "stopSession")]
        end = (LIST, INTERRUPT, STOP, STOP, LIST) if ground != "nothing" else (LIST,)
        yield Candidate((*_GROUNDS[ground], LIST, *some, *end))


def _tabled(
    on: Mapping[Ground, Sequence[Action]], *, bad: AbstractSet[Action]
) -> Iterator[Candidate]:
    """The rows on a session: all that leave it as it is in few histories, each other in its own."""
    for ground in ("new", "connected"):
        keeps = [a for a in on[ground] if a.do not in _CHANGES or (a in bad and not _good(a))]
        for start in range(0, len(keeps), _ROWS):
            some = keeps[start : start + _ROWS]
            yield Candidate((*_GROUNDS[ground], LIST, *some, LIST, STOP))
    for action in on["new"]:
        if action.do in _CHANGES and (action not in bad or _good(action)):
            yield Candidate((NEW, action, LIST, STOP))
    for action in on["nothing"]:
        if action.do == "newSession" and (action not in bad or _good(action)):
            yield Candidate((action, LIST, STOP))


def _good(action: Action) -> bool:
    """Whether a row about credentials is one with good ones."""
    return action.credentials in GOOD and action.credentials != "key"


def play(
    fake: Fake, spec: Spec, actions: Sequence[Action], *, until: Fired | None = None
) -> tuple[tuple[Fired, ...], Candidate]:
    """Plays a history from nothing to nothing; what fired, and what it took.

    ``until`` is what ends it early.
    """
    subject = alone(fake, spec)
    findings = subject.findings()
    world = World(Client(subject, monitor_of(subject, findings)))
    took = Candidate(tuple(actions))
    for action in actions:
        if until is not None and until in fired_of(findings):
            break
        if world.possible(action):
            before = len(world.sessions)
            world.play(action)
            took.requests += 1
            took.sessions += len(world.sessions) - before
            took.seconds += _SECONDS_PER_REQUEST * len(world.monitor.open_sessions)
    world.close()
    fake.do(_reset(fake))
    return fired_of(findings), took


def alone(fake: Fake, spec: Spec) -> Subject:
    """The fake as a service of which nobody has a second key or the clock."""
    whole = fake.subject(spec, concurrent=False)
    return Subject(
        spec=spec, url=whole.url, send=whole.send, key=whole.key, viewer=whole.viewer,
        max_sessions=whole.max_sessions, clock=whole.clock, concurrent=False,
    )  # fmt: skip


def rules_of(fake: Fake, spec: Spec, actions: Sequence[Action]) -> tuple[str, ...]:
    """What a run against a service of which no more is known comes to, if the service is right,
    however long it takes: a speech may be over when it is interrupted.
    """
    found = [_checked_at(pace, fake, spec, actions) for pace in _PACES]
    return tuple(sorted(set.intersection(*found)))


def _checked_at(pace: float, fake: Fake, spec: Spec, actions: Sequence[Action]) -> set[str]:
    advance = fake.subject(spec).advance
    assert advance is not None
    whole = alone(fake, spec)
    passed = 0.0

    def send(request: Request) -> Response:
        nonlocal passed
        if pace:
            advance(pace)
        passed += pace
        return whole.send(request)

    subject = replace(
        whole,
        send=send,
        clock=lambda: whole.clock() + passed,
        profile="real",
        answers="auto",
        exclusive=False,
        max_sessions=None,
    )
    findings = subject.findings()
    assert all(play_histories(subject, findings, [actions]))
    assert not findings.violations, [str(v) for v in findings.violations]
    fake.do(_reset(fake))
    return set(findings.checked)


async def _reset(fake: Fake) -> None:
    await asyncio.wait_for(fake.services.reset(), 60)


def measure(spec: Spec, tried: list[Candidate]) -> list[Candidate]:
    """What each candidate takes on the right fake; those that it lets be played to their end."""
    fake = Fake()
    try:
        for candidate in tried:
            fired, took = play(fake, spec, candidate.actions)
            assert not fired, (fired, candidate.actions)
            candidate.sessions, candidate.requests = took.sessions, took.requests
            candidate.seconds = took.seconds
    finally:
        fake.close()
    return [candidate for candidate in tried if candidate.requests == len(candidate.actions)]


def learn_rules(spec: Spec, chosen: list[tuple[Candidate, list[str]]]) -> None:
    """What each chosen one comes to."""
    fake = Fake()
    try:
        for candidate, _ in chosen:
            candidate.rules = rules_of(fake, spec, candidate.actions)
    finally:
        fake.close()


def judge(spec: Spec, mutant: Mutant, tried: list[Candidate]) -> None:
    """Which candidates kill the mutant."""
    fake = Fake(mutant.seams)
    try:
        wanted, free = (mutant.rule, mutant.operation), False
        for candidate in sorted(tried, key=lambda each: each.sessions):
            if free and candidate.sessions:
                break  # what costs nothing finds it
            if not _calls(candidate, mutant.operation):
                continue
            fired, _ = play(fake, spec, candidate.actions, until=wanted)
            if wanted in fired:
                candidate.kills.add(mutant.name)
                free = free or not candidate.sessions
    finally:
        fake.close()


def _calls(candidate: Candidate, operation: str | None) -> bool:
    """Whether a rule can be broken there at the operation."""
    named = {action.do for action in candidate.actions}
    if CONNECTED in named:
        named |= {"newSession", "startSession"}
    return operation is None or operation in named or REQUEST in named


def choose(tried: list[Candidate]) -> list[tuple[Candidate, list[str]]]:
    """Greedy: always the one that finds most new bugs for what it costs."""
    chosen: list[tuple[Candidate, list[str]]] = []
    found: set[str] = set()
    while True:
        best = max(tried, key=lambda c: (len(c.kills - found) / (c.cost + 1), -c.requests))
        if not best.kills - found:
            return chosen
        chosen.append((best, sorted(best.kills - found)))
        found |= best.kills


def distilled(spec: Spec, chosen: list[tuple[Candidate, list[str]]]) -> dict[str, Any]:
    """The content of probe.json."""
    return {
        "spec": spec.version,
        "made": time.strftime("%Y-%m-%d", time.gmtime()),
        "histories": [
            {
                "actions": to_json(candidate.actions),
                "sessions": candidate.sessions,
                "requests": candidate.requests,
                "seconds": candidate.seconds,
                "kills": kills,
                "rules": list(candidate.rules),
            }
            for candidate, kills in chosen
        ],
    }


def written(probe: dict[str, Any]) -> str:
    """JSON with a line per history."""
    lines = ",\n".join(json.dumps(history) for history in probe["histories"])
    head = f'"spec": {json.dumps(probe["spec"])}, "made": {json.dumps(probe["made"])}'
    return f'{{{head}, "histories": [\n{lines}\n]}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(prog="make distil", description=__doc__)
    parser.add_argument("--histories", type=int, default=20, help="how many random ones are tried")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # the planted bugs fail loudly
    spec = load_spec()
    tried = measure(spec, list(candidates(spec, args.histories, args.seed)))
    mutants = [mutant for mutant in MUTANTS if mutant.layer != "media"]
    for number, mutant in enumerate(mutants, 1):
        judge(spec, mutant, tried)
        print(f"\r{number} of {len(mutants)} mutants", end="", flush=True)
    chosen = choose(tried)
    learn_rules(spec, chosen)
    PROBE.write_text(written(distilled(spec, chosen)), encoding="utf-8")
    killed = {name for _, kills in chosen for name in kills}
    sessions = sum(candidate.sessions for candidate, _ in chosen)
    print(f"\n{len(chosen)} histories, {sessions} sessions: {len(killed)} of {len(mutants)}")


if __name__ == "__main__":
    main()
