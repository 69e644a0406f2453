"""Which rule an answer breaks, when it is none of those that were expected."""

from __future__ import annotations

from collections.abc import Collection

from contract.model.expectation import Actual, Expectation
from contract.model.world import Situation

_AGED = 600.0
"""Seconds after which a valid token that is refused has most likely expired too early."""
_NOT_YET = frozenset({"session-new", "session-connecting"})
_OF_THE_BODY = frozenset({"invalid-parameter", "invalid-params", "invalid-json"})


def blame(
    situation: Situation,
    actual: Actual,
    primary: Expectation,
    faults: list[Expectation],
    *,
    plain: Collection[tuple[str | None, str]] = (),
) -> str:
    """The rule that says most about the difference.

    ``primary`` is what was expected first; ``faults`` are all sure faults of the request, and
    behind them what its session's state would refuse. ``plain`` are the (operation, rule) that
    held under the operation's own path: what breaks under an older path only is the alias's fault.
    """
    call, identity, session = situation.call, situation.identity, situation.session
    if any(fault.rows & actual.rows for fault in faults[1:]):
        return "check-order"
    if call.alias and (call.id, primary.rule) in plain:
        return "alias-same"
    if "unauthorized" in actual.rows and identity.valid and not faults:
        return _refused_identity(situation, primary)
    if "concurrent-limit" in actual.rows:
        return "concurrent-limit"
    if "too-many-tasks" in actual.rows:
        return "task-queue-limit"
    if primary.success:
        return _refused(situation, actual, primary)
    if session is not None and not situation.foreign and primary.rule == "session-closed":
        if session.stopped:
            return "stop-twice" if call.id == "stopSession" else "session-closed"
        return session.late_end() or "session-closed"
    return primary.rule


def _refused_identity(situation: Situation, primary: Expectation) -> str:
    identity = situation.identity
    token = identity.token
    if token is not None and situation.call.id == "newSession" and token.refused:
        return "token-kept-when-refused"
    if token is not None and situation.moment[0] > token.created[1] + _AGED:
        return "token-expires"
    if token is not None and situation.call.id == "newSession":
        return "token-one-session"
    if token is not None:
        return "token-own-session"
    return identity.rule if identity.rule == "both-credentials" else primary.rule


def _refused(situation: Situation, actual: Actual, primary: Expectation) -> str:
    call, session = situation.call, situation.session
    if session is not None and "session-closed" in actual.rows:
        early = session.early_end(situation.moment[0])
        if early == "session-closed" and session.deserted:
            return "room-stays"
        if early != "session-closed":
            return early
    if session is not None and call.id == "startSession" and session.start_refused:
        return "start-refused"
    if session is not None and session.version == "v2":
        if call.id == "sendTask" and "session-state" in actual.rows:
            return "room-connects"
    elif call.id == "sendTask" and actual.rows & _NOT_YET:
        return "start-answer"
    if not actual.rows & _OF_THE_BODY:
        return primary.rule
    if call.unknown_fields:
        return "unknown-fields"
    if call.null_fields:
        return "null-is-absent"
    return primary.rule
