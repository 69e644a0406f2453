"""What the sockets must tell: each judge gives what is wrong, or None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contract.voice.line import Line

HEARD = ("user_start", "user_talking_message", "user_end_message", "user_stop")
"""What is told of a talk; npm @heygen/streaming-avatar 2.1.0 has the names."""
OPEN = ("connecting", "connected")
"""States of a session that was started and is not over."""
_SHOWN = 80


def judge_messages(chat: Line) -> str | None:
    """Each is a JSON text that says what it is: the SDK throws at others."""
    for told in chat.told:
        if isinstance(told.content, bytes):
            return f"{len(told.content)} bytes that are no text"
        if not chat.kind(told):
            return f"the text {told.content[:_SHOWN]!r}"
    return None


def judge_talk(chat: Line, since: int = 0) -> str | None:
    """One talk was told: its begin, what was said, the end of that, and its end."""
    told = [told.body for told in chat.told[since:] if chat.kind(told) in HEARD]
    kinds = [body["event_type"] for body in told]
    messages = chat.all_of("user_talking_message", since)
    # What was said may come in pieces, as the avatar's own words do.
    pieces = max(1, len(messages))
    if kinds != [HEARD[0], *[HEARD[1]] * pieces, *HEARD[2:]]:
        return ", ".join(kinds[:8]) or ("a closed socket" if chat.ended else "none of them")
    if not all(isinstance(body.get("message"), str) for body in messages):
        return f"the message {messages[0].get('message')!r:.{_SHOWN}}"
    if not any(body["message"].strip() for body in messages):
        return "messages that say nothing"
    ids = [body.get("task_id") for body in (*messages, *chat.all_of(HEARD[2], since))]
    if not all(_named(each) and each == ids[0] for each in ids):
        return f"the task_ids {ids!r:.{_SHOWN}}"
    return None


def judge_unheard(chat: Line, since: int = 0) -> str | None:
    """No talk was told."""
    kinds = [kind for kind in chat.kinds(since) if kind in HEARD]
    return ", ".join(kinds) or None


def judge_greeting(line: Line) -> str | None:
    """The first message says that the session goes on."""
    if not line.told:
        return "a closed socket" if line.ended else "nothing"
    first = line.told[0]
    if line.kind(first) != "session.state_updated":
        return f"{first.content!r:.{_SHOWN}}"
    state = first.body.get("state")
    return None if state in OPEN else f"the state {state!r:.{_SHOWN}}"


def judge_spoken(line: Line, event_id: str, since: int = 0) -> str | None:
    """A speech has begun and ended, once, under the names of its message and of its task."""
    begun = line.all_of("agent.speak_started", since)
    ended = line.all_of("agent.speak_ended", since)
    if len(begun) != 1 or len(ended) != 1:
        errors = line.all_of("error", since)
        why = f", and the error {errors[0]!r:.{2 * _SHOWN}}" if errors else ""
        return f"{len(begun)} agent.speak_started, {len(ended)} agent.speak_ended{why}"
    kinds = line.kinds(since)
    if kinds.index("agent.speak_ended") < kinds.index("agent.speak_started"):
        return "agent.speak_ended first"
    said: Sequence[Mapping[str, Any]] = (begun[0], ended[0])
    if any(each.get("event_id") != event_id for each in said):
        return f"the event_ids {[each.get('event_id') for each in said]!r:.{_SHOWN}}"
    tasks = [task_of(each) for each in said]
    if not _named(tasks[0]) or tasks[0] != tasks[1]:
        return f"the task ids {tasks!r:.{_SHOWN}}"
    return None


def task_of(body: Mapping[str, Any]) -> object:
    """The id of the task that a message is about; None without one."""
    task = body.get("task")
    return task.get("id") if isinstance(task, dict) else None


def _named(value: object) -> bool:
    return isinstance(value, str) and value != ""
