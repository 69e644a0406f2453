"""A session as the judge imagines it: the states it can be in, and when it must end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contract.exchange import Exchange
from contract.model.speech import SpeechModel
from contract.spec import Version

SLACK = 2.0
"""Seconds by which a server's timers may differ from what the judge's clock says."""
CONNECT_TIMEOUT: Mapping[Version | None, float] = {"v1": 30.0, "v2": 300.0, None: 30.0}
"""Seconds after its start in which a session must be connected."""
CONSENT_TIMEOUT = 35.0
"""Seconds after which a vanished viewer must have been noticed (rule viewer-lost)."""
DEFAULT_IDLE = 120.0
DEFAULT_LIMIT = 600.0
_KEPT = 24


class State(StrEnum):
    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LEFT = "left"
    CLOSED = "closed"


States = frozenset[State]
ACTIVE: States = frozenset({State.NEW, State.CONNECTING, State.CONNECTED})
OVER: States = frozenset({State.LEFT, State.CLOSED})
ANY: States = ACTIVE | OVER


@dataclass(frozen=True, slots=True)
class Early:
    """A sync task answered at ``ended`` with ``duration`` ms, before its turn had come."""

    ended: float
    duration: float


@dataclass(slots=True)
class ModelSession:
    """``states`` are all that it can be in. Times are Unix seconds on the server's clock.

    ``created`` is the span in which it was made. ``activity`` is the span in which the last thing
    happened that restarts the idle countdown: its first value is of what surely does, the second
    of what may. ``account`` is None where a recording does not show the credentials. ``known`` is
    whether its newSession was seen; of others nothing is sure. ``may_not_exist`` is set for an id
    that was met first in a request of a recording.
    """

    session_id: str
    account: str | None
    created: tuple[float, float]
    states: States
    version: Version | None = "v1"
    """None where a recording does not show what was asked for."""
    token: str | None = None
    known: bool = True
    may_not_exist: bool = False
    offer: str | None = None
    rate: float = 1.0
    idle: float | None = DEFAULT_IDLE
    limit: float = DEFAULT_LIMIT
    created_at: float | None = None
    stopped: bool = False
    ended_by: str | None = None
    started: float | None = None
    backed: bool | None = None
    """Whether a viewer stands behind the answer given, or is in the room; None while nobody says.
    """
    deserted: bool = False
    """Whether a viewer has left its room."""
    alive_at: float = -math.inf
    """When it was last seen not to have ended."""
    left_at: float = math.inf
    left_from: float = -math.inf
    activity: tuple[float, float] = (-math.inf, -math.inf)
    before_keep_alive: float | None = None
    """What ``activity[1]`` would be without the keep-alives since; None without any."""
    idle_calls: set[str] = field(default_factory=set)
    """The rules of calls since the last activity that must not count as such."""
    refused_by: str | None = None
    """The rule of the latest call on it that a fault of its own must have kept from having any
    effect; None once the session was seen as it was before."""
    start_refused: bool = False
    speech: SpeechModel = field(default_factory=SpeechModel)
    early: list[Early] = field(default_factory=list)
    """Tasks answered while others were to be spoken before them."""
    speech_began: float | None = None
    """Since when the avatar speaks without a break; None while it is silent or nobody knows."""
    drops: list[tuple[float, float | None]] = field(default_factory=list)
    """When an interrupt or the end dropped what waited, and since when it spoke until then."""
    history: list[Exchange] = field(default_factory=list)
    connected_by: list[Exchange] = field(default_factory=list)
    """Its newSession and its start, without which it speaks nothing."""
    _past: list[tuple[float, States]] = field(default_factory=list)

    def remember(self, exchange: Exchange) -> None:
        """Keeps the exchange as one that led to where the session is; the oldest go first."""
        self.history.append(exchange)
        if len(self.history) > _KEPT:
            del self.history[2]  # the first are the newSession, and what made its token

    def become(self, states: States, at: float) -> None:
        """From ``at`` on the session is in one of ``states``."""
        if states != self.states:
            self._past.append((at, self.states))
            del self._past[:-8]
            self.states = states

    def during(self, began: float) -> States:
        """The states it can have had at any moment since ``began``."""
        found = self.states
        for until, states in self._past:
            if until > began:
                found |= states
        return found

    def matters(self, began: float) -> bool:
        """Whether it has not ended for sure, or had not at some moment since ``began``."""
        return bool(self.states & ACTIVE) or self.overlaps(began)

    def overlaps(self, began: float) -> bool:
        """Whether its states changed after ``began``."""
        return bool(self._past) and self._past[-1][0] > began

    def waits(self, task: Mapping[str, object], ended: float) -> bool:
        """Whether a sync task surely has others before it at ``ended``."""
        return (task.get("task_mode") or "sync") == "sync" and self.speech.surely_until > ended

    # time

    def active(self, began: float, ended: float, *, sure: bool = True) -> None:
        """Something happened that restarts the idle countdown, surely or perhaps."""
        first, last = self.activity
        self.activity = (max(first, began) if sure else first, max(last, ended))
        self.before_keep_alive = None
        self.idle_calls.clear()

    def kept_alive(self, began: float, ended: float) -> None:
        """A keep-alive restarted the idle countdown."""
        before = self.activity[1] if self.before_keep_alive is None else self.before_keep_alive
        self.active(began, ended)
        self.before_keep_alive = before

    def pass_time(self, began: float, ended: float) -> None:
        """What an exchange from ``began`` to ``ended`` can find the session to have become."""
        if not self.states & ACTIVE:
            return
        if State.CONNECTING in self.states and self.backed is not False:
            self.states |= {State.CONNECTED}  # at any moment, without a call
        waiting = self.started if State.CONNECTING in self.states else None
        if waiting is not None and ended >= waiting + CONNECT_TIMEOUT[self.version] - SLACK:
            self.states |= {State.CLOSED if self.version == "v2" else State.LEFT}
        for rule, earliest, latest in self._ends():
            if began > latest + SLACK:
                if self.states & ACTIVE:
                    self.ended_by = rule
                    # It may have been left before: then one stop of it is still taken well.
                    self.become(self.states & {State.LEFT} | {State.CLOSED}, began)
            elif ended >= earliest - SLACK and self.states & ACTIVE:
                self.states |= {State.CLOSED}
        if self.left_at <= ended and self.states & ACTIVE:
            # Whatever showed it alive since: the server may notice at any moment.
            self.states |= {State.LEFT}
        if began > self.left_at + CONSENT_TIMEOUT and self.states & ACTIVE:
            self.ended_by = "viewer-lost"
            self.become(frozenset({State.LEFT}), began)

    def _ends(self) -> Iterable[tuple[str, float, float]]:
        yield "duration-limit", self.created[0] + self.limit, self.created[1] + self.limit
        if self.idle is not None:
            first, last = self.activity
            yield (
                "idle-timeout",
                max(first, self.speech.surely_until) + self.idle,
                max(last, self.speech.perhaps_until) + self.idle,
            )

    def late_end(self) -> str | None:
        """The rule that is broken when the session, which must have ended by itself, has not.

        None where it did not end by itself.
        """
        if self.ended_by == "idle-timeout" and self.idle_calls:
            # An interrupt is rarer than a list, and so says more.
            return "interrupt-silent" if "interrupt-silent" in self.idle_calls else "list-reads"
        return self.ended_by

    def early_end(self, now: float) -> str:
        """The rule that is broken when the session turns out to have ended before its time."""
        if now > self.created[0] + 0.9 * self.limit:
            return "duration-limit"
        if self.limit != DEFAULT_LIMIT and self._ended(self.created[0] + DEFAULT_LIMIT, now):
            return "duration-limit"
        if self.idle != DEFAULT_IDLE and self._ended(self.activity[0] + DEFAULT_IDLE, now):
            return "idle-timeout"
        if self.idle is not None and self.before_keep_alive is not None:
            unkept = max(self.before_keep_alive, self.speech.perhaps_until)
            if self._ended(unkept + self.idle, now):
                return "keep-alive"
        if self.idle is not None and now > self.created[1] + self.idle - SLACK:
            return "idle-timeout"
        return self.refused_by or "session-closed"

    def _ended(self, moment: float, now: float) -> bool:
        """Whether a session that has ended by ``now`` can have done so at ``moment``."""
        return self.alive_at - SLACK < moment < now + SLACK

    def lived_by(self, now: float) -> list[str]:
        """The rules that the session's being alive now bears out."""
        found = []
        if self.idle is None and now > self.activity[1] + DEFAULT_IDLE + SLACK:
            found.append("idle-timeout")
        if self.idle is not None and self.before_keep_alive is not None:
            unkept = max(self.before_keep_alive, self.speech.perhaps_until)
            if now > unkept + self.idle + SLACK:
                found.append("keep-alive")
        return found
