"""Which stimuli judge a rule, and what a target needs for the rule to be reached at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Need = Literal["connection", "clock", "account", "limit", "stamp"]

WHY: Mapping[Need, str] = {
    "connection": "no session is connected (--no-media)",
    "clock": "the clock of this server cannot be moved on",
    "account": "there is one account only (give a second --api-key)",
    "limit": "the limit of sessions is not known",
    "stamp": "only the fake's picture carries a stamp",
}
"""Why a rule cannot be reached where the target lacks it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``judged_by`` names stimuli; a rule that none of the chosen ones judges is not expected.

    ``needs`` is what all of those stimuli need of the target to come to the rule.
    """

    judged_by: frozenset[str]
    needs: frozenset[Need] = frozenset()


def _by(stimuli: str, *needs: Need) -> Reach:
    return Reach(frozenset(stimuli.split()), frozenset(needs))


_ALL = "schemathesis tour machine sample"

REACH: Mapping[str, Reach] = {
    "answer-status": _by(_ALL),
    "answer-content-type": _by(_ALL),
    "answer-schema": _by(_ALL),
    "no-server-error": _by(_ALL),
    "valid-accepted": _by(_ALL),
    "method-refused": _by(_ALL),
    "path-unknown": _by(_ALL),
    "media-type-refused": _by(_ALL),
    "json-refused": _by(_ALL),
    "ice-refused": _by(_ALL),
    "error-form": _by(_ALL),
    "error-known": _by(_ALL),
    "check-order": _by(_ALL),
    "unknown-fields": _by(_ALL),
    "null-is-absent": _by(_ALL),
    "schema-refused": _by(_ALL),
    "alias-same": _by(_ALL),
    "credentials-required": _by(_ALL),
    "both-credentials": _by(_ALL),
    "account-own": _by(_ALL),
    "token-fresh": _by(_ALL),
    "token-one-session": _by(_ALL),
    "token-own-session": _by(_ALL),
    "token-kept-when-refused": _by(_ALL),
    "token-expires": _by(_ALL),
    "token-makes-no-token": _by(_ALL),
    "session-id-fresh": _by(_ALL),
    "session-id-v1": _by(_ALL),
    "new-offers": _by(_ALL),
    "new-offer-complete": _by(_ALL),
    "new-default-avatar": _by(_ALL),
    "new-quality-size": _by(_ALL),
    "new-encoding": _by(_ALL),
    "concurrent-limit": _by(_ALL),
    "start-answer": _by(_ALL),
    "start-offer": _by(_ALL),
    "start-without-sdp": _by(_ALL),
    "start-refused": _by(_ALL),
    "start-twice": _by(_ALL),
    "session-unknown": _by(_ALL),
    "session-closed": _by(_ALL),
    "ice-any-time": _by(_ALL),
    "task-before-start": _by(_ALL),
    "task-connecting": _by(_ALL),
    "task-id-fresh": _by(_ALL),
    "task-duration": _by(_ALL),
    "shapes-agree": _by(_ALL),
    "task-length-limit": _by(_ALL),
    "task-blank": _by(_ALL),
    "task-default-repeats": _by(_ALL),
    "task-chat-responds": _by(_ALL),
    "task-queue": _by(_ALL),
    "task-queue-limit": _by(_ALL),
    "task-events": _by(_ALL),
    "task-dropped": _by(_ALL),
    "interrupt-silences": _by(_ALL),
    "interrupt-silent": _by(_ALL),
    "list-active": _by(_ALL),
    "list-status": _by(_ALL),
    "list-created-at": _by(_ALL),
    "list-reads": _by(_ALL),
    "stop-ends": _by(_ALL),
    "stop-after-leaving": _by(_ALL),
    "stop-twice": _by(_ALL),
    "idle-timeout": _by(_ALL),
    "keep-alive": _by(_ALL),
    "duration-limit": _by(_ALL),
    "viewer-lost": _by(_ALL),
    "new-avatar-shown": _by(_ALL),
    "new-emotion-shown": _by(_ALL),
    "media-rate": _by(_ALL),
    "media-continuity": _by(_ALL),
    "media-decodes": _by(_ALL),
    "media-moves": _by(_ALL),
    "media-silence": _by(_ALL),
    "media-voice": _by(_ALL),
    "media-lips": _by(_ALL),
    "media-key-frame": _by(_ALL),
    "media-ends": _by(_ALL),
    "events-binary": _by(_ALL),
    "events-duration": _by(_ALL),
    "events-on-time": _by(_ALL),
    "interrupt-in-time": _by(_ALL),
}
