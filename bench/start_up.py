"""From the start of the process to its first answer, against Prism mocking the same file."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

from bench import prism
from bench.child import SERVING, Child, ChildError
from bench.figures import median, ratio, shown, span
from bench.outcome import Outcome, skipped
from bench.row import Row, Say, UnavailableError
from bench.service import KEY

TIMES_FASTER = 5
_PATIENCE = 60.0
_POLL = 0.002


def first_answer(start: Callable[[int], Child]) -> tuple[float, float]:
    """Seconds by the clock and of the processor until ``streaming.list`` is answered."""
    port = prism.free_port()
    with start(port) as server:
        wait_for_answer(port)
        return time.perf_counter() - server.began, server.cpu()


def wait_for_answer(port: int) -> None:
    """Returns when a server on that port answers ``streaming.list``. Raises ChildError."""
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        try:
            connection.request("GET", "/v1/streaming.list", headers={"x-api-key": KEY})
            answer = connection.getresponse()
            answer.read()
        except ConnectionRefusedError:
            time.sleep(_POLL)
            continue
        finally:
            connection.close()
        if answer.status != 200:
            raise ChildError(f"streaming.list was answered {answer.status}")
        return
    raise ChildError("no answer in a minute")


def _mock(port: int) -> Child:
    return Child.module("mock_server", "serve", f"--port={port}", place=SERVING)


def measure(quick: bool, say: Say) -> Outcome:
    rounds = 1 if quick else 7
    try:
        prism.install(say)
    except UnavailableError as error:
        return skipped(ROW.name, ROW.what, ROW.demanded, str(error))
    ours: list[float] = []
    theirs: list[float] = []
    processor: tuple[list[float], list[float]] = [], []
    for start in (_mock, prism.start):  # once each to fill caches of files and of compiled code
        first_answer(start)
    for number in range(rounds):
        say(f"start {number + 1} of {rounds}")
        for start, walls, cpus in (
            (_mock, ours, processor[0]),
            (prism.start, theirs, processor[1]),
        ):
            wall, cpu = first_answer(start)
            walls.append(wall * 1000)
            cpus.append(cpu * 1000)
    faster = ratio(median(theirs), median(ours))
    note = (
        f"Prism {prism.VERSION}; {rounds} starts each, alternating; processor time until then "
        f"{shown(median(processor[0]))} ms against {shown(median(processor[1]))} ms"
    )
    return Outcome(
        name=ROW.name,
        what=ROW.what,
        ours=f"{span(ours)} ms",
        theirs=f"{span(theirs)} ms",
        reached=f"{shown(faster)} times faster",
        demanded=ROW.demanded,
        met=None if quick else faster >= TIMES_FASTER,
        notes=(note,),
        figures={"ours_ms": ours, "theirs_ms": theirs, "ratio": faster},
    )


ROW = Row(
    "start",
    "process start to first HTTP answer",
    f"at least {TIMES_FASTER} times faster than Prism",
    measure,
)
