"""Many sessions opened, watched and closed: what is left of them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bench.child import SERVING, WATCHING, Child
from bench.outcome import Outcome, skipped
from bench.row import Row, Say

TOTAL, BATCH, EARLY = 500, 50, 100
GROWTH = 0.05
_PATIENCE = 20.0
_HELD = ("files", "tasks", "threads")


def _held(server: Child, wanted: Mapping[str, int] | None) -> dict[str, int]:
    """What the server holds, once it holds no more than ``wanted`` or had time to let go."""
    give_up = time.monotonic() + _PATIENCE
    while True:
        held: dict[str, int] = server.ask("held")
        if wanted is None or all(held[name] <= wanted[name] for name in _HELD):
            return held
        if time.monotonic() > give_up:
            return held
        time.sleep(0.2)


def measure(quick: bool, say: Say) -> Outcome:
    total, batch, early = (6, 2, 4) if quick else (TOTAL, BATCH, EARLY)
    with Child.module("bench.open_server", place=SERVING) as server:
        url = server.url()
        with Child.module("bench.audience", url, place=WATCHING) as audience:
            # One session first: the import of the media engine is no leak.
            _batch(audience, 1)
            before = _held(server, None)
            while (held := _held(server, None)) != before and held["tasks"] < before["tasks"]:
                before = held
            memory: dict[int, int] = {}
            for done in range(batch, total + 1, batch):
                _batch(audience, batch)
                memory[done] = _held(server, before)["memory"]
                say(f"{done} of {total} sessions, {memory[done] / 2**20:.1f} MiB")
            after = _held(server, before)
    growth = memory[total] / memory[early] - 1 if memory[early] else 0.0
    same = all(after[name] <= before[name] for name in _HELD)
    if not memory[early]:
        return skipped(ROW.name, ROW.what, ROW.demanded, "memory cannot be read on this system")
    note = (
        f"{total} sessions in batches of {batch}; memory before {_mib(before['memory'])}, "
        f"after {early} {_mib(memory[early])}, after {total} {_mib(memory[total])}"
    )
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=", ".join(f"{after[name]} {name}" for name in _HELD),
        theirs=", ".join(f"{before[name]} {name}" for name in _HELD),
        reached=f"memory {growth:+.1%} from {early} to {total}",
        demanded=ROW.demanded,
        met=None if quick else same and growth <= GROWTH,
        notes=(note,),
        figures={"before": before, "after": after, "memory": memory, "growth": growth},
    )


def _batch(audience: Child, count: int) -> None:
    audience.ask("open", count=count)
    audience.ask("watch", seconds=0.5)
    audience.ask("close")


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


ROW = Row(
    "churn",
    f"{TOTAL} sessions opened, watched and closed, against before",
    f"files, tasks and threads as before; memory within {GROWTH:.0%}",
    measure,
)
