"""One call that a plan has deviate: refused, answered otherwise, late, or in part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send

from mock_server.core import events as ev
from mock_server.core.errors import ApiError
from mock_server.core.faults.plan import Deviation
from mock_server.core.faults.refusals import first_refusal, refusal
from mock_server.web.delivery import deliver
from mock_server.web.deviant import deviate
from mock_server.web.services import Services
from mock_server.web.wire import wire_of

Note = Callable[[int | None, Any, Mapping[str, Any]], dict[str, Any]]
"""(status, code, more) -> the journal's entry."""


@dataclass(frozen=True, slots=True)
class Play:
    """The deviations that are due at one call. ``entry`` is what the journal is to say of it."""

    due: tuple[Deviation, ...]
    services: Services
    entry: dict[str, Any]
    scope: Scope
    receive: Receive
    send: Send

    def use(self, deviation: Deviation) -> None:
        """The deviation was applied to this call."""
        self.services.faults.use(deviation)
        self.entry["faults"] = sorted((*self.entry.get("faults", ()), deviation.at))

    async def refuse(
        self, *, perform: Callable[[], Awaitable[object]], read: Callable[[], Awaitable[object]]
    ) -> None:
        """Raises the ApiError that the plan wants, if it wants one.

        The call is performed before, or only read, which notes the session that it names.
        """
        wanted = first_refusal(self.due)
        if wanted is None:
            return
        with suppress(ApiError):  # what the call itself would have been refused for is not told
            await (perform() if wanted.get("performed", False) else read())
        raise refusal(wanted, session_id=self.entry.get("session_id", ""))

    async def answer(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: dict[str, Any],
        *,
        opens: bool,
        note: Note,
    ) -> None:
        """Notes the answer that the plan makes of this one, and sends it."""
        services, entry = self.services, self.entry
        deviant = deviate(
            self.due,
            status=status,
            headers=headers,
            body=body,
            services=services,
            scope=self.scope,
        )
        for one in deviant.used:
            self.use(one)
        if deviant.retry_after is not None:
            entry["retry_after"] = deviant.retry_after
        # Noted before it is sent, as any answer: a client may have ended by the time that it is
        # known what it got. So what is not certain yet counts as lost.
        learned = not opens or deviant.tells(entry.get("session_id", ""))
        if deviant.held or not deviant.fate.whole:
            entry["delivered"] = False
        if opens and (deviant.held or not learned):
            entry["learned"] = False
        noted = note(deviant.answer.status if deviant.fate.status else None, deviant.code, entry)
        async with services.holds.hold(self.receive, wire_of(self.scope)) as hold:
            whole = await deliver(deviant, hold, scope=self.scope, send=self.send)
            gone = hold.gone
        if whole:
            noted.pop("delivered", None)
            if learned:
                noted.pop("learned", None)
            return
        noted["delivered"] = False
        if opens:
            noted["learned"] = False
            if gone:
                self._lose(entry.get("session_id", ""))

    def _lose(self, session_id: str) -> None:
        """Ends a session whose opener left before it was told of it: nobody else could stop it."""
        for session in self.services.registry.remembered():
            if session.config.session_id == session_id:
                self.services.runtime.submit(session, ev.Lost("its opener is gone"))
