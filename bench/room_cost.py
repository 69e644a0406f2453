"""Processor time of a session of v2, which is served as a room, against one of v1."""

from __future__ import annotations

from bench.child import WATCHING, Child, fake
from bench.figures import median, shown, span
from bench.frame_cost import cost
from bench.outcome import Outcome
from bench.row import Row, Say

TIMES = 1.3
SESSIONS = 20


def measure(quick: bool, say: Say) -> Outcome:
    rounds, seconds, count = (1, 1.0, 2) if quick else (5, 6.0, SESSIONS)
    spent: dict[str, list[float]] = {"v1": [], "v2": []}
    rates: list[float] = []
    with fake() as mock, Child.module("bench.audience", mock.url(), place=WATCHING) as audience:
        for version in spent:  # the first of each imports
            cost(mock, audience, count=1, seconds=0.5, version=version)
        for number in range(rounds):
            for version, costs in spent.items():
                say(f"round {number + 1} of {rounds}: {count} sessions of {version}")
                price, rate = cost(mock, audience, count=count, seconds=seconds, version=version)
                costs.append(price)
                rates.append(rate)
    # Both of a round saw the same moods of the machine.
    ratios = [two / one for one, two in zip(spent["v1"], spent["v2"], strict=True)]
    reached = median(ratios)
    note = (
        f"{count} sessions each with one viewer, {rounds} interleaved rounds, {shown(min(rates))} "
        f"to {shown(max(rates))} frames per second and session; ratios {span(ratios)}"
    )
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=f"{span(spent['v2'])} µs",
        theirs=f"{span(spent['v1'])} µs",
        reached=f"{shown(reached)} times as much",
        demanded=ROW.demanded,
        met=None if quick else reached <= TIMES,
        notes=(note,),
        figures={"ours_us": spent["v2"], "theirs_us": spent["v1"], "ratio": reached},
    )


ROW = Row(
    "room",
    "CPU per delivered frame of a v2 session, against v1",
    f"at most {TIMES} times as much as v1",
    measure,
)
