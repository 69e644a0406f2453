"""Which sessions and tokens exist: accounts, limits, expiry and lookup."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from mock_server.core import errors
from mock_server.core.errors import ApiError
from mock_server.core.session import Session
from mock_server.core.tokens import Token, looks_like_token

MAX_REMEMBERED = 1000
"""Closed sessions that still answer as closed; older ones become unknown."""
MAX_TOKENS = 100_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the account of an API key, and the session token if one was sent."""

    account: str
    token: Token | None = None

    def check_unspent(self) -> None:
        """Raises ApiError(UNAUTHORIZED) when the token has opened its one session."""
        if self.token is not None and self.token.session_id is not None:
            raise ApiError(errors.UNAUTHORIZED)


class Credentials(NamedTuple):
    """What a request sent; None for a header that it lacks. ``bearer`` is without its scheme."""

    api_key: str | None
    bearer: str | None


def within_limit(active: int, limit: int) -> bool:
    """Whether an account with ``active`` sessions may open one more; 0 is no limit."""
    return limit == 0 or active < limit


class Registry:
    """Sessions and tokens of all accounts. Pure bookkeeping: time comes in as a value."""

    def __init__(self) -> None:
        self._active: dict[str, Session] = {}
        self._closed: OrderedDict[str, Session] = OrderedDict()
        self._tokens: OrderedDict[str, Token] = OrderedDict()

    # credentials

    def authenticate(
        self,
        api_key: str | None,
        bearer: str | None,
        *,
        keys: tuple[str, ...],
        token_life: float,
        now: float,
    ) -> Caller:
        """Who sent these credentials; ``keys`` are the accepted ones, empty for any.

        With both headers, both must be valid and of one account. Raises ApiError(UNAUTHORIZED).
        """
        token: Token | None = None
        accounts = [api_key] if api_key is not None else []
        if bearer is not None:
            if looks_like_token(bearer):
                token = self._tokens.get(bearer)
                if token is None or now - token.created_at >= token_life:
                    raise ApiError(errors.UNAUTHORIZED)
                accounts.append(token.account)
            else:
                accounts.append(bearer)
        if not accounts or len(set(accounts)) > 1:
            raise ApiError(errors.UNAUTHORIZED)
        account = accounts[0]
        if not account or (keys and account not in keys):
            raise ApiError(errors.UNAUTHORIZED)
        return Caller(account, token)

    def add_token(self, token: Token) -> None:
        self._tokens[token.text] = token
        while len(self._tokens) > MAX_TOKENS:
            self._tokens.popitem(last=False)

    # sessions

    def check_may_open(
        self, caller: Caller, *, limit: int, allowed: Callable[[int, int], bool] = within_limit
    ) -> None:
        """Raises ApiError when the token is spent or the account has ``limit`` sessions."""
        caller.check_unspent()  # another call may have spent it since the caller was authenticated
        active = sum(s.config.account == caller.account for s in self._active.values())
        if not allowed(active, limit):
            raise ApiError(errors.CONCURRENT_LIMIT)

    def add(self, session: Session, caller: Caller) -> None:
        """Takes the slot and spends the caller's token."""
        self._active[session.config.session_id] = session
        if caller.token is not None:
            caller.token.session_id = session.config.session_id

    def forget(self, session: Session, caller: Caller) -> None:
        """Undoes :meth:`add` for a session that never came to be: the token is whole again."""
        self._active.pop(session.config.session_id, None)
        self._closed.pop(session.config.session_id, None)
        if caller.token is not None:
            caller.token.session_id = None

    def settle(self, session: Session) -> None:
        """Moves a session that has closed out of the list; its slot is free."""
        if session.is_over and session.config.session_id in self._active:
            del self._active[session.config.session_id]
            self._closed[session.config.session_id] = session.remembered()
            while len(self._closed) > MAX_REMEMBERED:
                self._closed.popitem(last=False)

    def find(self, caller: Caller, session_id: str) -> Session:
        """The caller's session of that id, open or closed.

        Raises ApiError: SESSION_UNKNOWN, also for another account's session; UNAUTHORIZED for a
        session of the account other than the one that the caller's token was spent for.
        """
        session = self._active.get(session_id) or self._closed.get(session_id)
        if session is None or session.config.account != caller.account:
            raise ApiError(errors.SESSION_UNKNOWN, session_id=session_id[:200])
        if not self._reaches(caller, session):
            assert caller.token is not None
            if caller.token.session_id is not None:
                raise ApiError(errors.UNAUTHORIZED)
            raise ApiError(errors.SESSION_UNKNOWN, session_id=session_id[:200])
        return session

    def active(self, caller: Caller | None = None) -> list[Session]:
        """Sessions that are not closed, oldest first: the caller's, or everybody's."""
        sessions = list(self._active.values())
        return sessions if caller is None else [s for s in sessions if self._reaches(caller, s)]

    def ended(self, caller: Caller) -> list[Session]:
        """The caller's sessions that have ended and are still remembered, oldest first."""
        return [s for s in self._closed.values() if self._reaches(caller, s)]

    def remembered(self) -> list[Session]:
        """Every session still known, closed ones first."""
        return [*self._closed.values(), *self._active.values()]

    @staticmethod
    def _reaches(caller: Caller, session: Session) -> bool:
        if caller.token is not None and caller.token.session_id != session.config.session_id:
            return False
        return session.config.account == caller.account

    def clear(self) -> None:
        """As at process start. Active sessions must be closed before."""
        self._active.clear()
        self._closed.clear()
        self._tokens.clear()
