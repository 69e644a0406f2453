"""The life of one session: what each event leads to."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from mock_server.core import effects as ef
from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.catalogue import Avatar, Emotion, Encoding, Quality, Version, Voice
from mock_server.core.faults.lifecycle import EarlyEnd
from mock_server.core.speech import Speech
from mock_server.core.talk import MAX_WAITING_TASKS, Talk
from mock_server.core.transitions import (
    REFUSALS,
    ROOM_REFUSALS,
    ROOM_TRANSITIONS,
    TRANSITIONS,
    State,
    Transitions,
)

SHUTDOWN = "shutdown"
"""Why a session ended that the server took along."""
CONNECT_TIMEOUT = 30.0
"""Seconds from start until a viewer that never appears counts as gone, as one that vanishes later
does by ICE consent (RFC 7675 section 5.1)."""
ROOM_TIMEOUT = 300.0
"""The same in v2, where the avatar waits five minutes for a viewer (public clients, 2025)."""


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """What streaming.new asked for, resolved. Times in seconds."""

    session_id: str
    account: str
    avatar_id: str
    """The id the caller gave, ``default`` without one; ``avatar`` is the face that is shown."""
    avatar: Avatar
    voice: Voice
    rate: float
    emotion: Emotion
    quality: Quality
    encoding: Encoding
    knowledge_base: str
    created_at: float
    duration_limit: float
    idle_timeout: float | None
    seed: int
    ends: tuple[EarlyEnd, ...] = ()
    """What ends it before its time, by the plan that is played."""
    version: Version = Version.V1


class Session:
    """One session. :meth:`handle` is the only way to change it, and does no I/O."""

    def __init__(self, config: SessionConfig, *, transitions: Transitions | None = None) -> None:
        self.config = config
        self.state = State.NEW
        self.closed_because: str | None = None
        self.listening = True
        in_room = config.version is Version.V2
        self._transitions = transitions or (ROOM_TRANSITIONS if in_room else TRANSITIONS)
        self._refusals = ROOM_REFUSALS if in_room else REFUSALS
        self._connect_timeout = ROOM_TIMEOUT if in_room else CONNECT_TIMEOUT
        self._talk = Talk()
        self._opening: int | None = None
        self._starting: int | None = None
        self._active_at = config.created_at
        self._connect_by = math.inf
        self._connected_at: float | None = None
        self._effects: list[ef.Effect] = []

    @property
    def is_over(self) -> bool:
        """Whether it has ended: its slot is free, and the list has it no more."""
        return self.state in (State.LEFT, State.CLOSED)

    @property
    def status(self) -> str:
        """The state's name as the API has it: a session whose viewer left is closed."""
        return str(State.CLOSED if self.is_over else self.state)

    @property
    def speech(self) -> Speech | None:
        return self._talk.speech

    @property
    def waiting(self) -> int:
        """How many tasks wait for the avatar to finish."""
        return len(self._talk.waiting)

    @property
    def deadline(self) -> float | None:
        """When :class:`~mock_server.core.events.TimePassed` is due; None once closed."""
        if self.is_over:
            return None
        limit = self.config.created_at + self.config.duration_limit
        due = limit if self.speech is None else min(limit, self.speech.ends_at)
        if self.state is State.CONNECTING:
            due = min(due, self._connect_by)
        due = min(due, self._early_end[0])
        idle = self._idle_deadline
        return due if idle is None else min(due, idle)

    @property
    def _early_end(self) -> tuple[float, EarlyEnd | None]:
        """The first end that the plan knows of by now, and when it is due."""
        first, due = None, math.inf
        for end in self.config.ends:
            at = end.due(connected_at=self._connected_at, talking_at=self._talk.began_at)
            if at is not None and at < due:
                first, due = end, at
        return due, first

    @property
    def _idle_deadline(self) -> float | None:
        if self.config.idle_timeout is None:
            return None
        busy_until = self._active_at if self.speech is None else self.speech.ends_at
        return max(self._active_at, busy_until) + self.config.idle_timeout

    def remembered(self) -> Session:
        """The same session with all that is long left out, to be kept after its end."""
        kept = copy.copy(self)
        kept.config = replace(self.config, knowledge_base="", avatar_id=self.config.avatar_id[:200])
        return kept

    def refusal(self, event: type[ev.Event]) -> errors.ErrorRow | None:
        """The error that such a call would get in this state; None when it is allowed."""
        return None if event in self._transitions[self.state] else self._refusals[self.state]

    def handle(self, event: ev.Event, now: float) -> list[ef.Effect]:
        """What follows from ``event`` at ``now`` (seconds on the fake's clock), in order."""
        self._effects = []
        happened = self._due(now) if isinstance(event, ev.TimePassed) else event
        if happened is not None:
            self._step(happened, now)
        return self._effects

    def _step(self, event: ev.Event, now: float) -> None:
        target = self._transitions[self.state].get(type(event))
        if target is None:
            self._refuse_in_state(event)
            return
        before, self.state = self.status, target
        self._HANDLERS[type(event)](self, event, now)
        if self.status != before:
            reason = (("reason", self.closed_because),) if self.closed_because else ()
            self._effects.append(ef.Note("state", (("status", self.status), *reason)))

    def _refuse_in_state(self, event: ev.Event) -> None:
        # Late news of a peer that is no longer wanted is dropped; a caller is told the state.
        call = getattr(event, "call", None)
        if call is not None:
            self._effects.append(ef.Refuse(call, self._refusals[self.state]))

    # calls of clients

    def _open(self, event: ev.Open, now: float) -> None:
        self._opening = event.call
        in_room = self.config.version is Version.V2
        self._effects.append(ef.OpenRoom() if in_room else ef.OpenPeer())

    def _start(self, event: ev.Start, now: float) -> None:
        self._active_at = now
        self._connect_by = now + self._connect_timeout
        self._starting = event.call
        if event.description is None:
            self._effects.append(ef.Announce())
        else:
            self._effects.append(ef.ApplyDescription(event.description))

    def _candidate(self, event: ev.Candidate, now: float) -> None:
        self._effects += [ef.AddCandidate(event.candidate), ef.Reply(event.call, ef.Done())]

    def _speak(self, event: ev.Speak, now: float) -> None:
        if self._talk.is_full:
            detail = f"{MAX_WAITING_TASKS} tasks wait already"
            self._effects.append(ef.Refuse(event.call, errors.TOO_MANY_TASKS, detail))
            return
        self._active_at = now
        self._effects += self._talk.add(event, now)

    def _extend(self, event: ev.Extend, now: float) -> None:
        longer = event.utterance
        effects = self._talk.extend(event.task_id, longer)
        if effects is None:
            self._effects.append(ef.Refuse(event.call, errors.SESSION_STATE, "it has been said"))
            return
        self._active_at = now
        spoken = ef.Spoken(event.task_id, longer.duration_ms)
        self._effects += [*effects, ef.Reply(event.call, spoken)]

    def _interrupt(self, event: ev.Interrupt, now: float) -> None:
        if self.speech is not None:
            self._active_at = now  # without speech an interrupt has no effect, on idleness neither
        self._effects += self._talk.interrupt(now)
        self._effects += [ef.Note("interrupt"), ef.Reply(event.call, ef.Done())]

    def _keep_alive(self, event: ev.KeepAlive, now: float) -> None:
        self._active_at = now
        self._effects += [ef.Note("keep_alive"), ef.Reply(event.call, ef.Done())]

    def _listen(self, event: ev.Listen, now: float) -> None:
        self._active_at = now
        self.listening = event.on
        note = ef.Note("start_listening" if event.on else "stop_listening")
        self._effects += [note, ef.Reply(event.call, ef.Done())]

    def _stop(self, event: ev.Stop, now: float) -> None:
        if self.closed_because is None:
            self._close("stopped", now)
        self._effects.append(ef.Reply(event.call, ef.Done()))

    # the user's voice

    def _user_started(self, event: ev.UserStarted, now: float) -> None:
        self._active_at = now
        self._effects.append(ef.SendEvent("user_start", "", way=event.way))

    def _user_stopped(self, event: ev.UserStopped, now: float) -> None:
        self._active_at = now
        task_id, text, way = event.task_id, event.text, event.way
        self._effects += [
            ef.SendEvent("user_talking_message", task_id, message=text, way=way),
            ef.SendEvent("user_end_message", task_id, way=way),
            ef.SendEvent("user_stop", "", way=way),
        ]

    # news of the peer

    def _offer_made(self, event: ev.OfferMade, now: float) -> None:
        self._opened(event.sdp)

    def _room_opened(self, event: ev.RoomOpened, now: float) -> None:
        self._opened(None)

    def _opened(self, sdp: str | None) -> None:
        if self._opening is not None:
            self._effects.append(ef.Reply(self._opening, ef.Offered(sdp)))
            self._opening = None

    def _announced(self, event: ev.Announced, now: float) -> None:
        self._started(None)

    def _description_accepted(self, event: ev.DescriptionAccepted, now: float) -> None:
        self._started(event.sdp)

    def _started(self, sdp: str | None) -> None:
        if self._starting is not None:
            self._effects.append(ef.Reply(self._starting, ef.Started(sdp)))
            self._starting = None

    def _description_refused(self, event: ev.DescriptionRefused, now: float) -> None:
        if self._starting is not None:
            self._effects.append(ef.Refuse(self._starting, errors.PEER_START_FAILED, event.detail))
            self._starting = None

    def _connected(self, event: ev.Connected, now: float) -> None:
        self._active_at = self._connected_at = now

    def _lost(self, event: ev.Lost, now: float) -> None:
        self._close(f"peer lost: {event.reason}", now)

    def _unavailable(self, event: ev.Unavailable, now: float) -> None:
        self._close(event.detail, now)

    def _crashed(self, event: ev.Crashed, now: float) -> None:
        row = errors.INTERNAL_ERROR
        self._close(f"crashed: {event.detail}", now, row=row, unopened=row)

    def _shutdown(self, event: ev.Shutdown, now: float) -> None:
        self._close(SHUTDOWN, now)

    def _expired(self, event: ev.Expired, now: float) -> None:
        if event.deviation is not None:
            self._effects.append(ef.Deviated(event.deviation))
        self._close(event.reason, now)

    # time

    def _due(self, now: float) -> ev.Event | None:
        """The event that the passing of time amounts to; None when nothing is due."""
        if self.is_over:
            return None
        limit = self.config.created_at + self.config.duration_limit
        early_at, early = self._early_end
        if self.speech is not None and self.speech.ends_at <= min(now, limit, early_at):
            return ev.SpeechEnded()
        if early is not None and early_at <= min(now, limit):
            return ev.Expired(early.reason, early.deviation)
        if limit <= now:
            return ev.Expired("duration limit")
        if self.state is State.CONNECTING and self._connect_by <= now:
            if self.config.version is Version.V2:
                return ev.Expired("no viewer came")
            return ev.Lost("it never connected")
        idle = self._idle_deadline
        return ev.Expired("idle timeout") if idle is not None and idle <= now else None

    def _speech_ended(self, event: ev.SpeechEnded, now: float) -> None:
        self._effects += self._talk.go_on(now)
        if self.speech is None:
            self._active_at = now  # idleness counts from here

    # the end

    def _close(
        self,
        reason: str,
        now: float,
        *,
        row: errors.ErrorRow = errors.SESSION_CLOSED,
        unopened: errors.ErrorRow = errors.SESSION_FULL,
    ) -> None:
        # A newSession knows no states, so one that cannot be answered any more is told that there
        # is no room for it.
        self.closed_because = reason
        if self._opening is not None:
            self._effects.append(ef.Refuse(self._opening, unopened, reason))
        if self._starting is not None:
            self._effects.append(ef.Refuse(self._starting, row))
        self._effects += self._talk.close(now, row)
        self._opening = self._starting = None
        self._effects += [ef.Show(None), ef.ClosePeer(shutdown=reason == SHUTDOWN)]

    _HANDLERS: ClassVar[Mapping[type[ev.Event], Callable[..., None]]] = {
        ev.Open: _open,
        ev.Start: _start,
        ev.Candidate: _candidate,
        ev.Speak: _speak,
        ev.Extend: _extend,
        ev.Interrupt: _interrupt,
        ev.KeepAlive: _keep_alive,
        ev.Listen: _listen,
        ev.Stop: _stop,
        ev.UserStarted: _user_started,
        ev.UserStopped: _user_stopped,
        ev.OfferMade: _offer_made,
        ev.RoomOpened: _room_opened,
        ev.Announced: _announced,
        ev.DescriptionAccepted: _description_accepted,
        ev.DescriptionRefused: _description_refused,
        ev.Connected: _connected,
        ev.Lost: _lost,
        ev.Unavailable: _unavailable,
        ev.Crashed: _crashed,
        ev.Shutdown: _shutdown,
        ev.Expired: _expired,
        ev.SpeechEnded: _speech_ended,
    }
