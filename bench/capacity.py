"""How many 720p sessions one core serves with a full picture at every viewer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.child import SERVING, WATCHING, Child, ChildError, fake
from bench.outcome import Outcome
from bench.row import Row, Say

MUST_REACH = 300
ENOUGH = 24.0
"""Frames per second at every single viewer."""
_SECONDS = 5.0
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Step:
    """So many sessions, watched for a while."""

    sessions: int
    slowest: float
    decoded: float
    server: float
    viewers: float

    @property
    def holds(self) -> bool:
        return self.slowest >= ENOUGH and self.decoded >= ENOUGH

    def __str__(self) -> str:
        return (
            f"{self.sessions} sessions: slowest viewer {self.slowest:.1f} fps, decoder "
            f"{self.decoded:.1f} fps, server {self.server:.0%} and viewers {self.viewers:.0%} "
            "of a core"
        )


def sizes(*, first: int, step: int, most: int) -> Iterator[int]:
    """The numbers of sessions that are tried, one after the other."""
    yield from range(first, most + 1, step)


def climb(server: Child, tries: Iterator[int], seconds: float, say: Say) -> tuple[Step, str]:
    """Adds sessions until one viewer has too few frames: the last step that held, and the end."""
    url = server.url()
    best = Step(0, 0.0, 0.0, 0.0, 0.0)
    with (
        Child.module("bench.audience", url, place=WATCHING) as audience,
        Child.module("bench.decoder", url, place=WATCHING) as decoder,
    ):
        open_now = 0
        try:
            decoder.ask("open")
            for wanted in tries:
                # The decoder is one of them.
                audience.ask("open", count=wanted - 1 - open_now)
                open_now = wanted - 1
                step = _try(server, audience, decoder, sessions=wanted, seconds=seconds)
                say(str(step))
                if not step.holds:
                    return best, str(step)
                best = step
        except ChildError as error:
            return best, f"{open_now + 1} sessions: {error}"
    return best, f"all that were tried held; {best}"


def _try(server: Child, audience: Child, decoder: Child, *, sessions: int, seconds: float) -> Step:
    """The best of some windows: a busy moment of the machine is not the end."""
    best: Step | None = None
    for _ in range(_TRIES):
        audience.ask("speak")
        audience.ask("watch", seconds=1.0)
        before = server.cpu()
        decoder.begin("watch", seconds=seconds)
        seen = audience.ask("watch", seconds=seconds)
        used = (server.cpu() - before) / seen["seconds"]
        decoded = decoder.reply()
        step = Step(
            sessions,
            min(seen["frames"], default=0) / seen["seconds"] if seen["frames"] else ENOUGH,
            decoded["frames"] / decoded["seconds"],
            used,
            seen["busy"],
        )
        if best is None or min(step.slowest, step.decoded) > min(best.slowest, best.decoded):
            best = step
        if best.holds:
            break
    assert best is not None
    return best


def measure(quick: bool, say: Say) -> Outcome:
    seconds = 2.0 if quick else _SECONDS
    few, many = ((1, 1, 2), (10, 10, 20)) if quick else ((1, 1, 12), (100, 50, 900))
    with Child.module("bench.live_server", place=SERVING) as live:
        tries = sizes(first=few[0], step=few[1], most=few[2])
        theirs, their_end = climb(live, tries, seconds, lambda text: say(f"live: {text}"))
    with fake() as mock:
        tries = sizes(first=many[0], step=many[1], most=many[2])
        ours, our_end = climb(mock, tries, seconds, lambda text: say(f"the fake: {text}"))
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=f"{ours.sessions} sessions",
        theirs=f"{theirs.sessions} sessions",
        reached=f"{ours.sessions} sessions at {ours.server:.0%} of the core",
        demanded=ROW.demanded,
        met=None if quick else ours.sessions >= MUST_REACH,
        notes=(
            f"held: {ours}",
            f"the fake ends at {our_end}",
            f"live encoding ends at {their_end}",
        ),
        figures={"ours": ours.sessions, "theirs": theirs.sessions, "server": ours.server},
    )


ROW = Row(
    "sessions",
    f"sessions on one core with {ENOUGH:.0f} fps or more at every viewer, 720p",
    f"at least {MUST_REACH}",
    measure,
)
