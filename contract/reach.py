"""Which stimuli judge a rule, and what a target needs for the rule to be reached at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

STIMULI = ("schemathesis", "tour", "machine", "media")
"""What can be chosen. The small sample over real media goes with ``media``."""

Need = Literal["connection", "viewer", "sockets", "clock", "account", "room"]

WHY: Mapping[Need, str] = MappingProxyType(
    {
        "connection": "no session is connected (--no-media)",
        "viewer": "no real viewer watches (--no-media, or media was not chosen)",
        "sockets": "a server without media connects at once",
        "clock": "the clock of this server cannot be moved on",
        "account": "there is one account only (give a second --api-key)",
        "room": "no room is entered (--no-media, or the service itself)",
    }
)
"""Why a rule cannot be reached where the target lacks it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``judged_by`` names stimuli; ``sure`` are those of them that come to the rule on every seed.

    ``needs`` is what they need of the target to come to it. The media probe says itself what it
    could not judge, for instance where the picture carries no stamp.
    """

    judged_by: frozenset[str]
    sure: frozenset[str]
    needs: frozenset[Need] = frozenset()


def _by(stimuli: str, *needs: Need) -> Reach:
    """``stimuli`` with a question mark come to the rule by chance."""
    words = stimuli.split()
    return Reach(
        judged_by=frozenset(word.rstrip("?") for word in words),
        sure=frozenset(word for word in words if not word.endswith("?")),
        needs=frozenset(needs),
    )


REACH: Mapping[str, Reach] = MappingProxyType(
    {
        "answer-status": _by("schemathesis tour machine sample media"),
        "answer-content-type": _by("schemathesis tour machine sample media"),
        "answer-schema": _by("schemathesis tour machine sample media"),
        "no-server-error": _by("schemathesis tour machine sample media"),
        "valid-accepted": _by("schemathesis tour machine sample media"),
        "method-refused": _by("schemathesis tour"),
        "path-unknown": _by("tour"),
        "media-type-refused": _by("schemathesis tour machine?"),
        "json-refused": _by("schemathesis tour machine"),
        "ice-refused": _by("schemathesis? tour machine?"),
        "error-form": _by("schemathesis tour machine sample"),
        "error-known": _by("schemathesis tour machine sample"),
        "check-order": _by("tour"),
        "unknown-fields": _by("schemathesis tour machine?"),
        "null-is-absent": _by("schemathesis tour machine"),
        "schema-refused": _by("schemathesis tour machine"),
        "alias-same": _by("schemathesis tour"),
        "credentials-required": _by("schemathesis tour machine"),
        "both-credentials": _by("tour machine"),
        "account-own": _by("tour machine", "account"),
        "token-fresh": _by("schemathesis tour machine"),
        "token-one-session": _by("tour machine?"),
        "token-own-session": _by("tour machine?"),
        "token-kept-when-refused": _by("tour"),
        "token-expires": _by("tour machine?", "clock"),
        "token-makes-no-token": _by("tour machine?"),
        "session-id-fresh": _by("schemathesis tour machine sample media"),
        "session-id-v1": _by("schemathesis tour machine sample media"),
        "new-offers": _by("schemathesis tour machine sample media"),
        "new-offer-complete": _by("schemathesis tour machine sample media"),
        "new-default-avatar": _by("media", "viewer"),
        "new-quality-size": _by("media", "viewer"),
        "new-encoding": _by("schemathesis tour machine sample media"),
        "concurrent-limit": _by("tour machine"),
        "start-answer": _by("schemathesis tour machine sample media"),
        "start-offer": _by("tour machine? sample media"),
        "start-without-sdp": _by("schemathesis? tour machine?"),
        "start-refused": _by("schemathesis? tour machine? sample"),
        "start-twice": _by("schemathesis? tour machine sample"),
        "session-unknown": _by("schemathesis tour machine"),
        "session-closed": _by("schemathesis tour machine sample"),
        "ice-any-time": _by("schemathesis? tour machine? sample"),
        "task-before-start": _by("schemathesis? tour machine? sample"),
        "task-connecting": _by("tour sample", "sockets"),
        "task-id-fresh": _by("schemathesis? tour machine sample media", "connection"),
        "task-duration": _by("schemathesis? tour machine sample media", "connection"),
        "shapes-agree": _by("schemathesis tour machine sample media"),
        "task-length-limit": _by("tour machine"),
        "task-blank": _by("schemathesis? tour machine"),
        "task-default-repeats": _by("tour", "connection"),
        "task-chat-responds": _by("tour machine?", "connection"),
        "task-queue": _by("media", "viewer"),
        "task-queue-limit": _by("tour", "connection"),
        "task-events": _by("media", "viewer"),
        "task-dropped": _by("tour", "connection"),
        "interrupt-silences": _by("schemathesis? tour machine? sample media", "connection"),
        "interrupt-silent": _by("schemathesis? tour machine sample media"),
        "list-active": _by("schemathesis tour machine sample media"),
        "list-status": _by("schemathesis tour machine sample media"),
        "list-created-at": _by("schemathesis tour machine sample media"),
        "list-reads": _by("tour machine?", "clock"),
        "stop-ends": _by("schemathesis tour machine sample media"),
        "stop-after-leaving": _by("tour sample media", "viewer"),
        "stop-twice": _by("schemathesis tour machine sample"),
        "idle-timeout": _by("tour machine?", "clock"),
        "keep-alive": _by("tour", "clock"),
        "duration-limit": _by("tour machine?", "clock"),
        "viewer-lost": _by("tour sample media", "viewer"),
        "new-avatar-shown": _by("media", "viewer"),
        "new-emotion-shown": _by("media", "viewer"),
        "media-rate": _by("media", "viewer"),
        "media-continuity": _by("media", "viewer"),
        "media-decodes": _by("media", "viewer"),
        "media-moves": _by("media", "viewer"),
        "media-silence": _by("media", "viewer"),
        "media-voice": _by("media", "viewer"),
        "media-lips": _by("media", "viewer"),
        "media-key-frame": _by("media", "viewer"),
        "media-ends": _by("media", "viewer"),
        "events-binary": _by("media", "viewer"),
        "events-duration": _by("media", "viewer"),
        "events-on-time": _by("media", "viewer"),
        "interrupt-in-time": _by("media", "viewer"),
        "room-new": _by("schemathesis tour machine sample media"),
        "room-token": _by("schemathesis tour machine sample media"),
        "room-realtime": _by("schemathesis tour machine sample media"),
        "room-start": _by("schemathesis? tour machine sample media"),
        "room-start-twice": _by("tour machine?"),
        "room-without-ice": _by("tour machine?"),
        "room-task-early": _by("tour machine? sample"),
        "room-connects": _by("tour machine? sample media", "room"),
        "room-stays": _by("tour machine? sample", "room"),
        "room-join": _by("tour", "room"),
        "room-avatar": _by("tour", "room"),
        "room-late-start": _by("tour", "room"),
        "room-offer": _by("tour", "room"),
        "room-several": _by("tour", "room"),
        "room-ping": _by("tour", "room"),
        "room-publish": _by("tour", "room"),
        "room-identity": _by("tour", "room"),
        "room-resume": _by("tour", "room"),
        "room-token-checked": _by("tour", "room"),
        "room-path": _by("tour", "room"),
        "room-leave": _by("tour", "room"),
        "room-encoding": _by("media", "viewer"),
        "room-packets": _by("media", "viewer"),
        "room-events": _by("media", "viewer"),
        "room-messages": _by("media", "viewer"),
        "chat-opens": _by("tour", "room"),
        "chat-credentials": _by("tour", "room"),
        "chat-messages": _by("tour", "room"),
        "chat-answered": _by("tour", "room"),
        "voice-events": _by("tour", "room"),
        "voice-listening": _by("tour", "room"),
        "realtime-state": _by("tour", "room"),
        "realtime-speak": _by("tour", "room"),
        "realtime-interrupt": _by("tour", "room"),
        "realtime-errors": _by("tour", "room"),
        "sockets-end": _by("tour", "room"),
        "room-text": _by("tour sample", "viewer"),
    }
)
"""Rule id -> how it is reached. A test holds the ids equal to x-rules, and runs hold the rest."""
