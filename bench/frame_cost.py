"""Processor time per delivered frame, against encoding live per session."""

from __future__ import annotations

from bench.child import SERVING, WATCHING, Child, fake
from bench.figures import median, ratio, shown, span
from bench.outcome import Outcome
from bench.row import Row, Say

TIMES_LESS = 60
OURS, THEIRS = 20, 4


def cost(
    server: Child, audience: Child, *, count: int, seconds: float, version: str = "v1"
) -> tuple[float, float]:
    """Microseconds per frame that reached a viewer, and frames per second and viewer."""
    audience.ask("open", count=count, version=version)
    audience.ask("speak")
    audience.ask("watch", seconds=seconds / 3)  # until all is settled
    before = server.cpu()
    seen = audience.ask("watch", seconds=seconds)
    used = server.cpu() - before
    audience.ask("close")
    frames = sum(seen["frames"])
    return used / frames * 1e6, frames / count / seen["seconds"]


def measure(quick: bool, say: Say) -> Outcome:
    rounds, seconds = (1, 1.0) if quick else (3, 6.0)
    counts = (2, 1) if quick else (OURS, THEIRS)
    ours: list[float] = []
    theirs: list[float] = []
    rates: list[float] = []
    with fake() as mock, Child.module("bench.live_server", place=SERVING) as live:
        urls = mock.url(), live.url()
        with (
            Child.module("bench.audience", urls[0], place=WATCHING) as first,
            Child.module("bench.audience", urls[1], place=WATCHING) as second,
        ):
            for number in range(rounds):
                say(f"round {number + 1} of {rounds}: {counts[0]} sessions of the fake")
                price, _ = cost(mock, first, count=counts[0], seconds=seconds)
                ours.append(price)
                say(f"round {number + 1} of {rounds}: {counts[1]} sessions encoded live")
                price, rate = cost(live, second, count=counts[1], seconds=seconds)
                theirs.append(price)
                rates.append(rate)
    reached = ratio(median(theirs), median(ours))
    note = (
        f"{counts[0]} sessions against {counts[1]}, {rounds} interleaved rounds; "
        f"live encoding delivered {shown(median(rates))} frames per second and session"
    )
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=f"{span(ours)} µs",
        theirs=f"{span(theirs)} µs",
        reached=f"{shown(reached)} times less",
        demanded=ROW.demanded,
        met=None if quick else reached >= TIMES_LESS,
        notes=(note,),
        figures={"ours_us": ours, "theirs_us": theirs, "ratio": reached},
    )


ROW = Row(
    "frame",
    "CPU per delivered frame, 720p25, VP8 and Opus",
    f"at least {TIMES_LESS} times less than live encoding",
    measure,
)
