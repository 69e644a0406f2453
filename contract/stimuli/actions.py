"""What a stimulus does, as data: one action is one call, or one thing that happens beside it.

Actions are written to reports and to probe.json, and can be played again from there. They name
sessions and tokens by the order in which the run made them, never by id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal

Which = int | Literal["unknown", "malformed"] | None
"""A session by its number, from 0 in order of creation; one that was never given; an id of no
form; or no session."""

CONNECTED = "newConnected"
"""newSession and startSession in one."""
ENTER = "enter"
"""The session's viewer joins its room."""
LEAVE = "leave"
"""The session's viewer closes its side, or leaves its room."""
ADVANCE = "advance"
"""The server's clock is moved on by ``seconds``."""
JOIN = "join"
"""The answers to all actions sent ``later`` are awaited."""
REQUEST = "request"
"""A request that calls no operation: ``method`` and ``path``."""

PSEUDO = frozenset({CONNECTED, ENTER, LEAVE, ADVANCE, JOIN, REQUEST})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to an operation's plain body.

    ``place`` is a path like ``voice.rate``, empty for the whole body; ``value`` is JSON text,
    None to take the field out. Strings that begin with ``$`` are filled in as bodies.py says.
    """

    place: str
    value: str | None = None

    def __str__(self) -> str:
        if self.value is None:
            return f"without {self.place}"
        shown = self.value if len(self.value) <= 60 else f"{self.value[:56]} ..."
        return f"{self.place or 'body'}={shown}"


def put(place: str, value: object) -> Edit:
    """The edit that sets the place to a JSON value."""
    return Edit(place, json.dumps(value, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Action:
    """``do`` is an operation's id or one of the pseudo-actions above.

    The body is the operation's plain one with ``edits``, written in the way that ``form`` names
    (bodies.py); ``credentials`` are named as in credentials.py. ``path`` and ``method`` stand in
    for the operation's own. With ``later`` the answer is not awaited at once.
    """

    do: str
    session: Which = None
    edits: tuple[Edit, ...] = ()
    form: str = "json"
    credentials: str = "key"
    method: str | None = None
    path: str | None = None
    seconds: float = 0.0
    later: bool = False

    def __str__(self) -> str:
        words = [self.do if self.method is None else f"{self.do} as {self.method}"]
        words += [] if self.path is None else [f"at {self.path}"]
        words += [] if self.session is None else [f"session {self.session}"]
        words += [str(edit) for edit in self.edits]
        words += [] if self.form == "json" else [self.form]
        words += [] if self.credentials == "key" else [f"with {self.credentials}"]
        words += [] if not self.seconds else [f"{self.seconds:g} s"]
        words += ["later"] if self.later else []
        return " ".join(words)


_DEFAULTS = Action("")
_NAMES = frozenset(field.name for field in fields(Action)) - {"do"}


def to_json(actions: Iterable[Action]) -> list[list[Any]]:
    """Actions as JSON values: ``["sendTask", {"session": 0, "edits": [["text", "Hi"]]}]``.

    What is as usual is left out; an edit of one element takes the field out.
    """
    return [_to_json(action) for action in actions]


def _to_json(action: Action) -> list[Any]:
    said: dict[str, Any] = {}
    for name in sorted(_NAMES):
        value = getattr(action, name)
        if value != getattr(_DEFAULTS, name):
            said[name] = value
    if action.edits:
        said["edits"] = [
            [e.place] if e.value is None else [e.place, json.loads(e.value)] for e in action.edits
        ]
    return [action.do, said] if said else [action.do]


def from_json(value: object) -> tuple[Action, ...]:
    """The actions that :func:`to_json` wrote. Raises ValueError that names the place."""
    if not isinstance(value, list):
        raise ValueError("actions are not a list")  # noqa: TRY004 - text from outside
    return tuple(_from_json(item, number) for number, item in enumerate(value))


def _from_json(item: object, number: int) -> Action:
    match item:
        case [str(do)]:
            return Action(do)
        case [str(do), dict(said)] if said.keys() <= _NAMES:
            return Action(do, **{name: _checked(name, said[name], number) for name in said})
    raise ValueError(f"action {number} is not of the form [name, {{...}}]")


def _checked(name: str, value: object, number: int) -> Any:
    match name, value:
        case "edits", list(items):
            return tuple(_edit(edit, number) for edit in items)
        case "session", "unknown" | "malformed":
            return value
        case "session", int(index) if not isinstance(index, bool) and 0 <= index < 1000:
            return value
        case "seconds", int() | float() if not isinstance(value, bool) and 0 <= value < 1e6:
            return float(value)
        case "later", bool():
            return value
        case "form" | "credentials" | "method" | "path", str():
            return value
    raise ValueError(f"action {number} has a {name} that is none: {value!r:.80}")


def _edit(edit: object, number: int) -> Edit:
    match edit:
        case [str(place)]:
            return Edit(place)
        case [str(place), value]:
            return put(place, value)
    raise ValueError(f"action {number} has an edit that is none: {edit!r:.80}")
