"""Runs the chosen stimuli against a target, side by side where they are independent."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection

from contract.examine import RULE, examine
from contract.findings import Findings
from contract.lane import Failed, Lane, LaneProcess
from contract.report.summary import Summary
from contract.run import Run, Screen
from contract.settings import Settings
from contract.spec import Spec
from contract.transport import HttpSend
from contract.verdict import summarize

_PATIENCE = 10.0
"""Seconds for a stopped lane to end its fake and the sessions it opened."""


def check(settings: Settings, spec: Spec, screen: Screen) -> Summary:
    """Judges the fake or a URL. Ctrl-C ends it early, with what was found so far.

    Raises UnableError for a target that cannot be judged at all, ModuleNotFoundError where an
    extra is missing.
    """
    began, started = time.time(), time.monotonic()
    run = Run(screen)
    try:
        lanes = plan_lanes(settings, spec, run)
        run_lanes(lanes, run, jobs=2 if settings.target.kind == "fake" else 1)
    except KeyboardInterrupt:
        run.interrupted = True
    if run.missing is not None:
        raise ModuleNotFoundError(f"No module named {run.missing!r}", name=run.missing)
    return summarize(settings, spec, run, began=began, seconds=time.monotonic() - started)


def plan_lanes(settings: Settings, spec: Spec, run: Run) -> list[Lane]:
    """What is to run; lanes may run at the same time. A URL is looked at first.

    Raises UnableError for a URL that cannot be judged.
    """
    if settings.target.url is not None:
        lane = _lane_of_url(settings, settings.target.url, spec, run)
        return [lane] if lane.stimuli else []
    # The longest first. Media last and by itself: its judgement needs a machine that keeps up.
    groups = [("schemathesis",), ("tour", "machine"), ("sample", "media")]
    lanes = []
    for group in groups:
        stimuli = tuple(name for name in group if name in settings.chosen)
        if stimuli:
            real = "media" in stimuli
            lanes.append(
                Lane(
                    stimuli,
                    settings.seed,
                    media="real" if real else "none",
                    keys=settings.keys,
                    profile=settings.profile,
                    answers=settings.answers,
                    max_connects=settings.max_connects if real else 0,
                )
            )
    return lanes


def _lane_of_url(settings: Settings, url: str, spec: Spec, run: Run) -> Lane:
    findings = Findings(spec, settings.profile)
    send = HttpSend(url)
    try:
        seen = examine(
            send,
            spec,
            url=url,
            keys=settings.keys,
            key_source=settings.key_source,
            accepts_any_key=settings.accepts_any_key,
            findings=findings,
        )
    finally:
        send.close()
    if findings.checked[RULE]:
        run.add("first look", findings)
    if seen.open_sessions:
        number = len(seen.open_sessions)
        were = "1 open session was" if number == 1 else f"{number} open sessions were"
        run.note(
            f"{were} there before: somebody else uses the key, so that a list may show sessions "
            "that are not ours"
        )
    return Lane(
        settings.chosen,
        settings.seed,
        url=url,
        keys=settings.keys,
        profile=settings.profile,
        answers=settings.answers,
        accepts_any_key=seen.accepts_any_key,
        exclusive=not seen.open_sessions,
        max_connects=settings.max_connects if settings.media else 0,
    )


def run_lanes(lanes: Sequence[Lane], run: Run, *, jobs: int) -> None:
    """Runs the lanes, ``jobs`` at a time; those with media when nothing else runs.

    KeyboardInterrupt stops them all, and waits until they have cleaned up.
    """
    waiting = list(lanes)
    running: list[LaneProcess] = []
    try:
        while waiting or running:
            while waiting and _may_start(waiting[0], running, jobs):
                running.append(LaneProcess(waiting.pop(0)))
            ready = connection.wait([lane.inbox for lane in running])
            for lane in [lane for lane in running if lane.inbox in ready]:
                if not _hear(lane, run):
                    running.remove(lane)
                    _bury(lane, run)
    except KeyboardInterrupt:
        run.interrupted = True
    finally:
        with _deaf():
            _stop_all(running, run)


def _stop_all(running: Sequence[LaneProcess], run: Run) -> None:
    for lane in running:
        lane.stop()
    deadline = time.monotonic() + _PATIENCE
    for lane in running:
        while lane.inbox.poll(max(0.0, deadline - time.monotonic())):
            if not _hear(lane, run):
                break
        lane.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def _deaf() -> Iterator[None]:
    """A second Ctrl-C must not keep the lanes from ending their fakes; they have ten seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _may_start(lane: Lane, running: Sequence[LaneProcess], jobs: int) -> bool:
    alone = lane.media == "real" or any(other.lane.media == "real" for other in running)
    return not running or (not alone and len(running) < jobs)


def _hear(process: LaneProcess, run: Run) -> bool:
    """Takes one message; False when there will be no more."""
    try:
        run.take(process.inbox.recv())
    except EOFError:
        return False
    return True


def _bury(process: LaneProcess, run: Run) -> None:
    """Waits for the end of a lane that has said all; one that died says why."""
    code = process.join(_PATIENCE)
    process.inbox.close()
    if code:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
        names = "+".join(process.lane.stimuli)
        run.take(Failed(names, "crashed", f"its process {how}"))
