"""Rules of the events on the data channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contract.media.sounds import missing, span
from contract.media.verdict import BUSY, MISSING, Broken, Held, Unable, Verdict, unless_busy
from contract.media.watched import START, STOP, Event, Watched

_ON_TIME = 0.5
_TOO_BUSY = 0.5
_DURATION_OFF = 0.05


@dataclass(frozen=True, slots=True)
class Spoken:
    """A task that was to be spoken to its end, as its answer had it."""

    task_id: str
    duration_ms: float


def judge_binary(watched: Watched) -> Verdict:
    """Events are binary messages."""
    if not watched.events:
        return Unable("no event came")
    texts = sum(isinstance(message.data, str) for message in watched.messages)
    return Broken("binary messages", f"{texts} strings") if texts else Held()


def judge_told(watched: Watched, tasks: Sequence[Spoken]) -> Verdict:
    """Each task has one start event and one stop event, and the stop event has a duration."""
    verdict = _told(watched, tasks)
    missing = len(watched.events) < 2 * len(tasks)
    return unless_busy(verdict, watched.lag()) if missing else verdict


def _told(watched: Watched, tasks: Sequence[Spoken]) -> Verdict:
    if not watched.events:
        return Broken("a start and a stop event for each task", "no event")
    expected = sorted((task.task_id, kind) for task in tasks for kind in (START, STOP))
    got = sorted((event.task_id or "", event.type) for event in watched.events)
    if got != expected:
        names = {task.task_id: f"task {number}" for number, task in enumerate(tasks, 1)}
        return Broken(_sequence(expected, names), _sequence(got, names))
    for kind, task_id in ((event.type, event.task_id) for event in watched.events):
        if kind == START:
            continue
        times = [e.type for e in watched.events if e.task_id == task_id]
        if times != [START, STOP]:
            return Broken("start before stop", "stop before start")
    if any(event.duration_ms is None for event in watched.events if event.type == STOP):
        return Broken("duration_ms in the stop event", "no number")
    return Held()


def judge_order(watched: Watched, tasks: Sequence[Spoken]) -> Verdict:
    """Tasks are spoken in the order in which they were sent, one after the other."""
    names = {task.task_id: f"task {number}" for number, task in enumerate(tasks, 1)}
    events = [event for event in watched.events if event.task_id in names]
    got = [(event.task_id or "", event.type) for event in events]
    expected = [(task.task_id, kind) for task in tasks for kind in (START, STOP)]
    if sorted(got) != sorted(expected):
        return Unable("not each task has its events")
    if any(got.index((name, START)) > got.index((name, STOP)) for name in names):
        return Unable("a task's own events are in the wrong order")
    if got == expected:
        return Held()
    return Broken(_sequence(expected, names), _sequence(got, names))


def judge_event_duration(watched: Watched, tasks: Sequence[Spoken]) -> Verdict:
    """The stop event of a task that nobody interrupted has the duration of its answer."""
    judged = False
    for task in tasks:
        said = _only(watched, STOP, task.task_id)
        if said is None or said.duration_ms is None:
            continue
        judged = True
        if abs(said.duration_ms - task.duration_ms) > _DURATION_OFF * task.duration_ms:
            return Broken(f"duration_ms {task.duration_ms:g}", f"{said.duration_ms:g}")
    return Held() if judged else Unable("no stop event with a duration")


def judge_on_time(watched: Watched, begin: float, task_id: str) -> Verdict:
    """The events of a task sent at a time of the sound come when it begins and ends to be heard."""
    spoken = span(watched.sounds, begin=begin)
    if spoken is None:
        return Unable("nothing was heard")
    judged = False
    for kind, due in ((START, spoken.begin), (STOP, spoken.end)):
        event = _only(watched, kind, task_id)
        if event is None:
            continue
        judged = True
        lag = watched.lag(event.arrived - 1, event.arrived + 1)
        if lag > _TOO_BUSY:
            return Unable(BUSY)
        late = watched.heard_by(event.arrived) - due
        off = abs(late) - _ON_TIME - 2 * lag
        if 0 < off <= missing(watched.sounds, begin):
            return Unable(MISSING)
        if off > 0:
            where = "after" if late > 0 else "before"
            return Broken(f"{kind} with the sound", f"{abs(late):.2f} s {where} it")
    return Held() if judged else Unable("no event of the task came")


def judge_none(watched: Watched, begin: float, end: float) -> Verdict:
    """No event comes between two moments."""
    told = [event for event in watched.events if begin <= event.arrived <= end]
    return Broken("no event", told[0].type) if told else Held()


def _only(watched: Watched, kind: str, task_id: str) -> Event | None:
    return next((e for e in watched.events if (e.type, e.task_id) == (kind, task_id)), None)


def _sequence(events: Sequence[tuple[str, str]], names: dict[str, str]) -> str:
    words = {START: "start", STOP: "stop"}
    return ", ".join(f"{words[kind]} of {names.get(task, 'another task')}" for task, kind in events)
