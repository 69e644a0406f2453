"""Which sessions exist, and what a call that has no fault of its own is answered."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from contract.exchange import Exchange
from contract.model.accounts import Identity
from contract.model.call import Call
from contract.model.expectation import Expectation, accepted, refused
from contract.model.knowledge import Knowledge
from contract.model.lifecycle import ROOM_TABLE, TABLE, TABLES, Move
from contract.model.session import ACTIVE, ANY, ModelSession, State, States
from contract.model.signalling import Judgement, judge_candidate, judge_sdp
from contract.model.speech import MAX_WAITING

REMEMBERED = 500
"""Ended sessions that a server must remember as such; of older ones it may know nothing."""

_AVATAR_ROWS = (
    "avatar-not-found",
    "avatar-not-found-legacy",
    "avatar-not-allowed",
    "avatar-deprecated",
    "avatar-deprecated-media",
)

_SWEEP = 200
"""Calls between two looks at which sessions have ended."""


@dataclass(slots=True)
class Situation:
    """A call, who makes it, and the session it names. ``moment`` is on the server's clock."""

    call: Call
    identity: Identity
    moment: tuple[float, float]
    session: ModelSession | None = None
    possible: States = frozenset()
    signal: Judgement = "open"
    moves: dict[State, Move] = field(default_factory=dict)
    foreign: bool = False
    """Whether the session belongs to somebody else."""
    faults: list[Expectation] = field(default_factory=list)
    """What is surely wrong with the request itself; such a call changes nothing."""
    active: tuple[int, int] = (0, 0)
    """The account's active sessions: at least, at most."""

    @property
    def history(self) -> tuple[Exchange, ...]:
        """What led here: the session's exchanges, what made the caller's token, and the call."""
        token = self.identity.token
        made = [token.made] if token is not None and token.made is not None else []
        before = self.session.history if self.session is not None else []
        led = {exchange.number: exchange for exchange in (*made, *before, self.call.exchange)}
        return tuple(led[number] for number in sorted(led))

    def also_held(self, matched: Expectation) -> list[str]:
        """Further rules that an expected answer bears out."""
        session, found = self.session, []
        if session is None or self.foreign:
            return []
        if matched.rule == "session-closed" and session.ended_by and not session.stopped:
            found.append(session.ended_by)
            if session.ended_by == "idle-timeout":
                found += sorted(session.idle_calls)
        if matched.rule == "session-closed" and session.stopped and self.call.id == "stopSession":
            found.append("stop-twice")
        if matched.success and not self.possible & {State.LEFT, State.CLOSED}:
            found += session.lived_by(self.moment[0])
            if session.version == "v2" and self.call.id == "sendTask":
                found.append("room-connects")
            if session.deserted and self.possible == {State.CONNECTED}:
                found.append("room-stays")
        return found


class WorldModel:
    """The sessions that were opened, and the limits that are known."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.sessions: dict[str, ModelSession] = {}
        self.live: dict[str, ModelSession] = {}
        """Those that have not ended, or have only lately: all that a list or a limit can be about.
        A server under test sees thousands of sessions end."""
        self._fading: set[str] = set()
        self._calls = 0
        self.limit: int | None = knowledge.max_sessions
        self.blind = False
        """Whether a newSession was answered in a way that hides what came of it."""

    def situation(self, call: Call, identity: Identity, moment: tuple[float, float]) -> Situation:
        """What there is to know of a call before its answer is judged."""
        situation = Situation(call, identity, moment)
        self._sweep()
        if call.id in TABLE and call.session_id is not None:
            session = self.sessions.get(call.session_id)
            if session is None and not self.knowledge.complete:
                session = self._met(call.session_id, identity)
            situation.session = session
            if session is not None:
                session.pass_time(*moment)
                situation.possible = session.during(moment[0])
                situation.foreign = _foreign(session, identity)
                self._moves(situation, session)
        elif call.id in ("newSession", "listSessions"):
            for session in self.live.values():
                session.pass_time(*moment)
            situation.active = self._active(identity.account, moment[0])
        return situation

    def _met(self, session_id: str, identity: Identity) -> ModelSession:
        session = ModelSession(
            session_id,
            identity.account,
            (-math.inf, math.inf),
            ANY,
            version=None,
            known=False,
            may_not_exist=True,
            idle=None,
            limit=math.inf,
        )
        self.add(session)
        return session

    def add(self, session: ModelSession) -> None:
        """Takes a session into account, in the place of one of the same id."""
        self.sessions[session.session_id] = self.live[session.session_id] = session

    def ever_listed(self, shown: Iterable[str]) -> list[ModelSession]:
        """The sessions that a list can be about, with those it shows and should not."""
        late = (self.sessions[name] for name in shown if name in self.sessions)
        return list({s.session_id: s for s in (*self.live.values(), *late)}.values())

    def _sweep(self) -> None:
        """Lets go of what ended before the last sweep: no call under way then is so still."""
        self._calls += 1
        if self._calls % _SWEEP:
            return
        ended = {name for name, session in self.live.items() if not session.states & ACTIVE}
        for name in ended & self._fading:
            del self.live[name]
        self._fading = ended

    def _active(self, account: str | None, began: float) -> tuple[int, int]:
        mine = [
            s
            for s in self.live.values()
            if (account is None or s.account == account) and s.matters(began)
        ]
        surely = sum(not s.during(began) - ACTIVE for s in mine)
        return surely, sum(bool(s.during(began) & ACTIVE) for s in mine)

    def _moves(self, situation: Situation, session: ModelSession) -> None:
        assert situation.call.id is not None
        table = dict(TABLES[session.version or "v1"][situation.call.id])
        if session.version == "v2" and situation.call.id in ("startSession", "submitIce"):
            situation.signal = "fits"  # nobody reads it
        elif situation.call.id == "startSession":
            table[State.NEW] = self._start(situation, session)
        elif situation.call.id == "submitIce" and situation.call.readable:
            candidate = situation.call.body.get("candidate")
            text = candidate.get("candidate", "") if isinstance(candidate, dict) else ""
            situation.signal = judge_candidate(str(text))
            if situation.signal == "unusable":
                for state in ACTIVE:
                    table[state] = Move(refused("ice-refused", "invalid-parameter"))
        elif situation.call.id == "interruptTask":
            if session.speech.speaking(*situation.moment)[0]:
                table[State.CONNECTED] = Move(accepted("interrupt-silences"))
        elif situation.call.id == "sendTask" and _queue_full(situation, session, 0):
            table[State.CONNECTED] = Move(refused("task-queue-limit", "too-many-tasks"))
        situation.moves = {state: table[state] for state in situation.possible}

    @staticmethod
    def _start(situation: Situation, session: ModelSession) -> Move:
        sdp = situation.call.body.get("sdp")
        to = frozenset({State.CONNECTING, State.CONNECTED})
        if not situation.call.readable:
            return Move(accepted("start-answer", sure=False), to)
        if not isinstance(sdp, dict):
            return Move(refused("start-without-sdp", "invalid-params"))
        kind = str(sdp.get("type") or "offer")
        situation.signal = judge_sdp(kind, str(sdp.get("sdp")), session.offer)
        if situation.signal == "unusable":
            return Move(refused("start-refused", "peer-start-failed"))
        return Move(accepted("start-offer" if kind == "offer" else "start-answer"), to)

    def expectations(self, situation: Situation) -> list[Expectation]:
        """What a call without a fault of its own may be answered."""
        call = situation.call
        if call.id == "newSession":
            return self._opening(situation)
        table = TABLE.get(call.id or "")
        if table is None:
            return [accepted("valid-accepted")]
        if call.session_id is None:  # a recording left the body out
            return [accepted("valid-accepted", sure=False), *_any_refusal(table.values())]
        session = situation.session
        if session is None:
            return [refused("session-unknown", "session-unknown")]
        if situation.foreign:
            return [self._foreign_refusal(situation, session)]
        found = [situation.moves[state].expect for state in State if state in situation.moves]
        if situation.signal == "open":
            found += self._doubts(situation)
        if call.id == "sendTask":
            found += self._queue(situation, session)
        if session.version is None:
            moves = ROOM_TABLE[call.id or ""]
            found += [replace(moves[s].expect, sure=False) for s in sorted(situation.possible)]
        forgotten = len(self.sessions) - len(self.live) + len(self._fading) > REMEMBERED
        if session.may_not_exist or (forgotten and not session.states & ACTIVE):
            found.append(refused("session-unknown", "session-unknown", sure=False))
        identity = situation.identity
        if session.account is not None and identity.account not in (None, session.account):
            # Two keys whose accounts nobody knows: they can be one account's, or two.
            found.append(refused("account-own", "session-unknown", sure=False))
        token = identity.token
        if token is not None and token.session_id is None:  # of a time before the recording
            found.append(refused("token-own-session", "unauthorized", sure=False))
        if token is not None and identity.valid is None and token.session_id != session.session_id:
            # It may have expired, or else still be another session's.
            found.append(replace(self._foreign_refusal(situation, session), sure=False))
        return found

    @staticmethod
    def _doubts(situation: Situation) -> list[Expectation]:
        if situation.call.id == "startSession" and State.NEW in situation.possible:
            return [refused("start-refused", "peer-start-failed", sure=False)]
        if situation.call.id == "submitIce" and situation.possible & ACTIVE:
            return [refused("ice-refused", "invalid-parameter", sure=False)]
        return []

    @staticmethod
    def _queue(situation: Situation, session: ModelSession) -> list[Expectation]:
        found = []
        if State.CONNECTED in situation.possible:
            if not session.known or _queue_full(situation, session, 1):
                found.append(refused("task-queue-limit", "too-many-tasks", sure=False))
            if session.waits(situation.call.body, situation.moment[1]):
                # A stop that is under way ends what waits before it is answered itself.
                found.append(refused("task-dropped", "session-closed", sure=False))
            voice = ("voice-not-supported", "speech-provider-failed")
            found += [refused("valid-accepted", row, sure=False) for row in voice]
        return found

    @staticmethod
    def _foreign_refusal(situation: Situation, session: ModelSession) -> Expectation:
        token = situation.identity.token
        if session.account != situation.identity.account or token is None:
            return refused("account-own", "session-unknown")
        if token.session_id is None:
            return refused("token-own-session", "session-unknown")
        return refused("token-own-session", "unauthorized")

    def _opening(self, situation: Situation) -> list[Expectation]:
        body = situation.call.body
        surely, perhaps = situation.active
        full = refused("concurrent-limit", "concurrent-limit")
        maybe = refused("concurrent-limit", "concurrent-limit", sure=False)
        found: list[Expectation] = [accepted("valid-accepted")]
        if self.limit is None:
            # The first refusal tells the limit, unless nothing is open that could fill it.
            if perhaps or not self.knowledge.exclusive:
                found.append(maybe)
        elif self.limit and surely >= self.limit and not self.blind:
            return [full]
        elif self.limit and (perhaps >= self.limit or self.blind or not self.knowledge.exclusive):
            found.append(maybe)
        if body.get("avatar_id") or body.get("avatar_name"):
            found += [refused("valid-accepted", row, sure=False) for row in _AVATAR_ROWS]
        if body.get("voice"):
            found.append(refused("valid-accepted", "voice-not-supported", sure=False))
        return found

    @property
    def accounts(self) -> set[str]:
        """The accounts that have opened a session."""
        return {s.account for s in self.sessions.values() if s.account is not None}

    def foresee(self, call: Call) -> None:
        """A call that is under way succeeds: what it leads to may show before its answer does."""
        session = self.sessions.get(call.session_id or "")
        if session is not None:
            for move in TABLE.get(call.id or "", {}).values():
                session.states |= move.to or frozenset()


def _queue_full(situation: Situation, session: ModelSession, bound: int) -> bool:
    """Whether as many tasks wait as may: surely with ``bound`` 0, perhaps with 1."""
    return session.speech.waiting(*situation.moment)[bound] >= MAX_WAITING


def _foreign(session: ModelSession, identity: Identity) -> bool:
    if identity.account is None or identity.valid is not True:
        return False
    if session.account is not None and session.account != identity.account:
        return True
    token = identity.token
    if token is None or (token.session_id is None and token.created[1] == math.inf):
        return False
    return token.session_id != session.session_id


def _any_refusal(moves: Iterable[Move]) -> list[Expectation]:
    rows = {row for move in moves for row in move.expect.rows} | {"session-unknown"}
    rows |= {"invalid-parameter", "invalid-params", "peer-start-failed"}
    return [refused("session-closed", *sorted(rows), sure=False)]
