"""The reference model as a trace oracle: what may an answer be, given all that went before."""

from __future__ import annotations

from contract.exchange import Exchange
from contract.findings import Findings, Violation
from contract.model.knowledge import Knowledge
from contract.model.session import State
from contract.spec import Shape, Spec
from contract.subject import Answers


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
    ) -> None: ...

    def observe(self, exchange: Exchange) -> list[Violation]:
        """Judges one exchange; what breaks a rule is also in the findings."""
        raise NotImplementedError

    def advance(self, seconds: float) -> None:
        """The server's clock was moved on."""

    def connected(self, session_id: str) -> None:
        """The session's viewer says that it is connected."""

    def not_connected(self, session_id: str) -> None:
        """Nobody stands behind the answer that was given: the session cannot connect."""

    def left(self, session_id: str) -> None:
        """The session's viewer closed its side."""

    def states(self, session_id: str) -> frozenset[State]:
        """The states that the session can be in; empty for an id that was never given."""
        raise NotImplementedError

    @property
    def open_sessions(self) -> list[str]:
        """The sessions that may not have ended, oldest first."""
        raise NotImplementedError

    @property
    def shape(self) -> Shape | None:
        """The shape of answers that is held; None while ``auto`` has not fixed it."""
        raise NotImplementedError
