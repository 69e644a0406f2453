"""The reference model as a trace oracle: what may an answer be, given all that went before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contract.exchange import Exchange
from contract.findings import Findings, Violation
from contract.model.accounts import Accounts
from contract.model.answers import AnswerForms, Form
from contract.model.blame import blame
from contract.model.call import read_call
from contract.model.effects import Effects
from contract.model.expectation import ENVIRONMENT, Actual, Expectation, rows_of
from contract.model.faults import faults_of
from contract.model.knowledge import Knowledge
from contract.model.session import ACTIVE, ModelSession, State, States
from contract.model.world import Situation, WorldModel
from contract.spec import Answers, Shape, Spec

_JUDGED = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
"""Methods whose answers the contract speaks of; HEAD has no body, OPTIONS is a browser's."""


class Monitor:
    """Watches exchanges in the order in which they ended, and says which break a rule.

    Pure: no I/O, no clock of its own, no randomness. The same object judges every stimulus.
    """

    def __init__(
        self,
        spec: Spec,
        findings: Findings,
        *,
        answers: Answers = "union",
        knowledge: Knowledge | None = None,
    ) -> None:
        self._spec = spec
        self._findings = findings
        self._knowledge = knowledge or Knowledge()
        self._forms = AnswerForms(spec, findings, answers, decoded=not self._knowledge.complete)
        self._accounts = Accounts(self._knowledge)
        self._world = WorldModel(self._knowledge)
        self._effects = Effects(spec, findings, self._world, self._accounts)
        self._plain: set[tuple[str | None, str]] = set()
        """(operation, rule) that held where an operation was called by its own path."""
        self._offset = 0.0
        self._now = 0.0

    def observe(self, exchange: Exchange, *, during: Sequence[Exchange] = ()) -> list[Violation]:
        """Judges one exchange; what breaks a rule is also in the findings.

        ``during`` are exchanges that were under way at the same time and are not observed yet:
        what they lead to may show already.
        """
        if exchange.request.method not in _JUDGED:
            return []
        call = read_call(self._spec, exchange)
        moment = (exchange.began + self._offset, exchange.ended + self._offset)
        self._now = moment[1]
        self._foresee(during)
        form = self._forms.read(call)
        found = list(form.violations)
        identity = self._accounts.identify(
            exchange.request, now=moment[1], hidden="credentials" in exchange.unknown
        )
        situation = self._world.situation(call, identity, moment)
        if form.actual is None:
            self._effects.guess(situation, exchange.response.status)
        elif not self._environmental(form.actual):
            found += self._judge(situation, form, form.actual)
        if situation.session is not None:
            situation.session.remember(exchange)
        return found

    def _judge(self, situation: Situation, form: Form, actual: Actual) -> list[Violation]:
        call = situation.call
        faults = faults_of(call, situation.identity)
        sure = situation.faults = [fault for fault in faults if fault.sure]
        if sure:
            allowed = faults[: faults.index(sure[0]) + 1]
        else:
            allowed = [*faults, *self._world.expectations(situation)]
        real = self._findings.profile == "real"
        matched = [each for each in allowed if actual.fulfils(each, real=real)]
        found = []
        if matched:
            self._hold(situation, matched, several=len(sure) > 1 and matched[0] in sure)
        else:
            found.append(
                self._break(situation, actual, allowed, [*sure, *self._later(situation, sure)])
            )
        wanted = not sure
        found += self._effects.apply(situation, actual, form.body, expected=bool(matched) or wanted)
        return found

    def _later(self, situation: Situation, faults: list[Expectation]) -> list[Expectation]:
        """What the state would refuse, had the request none of its faults: it comes after them."""
        if not faults or situation.call.operation is None or not situation.identity.valid:
            return []
        state = self._world.expectations(situation)
        return [each for each in state if each.sure and not each.success]

    def _hold(self, situation: Situation, matched: list[Expectation], *, several: bool) -> None:
        call, findings = situation.call, self._findings
        first = next((each for each in matched if each.sure), matched[0])
        findings.held(first.rule)
        if several:
            findings.held("check-order")
        for rule in situation.also_held(first):
            findings.held(rule)
        if call.alias:
            findings.held("alias-same")
        else:
            self._plain.add((call.id, first.rule))
        if first.success and call.unknown_fields:
            findings.held("unknown-fields")
        if first.success and call.null_fields:
            findings.held("null-is-absent")

    def _break(
        self,
        situation: Situation,
        actual: Actual,
        allowed: list[Expectation],
        faults: list[Expectation],
    ) -> Violation:
        primary = next((each for each in allowed if each.sure), allowed[0])
        sure = [each for each in allowed if each.sure] or allowed
        words = dict.fromkeys(each.words(self._spec) for each in sure)
        return self._findings.broken(
            blame(situation, actual, primary, faults, plain=self._plain),
            expected=" or ".join(words),
            actual=actual.words,
            operation=situation.call.named,
            history=situation.history,
            rests_on=rows_of(self._spec, sure[:1]),
        )

    def _environmental(self, actual: Actual) -> bool:
        """Whether a real service says something of itself rather than of the request."""
        return self._findings.profile == "real" and bool(actual.rows & ENVIRONMENT)

    def _foresee(self, during: Sequence[Exchange]) -> None:
        for other in during:
            if other.response.status == 200:
                self._world.foresee(read_call(self._spec, other))

    def advance(self, seconds: float) -> None:
        """The server's clock was moved on."""
        self._offset += seconds

    def connected(self, session_id: str) -> None:
        """The session's viewer says that it is connected."""
        session = self._world.sessions.get(session_id)
        if session is not None and session.states & ACTIVE:
            session.backed = True
            session.become(frozenset({State.CONNECTED}), self._now)
            session.active(self._now, self._now)

    def not_connected(self, session_id: str) -> None:
        """Nobody stands behind the answer that was given: the session cannot connect."""
        session = self._world.sessions.get(session_id)
        if session is not None and State.CONNECTING in session.states:
            session.backed = False  # until somebody comes into its room
            session.become(session.states - {State.CONNECTED}, self._now)

    def left(self, session_id: str) -> None:
        """The session's viewer closed its side; a session in a room lives on."""
        session = self._world.sessions.get(session_id)
        if session is not None and session.version == "v2":
            session.deserted = True
        elif session is not None and session.states & ACTIVE:
            session.left_from = session.left_at = self._now
            session.become(session.states | {State.LEFT}, self._now)

    def states(self, session_id: str) -> States:
        """The states that the session can be in; empty for an id that was never given."""
        session = self._world.sessions.get(session_id)
        return frozenset() if session is None else session.states

    @property
    def open_sessions(self) -> list[str]:
        """The sessions that may not have ended, oldest first."""
        return [session.session_id for session in _open(self._world.sessions.values())]

    @property
    def shape(self) -> Shape | None:
        """The shape of answers that is held; None while ``auto`` has not fixed it."""
        return self._forms.shape


def _open(sessions: Iterable[ModelSession]) -> list[ModelSession]:
    return [s for s in sessions if s.known and s.states & ACTIVE]
