"""What an answer of listSessions tells and changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contract.findings import Findings, Violation
from contract.model.listing import entries_of, judge_entry, judge_presence, status_of
from contract.model.session import ACTIVE, OVER, ModelSession
from contract.model.verdicts import Verdicts
from contract.model.world import Situation, WorldModel


class Lists:
    """Holds each list against all sessions, and learns from it how far each has come."""

    def __init__(self, findings: Findings, world: WorldModel, verdicts: Verdicts) -> None:
        self._findings = findings
        self._world = world
        self._verdicts = verdicts

    def follow(self, situation: Situation, body: dict[str, Any]) -> list[Violation]:
        """Judges the list, and believes it about sessions that could be in several states."""
        began, _ = situation.moment
        entries = entries_of(body)
        found = self._verdicts.agree(situation, body)
        shown = {str(entry.get("session_id")): entry for entry in entries}
        found += self._once(situation, entries)
        account, token = situation.identity.account, situation.identity.token
        mine = [
            s
            for s in self._world.ever_listed(shown)
            if s.known
            and account is not None
            and s.account == account
            and (token is None or s.session_id == token.session_id)
            and (s.session_id in shown or s.matters(began))
        ]
        skew = 5.0 if self._findings.profile == "strict" else 600.0
        for point in judge_presence(mine, shown, began):
            found += self._verdicts.point(situation, point)
        for session_id, entry in shown.items():
            session = self._world.sessions.get(session_id)
            if session is None:
                found += self._stranger(situation, session_id)
                continue
            if token is not None and token.session_id not in (None, session_id):
                found += self._verdicts.check(
                    situation, "token-own-session", "the token's own session only", session_id
                )
            elif session.account is not None and account not in (None, session.account):
                found += self._verdicts.check(
                    situation, "account-own", "sessions of the own account only", session_id
                )
            for point in judge_entry(session, entry, began, skew=skew):
                found += self._verdicts.point(situation, point)
            self._learn(session, entry, situation)
        for session in mine:
            if session.states & ACTIVE:
                session.idle_calls.add("list-reads")
            if session.session_id not in shown and session.states & OVER:
                session.become(session.states & OVER, situation.moment[1])
        self._findings.held("list-active")
        if self._world.accounts - {account}:
            self._findings.held("account-own")
        if token is not None:
            self._findings.held("token-own-session")
        return found

    def _once(self, situation: Situation, entries: list[dict[str, Any]]) -> list[Violation]:
        names = Counter(str(entry.get("session_id")) for entry in entries)
        twice = [name for name, number in names.items() if number > 1]
        if not twice:
            return []
        wrong = f"{twice[0][:80]} {names[twice[0]]} times"
        return self._verdicts.check(situation, "list-active", "each session once", wrong)

    def _learn(self, session: ModelSession, entry: dict[str, Any], situation: Situation) -> None:
        if session.overlaps(situation.moment[0]):
            return
        session.alive_at = max(session.alive_at, situation.moment[0])
        told = status_of(entry)
        # Where the list must be wrong, it may be the list alone.
        session.become(session.states & told or session.states | told, situation.moment[1])
        session.may_not_exist = False

    def _stranger(self, situation: Situation, session_id: str) -> list[Violation]:
        knowledge = self._world.knowledge
        if not (knowledge.complete and knowledge.exclusive) or self._world.blind:
            return []
        return self._verdicts.check(
            situation, "list-active", "only sessions that newSession has given", session_id
        )
