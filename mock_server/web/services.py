"""What the handlers work with: one value, made by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mock_server.clock import Clock
from mock_server.conversation import Conversation, Replies
from mock_server.core.errors import ApiError
from mock_server.core.faults.plan import Deviation, FaultPlan
from mock_server.core.magic import Magic
from mock_server.core.registry import Caller, Credentials, Registry
from mock_server.core.session import Session, SessionConfig
from mock_server.core.speech import Utterance
from mock_server.ids import Ids
from mock_server.journal import Journal
from mock_server.runtime import Runtime
from mock_server.settings import Settings
from mock_server.spec import Contract, Operation
from mock_server.web.answers import HttpAnswer
from mock_server.web.holds import Holds
from mock_server.web.patience import Patience

if TYPE_CHECKING:
    from mock_server.core.faults.catalogue import Catalogue

MAX_MAGIC = 1000

Authenticate = Callable[[Operation, Registry, Credentials, Settings, float], Caller]
"""(operation, registry, credentials, settings, now) -> who calls. Raises ApiError."""


@dataclass(slots=True)
class Services:
    """The server's parts and its state. ``settings`` is replaced when a live setting changes."""

    settings: Settings
    initial: Settings
    clock: Clock
    registry: Registry
    journal: Journal
    runtime: Runtime
    conversation: Conversation
    contract: Contract
    ids: Ids
    replies: Replies
    magic: dict[str, Magic]
    natural_operations: Mapping[str, str]
    error_grades: Mapping[str, str]
    utter: Callable[[str, float], Utterance]
    authenticate: Authenticate
    may_open: Callable[[int, int], bool]
    make_session: Callable[[SessionConfig], Session]
    request_problem: Callable[[Operation, object], str | None]
    edit_answer: Callable[[str, dict[str, Any]], dict[str, Any]]
    edit_claims: Callable[[dict[str, Any]], dict[str, Any]]
    read_json: Callable[[bytes, str], Any]
    refusal: Callable[[str, ApiError], ApiError]
    http: Callable[[str, str, HttpAnswer], HttpAnswer]
    patience: Patience
    catalogue: Callable[[], Catalogue]
    """Made at the first call."""
    faults: FaultPlan
    initial_plan: tuple[Deviation, ...]
    holds: Holds
    stopping: asyncio.Event

    def remember_magic(self, session_id: str, magic: Magic) -> None:
        """The error that this session's client has asked for."""
        self.magic[session_id] = magic
        while len(self.magic) > MAX_MAGIC:  # of sessions that ended without meeting it
            del self.magic[next(iter(self.magic))]

    def session(self, caller: Caller, body: Mapping[str, Any], operation_id: str) -> Session:
        """The caller's session that a request names. Raises ApiError."""
        session = self.registry.find(caller, body["session_id"])
        self._meet(session.config.session_id, operation_id)
        return session

    def meet_magic(self, caller: Caller, operation_id: str) -> None:
        """For calls that name no session: raises the ApiError that one of the caller's awaits."""
        if self.magic:
            for session in self.registry.active(caller):
                self._meet(session.config.session_id, operation_id)

    def _meet(self, session_id: str, operation_id: str) -> None:
        magic = self.magic.get(session_id)
        if magic is not None and magic.operation_id == operation_id:
            del self.magic[session_id]
            raise ApiError(magic.row, session_id=session_id)

    def stop_waiting(self) -> None:
        """The server ends: streams of events and answers that are held up do not hold it up."""
        self.stopping.set()
        self.holds.close()

    async def reset(self) -> None:
        """Sessions, tokens, journal, replies, plan, settings and clock as at process start."""
        self.faults.set(())  # what ends now ends well
        self.holds.end()
        await self.runtime.end_sessions()
        # New ones: a call that is still being answered has met the old ones, not these.
        self.faults.set([replace(one) for one in self.initial_plan])
        self.registry.clear()
        self.magic.clear()
        self.replies.clear()
        self.settings = self.initial
        self.clock.reset()
        self.ids.reset()
        self.journal.clear()
