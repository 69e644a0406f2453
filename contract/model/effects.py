"""What an answer tells and changes: the model follows, and what the answer says is judged."""

from __future__ import annotations

from typing import Any

from contract.findings import Findings, Violation
from contract.model.accounts import Accounts, ModelToken
from contract.model.expectation import Actual
from contract.model.lifecycle import TABLE
from contract.model.listed import Lists
from contract.model.offers import judge_answer, judge_offer
from contract.model.room_tokens import judge_token
from contract.model.session import (
    ACTIVE,
    DEFAULT_IDLE,
    DEFAULT_LIMIT,
    OVER,
    ModelSession,
    State,
    States,
)
from contract.model.talk import Talk
from contract.model.verdicts import Verdicts
from contract.model.world import Situation, WorldModel
from contract.spec import Spec, Version

_PLAIN = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
"""Methods that Allow names only where they are taken; HEAD and OPTIONS a server may add."""

_TOLD: dict[str, States] = {
    "session-new": frozenset({State.NEW}),
    "session-connecting": frozenset({State.CONNECTING}),
    "session-connected": frozenset({State.CONNECTED}),
    "session-closed": OVER,
}
"""The state that an error tells."""
_TOLD_OF_ROOMS: dict[str, States] = {
    "sendTask": frozenset({State.NEW, State.CONNECTING}),
    "startSession": frozenset({State.CONNECTING, State.CONNECTED}),
}
"""Operation -> what session-state tells of a session in a room."""


class Effects:
    """Applies answers to the model, and holds what they say against it."""

    def __init__(
        self, spec: Spec, findings: Findings, world: WorldModel, accounts: Accounts
    ) -> None:
        self._spec = spec
        self._findings = findings
        self._world = world
        self._accounts = accounts
        self._verdicts = Verdicts(findings)
        self._lists = Lists(findings, world, self._verdicts)
        self._talk = Talk(self._verdicts)

    def guess(self, situation: Situation, status: int) -> None:
        """An answer that cannot be read may have had any effect."""
        session, call = situation.session, situation.call
        if call.id == "newSession":
            self._world.blind = True
        elif session is not None and call.id in TABLE:
            began, ended = situation.moment
            for move in situation.moves.values():
                session.states |= move.to or frozenset()
                if status == 200 and move.to is not None:
                    session.become(move.to, ended)
            if status < 300:
                # Whoever meant to refuse it would not say success, readable or not.
                session.active(began, ended, sure=False)
                if call.id == "startSession":
                    session.started = ended
                elif call.id == "sendTask":
                    session.speech.take_perhaps()
                elif call.id == "interruptTask":
                    session.speech.silence_perhaps()
                    session.drops.append((ended, None))

    def apply(
        self, situation: Situation, actual: Actual, body: Any, *, expected: bool
    ) -> list[Violation]:
        """Follows the answer. ``expected`` is False where the call should not have succeeded."""
        call = situation.call
        if not actual.success:
            self._refusal(situation, actual)
            return self._allow(situation, actual)
        if not isinstance(body, dict):  # a recording left it out
            if call.id == "newSession":
                self._world.blind = True
            body = {}
        if situation.identity.token is None and situation.identity.bearer:
            self._accounts.meet(call.exchange.request, situation.identity.account)
        if call.id == "newSession":
            return self._opened(situation, body)
        if call.id == "createToken":
            return self._token_made(situation, body)
        if call.id == "listSessions":
            return self._lists.follow(situation, body) if expected else []
        if not call.readable:
            self._unseen(situation)
        if situation.session is None:
            return []
        return self._called(situation, situation.session, body)

    def _unseen(self, situation: Situation) -> None:
        """A recording left the request's body out: any session may be the one it was about."""
        table = TABLE.get(situation.call.id or "", {})
        began, ended = situation.moment
        for session in self._world.sessions.values():
            moves = (table[state] for state in session.states if state in table)
            reached = session.states.union(*(move.to or frozenset() for move in moves))
            session.become(reached, ended)
            session.active(began, ended, sure=False)

    # refusals

    def _refusal(self, situation: Situation, actual: Actual) -> None:
        session, call, token = situation.session, situation.call, situation.identity.token
        if call.id == "newSession":
            if token is not None and not token.session_id:
                token.refused = True
            if "concurrent-limit" in actual.rows and self._world.limit is None:
                self._world.limit = situation.active[1] or None
        if session is not None and situation.faults:
            session.refused_by = situation.faults[0].rule
        if session is None or situation.foreign:
            return
        if "peer-start-failed" in actual.rows:
            session.start_refused = True
            # No rule says whether what came to nothing was activity.
            session.active(*situation.moment, sure=False)
        if "session-unknown" in actual.rows and session.may_not_exist:
            session.become(OVER, situation.moment[1])
        told: States = frozenset().union(*(_TOLD.get(row, frozenset()) for row in actual.rows))
        if "session-state" in actual.rows and session.version == "v2":
            told |= _TOLD_OF_ROOMS.get(call.id or "", frozenset())
        fitting = frozenset(
            state
            for state, move in situation.moves.items()
            if not move.expect.success and move.expect.rows & actual.rows
        )
        if told and not session.overlaps(situation.moment[0]):
            # Where no state fits, the server is believed, so that one bug is one violation.
            narrowed = fitting & session.states or told
            session.become(narrowed, situation.moment[1])

    def _allow(self, situation: Situation, actual: Actual) -> list[Violation]:
        call = situation.call
        if "method-not-allowed" not in actual.rows or call.operation is not None:
            return []
        path = call.exchange.request.path.partition("?")[0]
        wanted = set(self._spec.paths.get(path, {}))
        allow = call.exchange.response.header("allow")
        named = {name.strip().upper() for name in (allow or "").split(",")}
        if not wanted or (wanted <= named and not named & _PLAIN - wanted):
            return []
        return [
            self._findings.broken(
                "method-refused",
                expected=f"Allow: {', '.join(sorted(wanted))}",
                actual="no Allow header" if allow is None else f"Allow: {allow}",
                operation=next(iter(self._spec.paths[path].values())).id,
                history=(call.exchange,),
            )
        ]

    # successes

    def _opened(self, situation: Situation, body: dict[str, Any]) -> list[Violation]:
        data = body.get("data")
        session_id = data.get("session_id") if isinstance(data, dict) else None
        if not isinstance(session_id, str):
            self._world.blind = True
            return []
        assert isinstance(data, dict)
        asked, identity, moment = situation.call.body, situation.identity, situation.moment
        found = self._verdicts.check(
            situation, "session-id-fresh", "an id that was not given before",
            session_id if session_id in self._world.sessions else None, "data.session_id",
        )  # fmt: skip
        if found:
            return found
        voice = asked.get("voice")
        session = ModelSession(
            session_id,
            identity.account,
            moment,
            frozenset({State.NEW}),
            version=_version(situation, data),
            token=None if identity.token is None else identity.token.text,
            rate=_number(voice.get("rate") if isinstance(voice, dict) else None, 1.0),
            limit=_number(data.get("session_duration_limit"), DEFAULT_LIMIT),
            activity=moment,
        )
        session.idle = _number(asked.get("activity_idle_timeout"), DEFAULT_IDLE)
        if asked.get("disable_idle_timeout") or not situation.call.readable:
            session.idle = None
        session.connected_by.append(situation.call.exchange)
        self._world.add(session)
        if identity.token is not None:
            identity.token.session_id = session_id
            if identity.token.made is not None:
                session.remember(identity.token.made)
            if identity.token.refused:
                self._findings.held("token-kept-when-refused")
        situation.session = session
        if session.version == "v2":
            return [*found, *self._room(situation, session, data)]
        sdp = data.get("sdp")
        if isinstance(sdp, dict) and isinstance(sdp.get("sdp"), str):
            session.offer = sdp["sdp"]
            encoding = str(asked.get("video_encoding") or "VP8")
            for rule, promise, wrong in judge_offer(sdp["sdp"], encoding):
                found += self._verdicts.check(situation, rule, promise, wrong, "data.sdp.sdp")
                if rule == "new-offers" and wrong:
                    session.offer = None  # what fits a broken offer, nobody can say
        return found

    def _room(
        self, situation: Situation, session: ModelSession, data: dict[str, Any]
    ) -> list[Violation]:
        """What the answer says of the session's room."""
        name = session.session_id
        has_sdp = "an SDP" if data.get("sdp") else None
        no_url = None if isinstance(data.get("url"), str) else "no url"
        found = self._verdicts.check(
            situation, "room-new", "the address of a room, and no SDP", has_sdp or no_url, "data"
        )
        for field, identity in (("access_token", "client"), ("livekit_agent_token", "agent")):
            token = data.get(field)
            if not isinstance(token, str):
                continue  # the schema says what must be there
            promise = f"a token by which {identity} may join the room"
            wrong = judge_token(token, room=name, identity=identity)
            found += self._verdicts.check(situation, "room-token", promise, wrong, f"data.{field}")
        endpoint = data.get("realtime_endpoint")
        if isinstance(endpoint, str):
            path = endpoint.partition("?")[0]
            wrong = None if path.endswith(f"/session/{name}") else endpoint[:200]
            found += self._verdicts.check(
                situation, "room-realtime", f"an address that ends with /session/{name}", wrong,
                "data.realtime_endpoint",
            )  # fmt: skip
        return found

    def _token_made(self, situation: Situation, body: dict[str, Any]) -> list[Violation]:
        data = body.get("data")
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str):
            return []
        again = token if token in self._accounts.tokens else None
        found = self._verdicts.check(
            situation, "token-fresh", "a token that was not given before",
            None if again is None else "the token of an earlier answer", "data.token",
        )  # fmt: skip
        if again is None:
            account = situation.identity.account
            self._accounts.tokens[token] = ModelToken(
                token, account, situation.moment, made=situation.call.exchange
            )
        return found

    def _called(
        self, situation: Situation, session: ModelSession, body: dict[str, Any]
    ) -> list[Violation]:
        call, (began, ended) = situation.call, situation.moment
        fitting = {s: m for s, m in situation.moves.items() if m.expect.success}
        overlaps = session.overlaps(began)
        session.may_not_exist = False
        if fitting:
            session.alive_at = max(session.alive_at, began)
            session.refused_by = None
        found: list[Violation] = []
        to: States = frozenset()
        for state, move in fitting.items():
            to |= move.to if move.to is not None else frozenset({state})
        if not to:  # it should have been refused: the server is believed
            wanted = {"startSession": State.CONNECTING, "stopSession": State.CLOSED}.get(
                call.id or ""
            )
            to = frozenset({wanted}) if wanted else session.states & ACTIVE or ACTIVE
        if call.id == "startSession":
            found += self._started(situation, session, body)
            session.started = ended
            session.connected_by.append(call.exchange)
            session.active(began, ended)
        elif call.id == "sendTask":
            found += self._talk.spoken(situation, session, body)
        elif call.id == "interruptTask":
            found += self._talk.interrupted(situation, session)
        elif call.id == "keepAlive":
            session.kept_alive(began, ended)
        elif call.id in ("startListening", "stopListening"):
            session.active(began, ended)
        elif call.id == "submitIce":
            session.active(began, ended, sure=False)
        elif call.id == "stopSession":
            found += self._talk.stopped(situation, session)
        session.become(session.states | to if overlaps else to, ended)
        return found

    def _started(
        self, situation: Situation, session: ModelSession, body: dict[str, Any]
    ) -> list[Violation]:
        sdp = situation.call.body.get("sdp")
        if not isinstance(sdp, dict) or (sdp.get("type") or "offer") != "offer":
            return []
        if session.version != "v1":
            return []
        if "data" not in body:  # the documented shape has none; of the others the schema says so
            return []
        data = body.get("data")
        answer = data.get("sdp") if isinstance(data, dict) else None
        if not isinstance(answer, dict) or not isinstance(answer.get("sdp"), str):
            wrong: str | None = "no SDP"
        else:
            wrong = judge_answer(answer["sdp"], str(sdp.get("sdp")))
        return self._verdicts.check(
            situation, "start-offer", "an SDP answer that fits the offer", wrong, "data.sdp.sdp"
        )


def _version(situation: Situation, data: dict[str, Any]) -> Version:
    """What was asked for; where a recording does not show it, what was given."""
    if situation.call.readable:
        return situation.call.version
    return "v2" if isinstance(data.get("url"), str) else "v1"


def _number(value: object, default: float) -> float:
    """The value where it is a number above zero, else the default."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    return float(number) if number > 0 else default
