"""Rules of the events in a room."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contract.media.ears import Ears
from contract.media.verdict import Broken, Held, Unable, Verdict, unless_busy
from contract.media.watched import START, STOP, Watched

MESSAGE, END = "avatar_talking_message", "avatar_end_message"
_OF_A_TASK = (START, MESSAGE, END, STOP)


@dataclass(frozen=True, slots=True)
class Told:
    """A task that was spoken to its end; ``text`` is what it was to repeat."""

    task_id: str
    text: str


def judge_packets(ears: Ears, watched: Watched) -> Verdict:
    """All that came is reliable packets of the avatar, with JSON inside."""
    if not ears.packets:
        return Unable("no event came")
    if ears.wrong:
        return Broken("reliable packets of heygen", ears.wrong[0])
    if any(_event(message.data) is None for message in watched.messages):
        return Broken("JSON objects with a type", "a payload that is none")
    return Held()


def judge_events(watched: Watched, tasks: Sequence[Told]) -> Verdict:
    """Each task has its events: the talking begins, is told, has been told, ends."""
    for number, task in enumerate(tasks, 1):
        kinds = [
            event["type"] for event in _events(watched) if event.get("task_id") == task.task_id
        ]
        kinds = [kind for kind in kinds if kind in _OF_A_TASK]
        said = ", ".join(kinds) or "nothing"
        missing = [kind for kind in _OF_A_TASK if kind not in kinds]
        wrong = None
        if missing:
            wrong = Broken(f"{missing[0]} of task {number}", said)
        elif any(kinds.count(kind) > 1 for kind in (START, END, STOP)):
            wrong = Broken(f"each event of task {number} once, but for messages", said)
        elif not _in_order(kinds):
            wrong = Broken(f"messages of task {number}, their end, and then that of the talk", said)
        if wrong is not None:
            return unless_busy(wrong, watched.lag()) if missing else wrong
    return Held() if tasks else Unable("no task was spoken")


def _in_order(kinds: Sequence[str]) -> bool:
    last = len(kinds) - 1 - kinds[::-1].index(MESSAGE)
    return last < kinds.index(END) < kinds.index(STOP) and kinds.index(START) < kinds.index(STOP)


def judge_messages(watched: Watched, tasks: Sequence[Told]) -> Verdict:
    """The messages of a task, put together, are its text."""
    judged = False
    for task in tasks:
        parts = [
            event.get("message")
            for event in _events(watched)
            if (event["type"], event.get("task_id")) == (MESSAGE, task.task_id)
        ]
        if not parts:
            continue
        judged = True
        text = "".join(part for part in parts if isinstance(part, str))
        if text != task.text or not all(isinstance(part, str) for part in parts):
            return Broken(f"messages that make {task.text!r}", f"{parts!r:.200}")
    return Held() if judged else Unable("no message came")


def _events(watched: Watched) -> list[dict[str, Any]]:
    read = (_event(message.data) for message in watched.messages)
    return [event for event in read if event is not None]


def _event(data: bytes | str) -> dict[str, Any] | None:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and isinstance(body.get("type"), str) else None
