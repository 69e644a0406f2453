"""Credentials, accounts and tokens that are not kept apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.errors import ApiError
from mock_server.core.registry import Caller, Credentials, Registry, within_limit
from mock_server.core.session import Session
from mock_server.seams import Seams, authenticate
from mock_server.settings import Settings
from mock_server.spec import Operation
from mock_server.web.answers import Answer
from mock_server.web.handlers import Call, Handler
from mock_server.web.services import Services
from tests.mutants.driver import KEY
from tests.mutants.mutant import Mutant, handles

_Change = Callable[[Operation, Credentials, Settings], tuple[Credentials, Settings]]


def _admits(change: _Change) -> Seams:
    """Credentials and settings are taken for others before they are looked at."""

    def wrong(
        operation: Operation, registry: Registry, sent: Credentials, settings: Settings, now: float
    ) -> Caller:
        sent, settings = change(operation, sent, settings)
        return authenticate(operation, registry, sent, settings, now)

    return Seams(authenticate=wrong)


def _called(change: Callable[[Operation, Caller], Caller]) -> Seams:
    """A valid caller is taken for another."""

    def wrong(
        operation: Operation, registry: Registry, sent: Credentials, settings: Settings, now: float
    ) -> Caller:
        return change(operation, authenticate(operation, registry, sent, settings, now))

    return Seams(authenticate=wrong)


class _Reusable(Caller):
    __slots__ = ()

    def check_unspent(self) -> None:
        """However often."""


class _OpenRegistry(Registry):
    def find(self, caller: Caller, session_id: str) -> Session:
        session = self._active.get(session_id) or self._closed.get(session_id)
        return super().find(Caller(session.config.account) if session else caller, session_id)


class _TellingRegistry(Registry):
    def active(self, caller: Caller | None = None) -> list[Session]:
        return super().active()


class _AccountListRegistry(Registry):
    def active(self, caller: Caller | None = None) -> list[Session]:
        return super().active(caller and Caller(caller.account))


class _AccountReachRegistry(Registry):
    def find(self, caller: Caller, session_id: str) -> Session:
        return super().find(Caller(caller.account), session_id)


class _ForgetfulRegistry(Registry):
    def check_may_open(
        self, caller: Caller, *, limit: int, allowed: Callable[[int, int], bool] = within_limit
    ) -> None:
        try:
            super().check_may_open(caller, limit=limit, allowed=allowed)
        except ApiError:
            if caller.token is not None:
                caller.token.session_id = "spent"
            raise


async def _same_token(right: Handler, services: Services, call: Call) -> Answer:
    answer = await right(services, call)
    given = list(services.registry._tokens)  # noqa: SLF001 - the first that was made
    return Answer({**answer.recorded, "data": {"token": given[0]}})


def _anybody(
    operation: Operation, registry: Registry, sent: Credentials, settings: Settings, now: float
) -> Caller:
    try:
        return authenticate(operation, registry, sent, settings, now)
    except ApiError:
        if operation.operation_id != "stopSession":
            raise
        return Caller("")


async def _stop_for_anybody(right: Handler, services: Services, call: Call) -> Answer:
    if call.caller.account:
        return await right(services, call)
    for session in services.registry.active():
        if session.config.session_id == call.body["session_id"]:
            await services.runtime.call(session, ev.Stop)
    raise ApiError(errors.UNAUTHORIZED)


class _OneLimitRegistry(Registry):
    def check_may_open(
        self, caller: Caller, *, limit: int, allowed: Callable[[int, int], bool] = within_limit
    ) -> None:
        caller.check_unspent()
        if not allowed(len(self._active), limit):
            raise ApiError(errors.CONCURRENT_LIMIT)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "voices-without-key", "credentials-required", "listVoices", "X-Api-Key",
        "lists voices for a caller without any credentials",
        _admits(lambda operation, sent, settings: (
            Credentials(settings.api_key[0], None)
            if operation.operation_id == "listVoices" and sent == (None, None) else sent,
            settings)),
    ),
    Mutant(
        "new-with-any-key", "credentials-required", "newSession", "X-Api-Key",
        "opens a session for any key",
        _admits(lambda operation, sent, settings: (
            sent, replace(settings, api_key=())
            if operation.operation_id == "newSession" else settings)),
    ),
    Mutant(
        "stop-with-empty-key", "credentials-required", "stopSession", "X-Api-Key",
        "lets an empty key be one in stopSession",
        _admits(lambda operation, sent, settings: (
            Credentials(settings.api_key[0], None)
            if operation.operation_id == "stopSession" and sent == ("", None) else sent,
            settings)),
    ),
    Mutant(
        "key-alone-counts", "both-credentials", "listSessions", "Authorization",
        "does not look at the bearer value beside a valid key where sessions are listed",
        _admits(lambda operation, sent, settings: (
            Credentials(sent.api_key, None)
            if operation.operation_id == "listSessions" and sent.api_key else sent,
            settings)),
    ),
    Mutant(
        "bearer-alone-counts", "both-credentials", "newSession", "X-Api-Key",
        "does not look at the key beside a bearer value where sessions are opened",
        _admits(lambda operation, sent, settings: (
            Credentials(None, sent.bearer)
            if operation.operation_id == "newSession" and sent.bearer else sent,
            settings)),
    ),
    Mutant(
        "tokens-for-anybody", "credentials-required", "createToken", "X-Api-Key",
        "makes tokens for a caller without valid credentials",
        _admits(lambda operation, sent, settings: (
            Credentials(settings.api_key[0], None)
            if operation.operation_id == "createToken" else sent, settings)),
    ),
    Mutant(
        "refused-stop-stops", "credentials-required", "listSessions", "",
        "ends a session before it says that the caller is unauthorized",
        replace(handles("stopSession", _stop_for_anybody), authenticate=_anybody),
        layer="scenarios",
    ),
    Mutant(
        "key-alone-stops", "both-credentials", "stopSession", "Authorization",
        "does not look at the bearer value beside a valid key in stopSession",
        _admits(lambda operation, sent, settings: (
            Credentials(sent.api_key, None)
            if operation.operation_id == "stopSession" and sent.api_key else sent,
            settings)),
    ),
    Mutant(
        "sessions-of-all-accounts", "account-own", "stopSession", "session_id",
        "lets every account use every session",
        Seams(registry=_OpenRegistry),
    ),
    Mutant(
        "list-of-all-accounts", "account-own", "listSessions", "data.sessions",
        "lists the sessions of all accounts",
        Seams(registry=_TellingRegistry),
    ),
    Mutant(
        "token-of-another-account", "account-own", "listSessions", "data.token",
        "makes all tokens for the first account",
        _called(lambda operation, caller: Caller(KEY, caller.token)
                if operation.operation_id == "createToken" else caller),
        layer="scenarios",
    ),
    Mutant(
        "limit-of-all-accounts", "concurrent-limit", "newSession", "X-Api-Key",
        "counts the sessions of all accounts against the limit of each",
        Seams(registry=_OneLimitRegistry),
    ),
    Mutant(
        "token-same-again", "token-fresh", "createToken", "data.token",
        "gives the same token again",
        handles("createToken", _same_token),
    ),
    Mutant(
        "token-opens-many", "token-one-session", "newSession", "Authorization",
        "lets a token open one session after the other",
        _called(lambda operation, caller: _Reusable(caller.account, caller.token)
                if operation.operation_id == "newSession" else caller),
        layer="scenarios",
    ),
    Mutant(
        "token-reaches-all", "token-own-session", "keepAlive", "Authorization",
        "lets a token reach all sessions of its account",
        Seams(registry=_AccountReachRegistry),
        layer="scenarios",
    ),
    Mutant(
        "token-lists-all", "token-own-session", "listSessions", "data.sessions",
        "lists all sessions of the account for a token",
        Seams(registry=_AccountListRegistry),
        layer="scenarios",
    ),
    Mutant(
        "token-burnt-by-refusal", "token-kept-when-refused", "newSession", "",
        "uses up the token of a new session that the limit refuses",
        Seams(registry=_ForgetfulRegistry),
    ),
    Mutant(
        "token-never-expires", "token-expires", "newSession", "Authorization",
        "lets a token be valid for ever",
        _admits(lambda operation, sent, settings: (
            sent, replace(settings, token_life=31_536_000))),
        layer="scenarios",
    ),
    Mutant(
        "token-expires-early", "token-expires", "listSessions", "Authorization",
        "lets a token be valid for half an hour only",
        _admits(lambda operation, sent, settings: (
            sent, replace(settings, token_life=1800))),
        layer="scenarios",
    ),
    Mutant(
        "token-makes-tokens", "token-makes-no-token", "createToken", "Authorization",
        "makes tokens for a caller with a token",
        _called(lambda operation, caller: Caller(caller.account)
                if operation.operation_id == "createToken" else caller),
        layer="scenarios",
    ),
)  # fmt: skip
