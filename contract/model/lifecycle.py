"""The tables of the life cycle: what each call is answered in each state, and leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contract.model.expectation import Expectation, accepted, refused
from contract.model.session import State, States
from contract.spec import Version

_CLOSED = refused("session-closed", "session-closed")


@dataclass(frozen=True, slots=True)
class Move:
    """What a call is answered in one state; ``to`` are the states that success leads to.

    None leaves the state as it is.
    """

    expect: Expectation
    to: States | None = None


def _everywhere(expect: Expectation) -> dict[State, Move]:
    """A call that every active session takes, and an ended one refuses."""
    return {
        State.NEW: Move(expect),
        State.CONNECTING: Move(expect),
        State.CONNECTED: Move(expect),
        State.LEFT: Move(_CLOSED),
        State.CLOSED: Move(_CLOSED),
    }


_STARTED = frozenset({State.CONNECTING, State.CONNECTED})
_STOPPED = frozenset({State.CLOSED})

TABLE: Mapping[str, Mapping[State, Move]] = {
    "startSession": {
        State.NEW: Move(accepted("start-answer"), _STARTED),
        State.CONNECTING: Move(refused("start-twice", "session-connecting")),
        State.CONNECTED: Move(refused("start-twice", "session-connected")),
        State.LEFT: Move(_CLOSED),
        State.CLOSED: Move(_CLOSED),
    },
    "submitIce": _everywhere(accepted("ice-any-time")),
    "sendTask": {
        State.NEW: Move(refused("task-before-start", "session-new")),
        State.CONNECTING: Move(refused("task-connecting", "session-connecting")),
        State.CONNECTED: Move(accepted("valid-accepted")),
        State.LEFT: Move(_CLOSED),
        State.CLOSED: Move(_CLOSED),
    },
    "interruptTask": _everywhere(accepted("interrupt-silent")),
    "keepAlive": _everywhere(accepted("valid-accepted")),
    "startListening": _everywhere(accepted("valid-accepted")),
    "stopListening": _everywhere(accepted("valid-accepted")),
    "stopSession": {
        State.NEW: Move(accepted("stop-ends"), _STOPPED),
        State.CONNECTING: Move(accepted("stop-ends"), _STOPPED),
        State.CONNECTED: Move(accepted("stop-ends"), _STOPPED),
        State.LEFT: Move(accepted("stop-after-leaving"), _STOPPED),
        State.CLOSED: Move(_CLOSED),
    },
}


def _refused_everywhere(rule: str) -> dict[State, Move]:
    """A call that no active session of a room takes."""
    return _everywhere(refused(rule, "session-state"))


ROOM_TABLE: Mapping[str, Mapping[State, Move]] = {
    **TABLE,
    "startSession": {
        **_refused_everywhere("room-start-twice"),
        State.NEW: Move(accepted("room-start"), _STARTED),
    },
    "submitIce": _refused_everywhere("room-without-ice"),
    "sendTask": {
        **_refused_everywhere("room-task-early"),
        State.CONNECTED: Move(accepted("valid-accepted")),
    },
}
"""The same for sessions in a LiveKit room; connected is one whose room has a viewer."""

TABLES: Mapping[Version, Mapping[str, Mapping[State, Move]]] = {"v1": TABLE, "v2": ROOM_TABLE}
