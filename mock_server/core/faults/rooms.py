"""Rooms of v2, their signalling and their data packets, and chat sockets that go wrong.

``room`` is one viewer's visit, from its join to its end with all reconnects; ``chat`` is one socket
of streaming.chat. What is timed runs on the event loop's clock, as media do.
"""

from __future__ import annotations

from mock_server.core.faults.kind import Json, Kind, choice, flag, whole

ROOM, CHAT = "room", "chat"
_BOTH = (ROOM, CHAT)
_MILLISECONDS = 0.001

_AT_MS = whole("milliseconds since the viewer saw the avatar", low=0, high=86_400_000)
_OPEN_MS = whole(
    "milliseconds since the viewer saw the avatar, or the chat socket opened",
    low=0,
    high=86_400_000,
)
_MS = whole("how late, in milliseconds", low=1, high=600_000)
_INSTEAD: Json = {**flag("in each event's place, not before it"), "default": False}

REASONS = ("participant-removed", "server-shutdown", "duplicate-identity", "room-deleted")
STATUSES = (401, 403, 404, 500, 503)
PACKETS = ("garbage", "empty", "no-payload", "other")
WORDS = ("cut", "word", "empty", "binary")
STRANGER = "stranger"
"""Who is not in the room, and whom a packet may be said to come from."""
PING_TIMEOUT = 15
"""Seconds, as the right server tells it."""
UNKNOWN_EVENT = "user_blinked"


def _room(
    do: str,
    weight: int,
    sentence: str,
    *trials: Json,
    on: tuple[str, ...] = (ROOM,),
    waits: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    **parameters: Json,
) -> Kind:
    return Kind(
        do,
        "rooms",
        on,
        sentence,
        weight,
        parameters=parameters,
        required=required,
        waits=dict.fromkeys(waits, _MILLISECONDS),
        trials=trials or ({},),
    )


SIGNAL_UNKNOWN = _room(
    "signal-unknown",
    2,
    "after its first message the signalling sends one of a kind that no version knows, an empty "
    "one, or bytes that are no message",
    {"form": "unknown"},
    {"form": "garbage"},
    form={
        **choice("what it is", ("unknown", "empty", "garbage")),
        "default": "unknown",
    },
)
JOIN_LATE = _room(
    "join-late",
    2,
    "the signalling's first message comes late, and all others after it",
    {"ms": 300},
    required=("ms",),
    waits=("ms",),
    ms=_MS,
)
OFFER_LATE = _room(
    "offer-late",
    2,
    "the offers of what there is to see come late",
    {"ms": 300},
    required=("ms",),
    waits=("ms",),
    ms=_MS,
)
PACKET_MALFORMED = _room(
    "packet-malformed",
    2,
    "before each event comes what is no data packet, or one that holds no event (with `instead` "
    "true: in its place)",
    {"form": "no-payload"},
    {"form": "garbage"},
    {"form": "garbage", "instead": True},
    required=("form",),
    form=choice("what it is", PACKETS),
    instead=_INSTEAD,
)
PACKET_LOSSY = _room(
    "packet-lossy",
    2,
    "events come on the data channel that may lose them",
)
PACKET_FROM_STRANGER = _room(
    "packet-from-stranger",
    3,
    "events are said to come from a participant who is not in the room",
)
AVATAR_RENAMED = _room(
    "avatar-renamed",
    3,
    "the avatar has another identity than heygen, in the room and in its data packets",
    identity={
        "type": "string",
        "maxLength": 100,
        "description": "which",
        "default": "avatar",
    },
)
SOCKET_CLOSED = _room(
    "socket-closed",
    3,
    "the WebSocket is closed in the middle, and nothing else: a viewer may resume",
    {"at_ms": 100},
    on=_BOTH,
    required=("at_ms",),
    at_ms=_OPEN_MS,
    code={
        "type": "integer",
        "enum": [1000, 1001, 1011],
        "description": "the closing code, by RFC 6455",
        "default": 1001,
    },
)
PUBLISH_UNANSWERED = _room(
    "publish-unanswered",
    3,
    "a viewer that wants to publish its microphone is never told that it may",
)
PONG_MISSING = _room(
    "pong-missing",
    3,
    "the signalling answers no ping",
    {"seconds": 1},
    seconds={
        **whole("the ping timeout that the viewer is told", low=1, high=60),
        "default": PING_TIMEOUT,
    },
)
VIEWER_REMOVED = _room(
    "viewer-removed",
    4,
    "the viewer is told to leave, and why, while the session goes on",
    {"at_ms": 100, "reason": "participant-removed"},
    {"at_ms": 300, "reason": "server-shutdown"},
    {"at_ms": 0, "reason": "duplicate-identity"},
    required=("at_ms", "reason"),
    at_ms=_AT_MS,
    reason=choice("why", REASONS),
)
RESUME_REFUSED = _room(
    "resume-refused",
    4,
    "the WebSocket is closed, and the viewer that comes back is told to leave, for good or to join "
    "anew",
    {"at_ms": 100, "action": "join-anew"},
    {"at_ms": 100},
    {"at_ms": 100, "every": True},
    required=("at_ms",),
    at_ms=_AT_MS,
    action={**choice("what it is told to do", ("leave", "join-anew")), "default": "leave"},
)
AVATAR_MISSING = _room(
    "avatar-missing",
    4,
    "the viewer is let in, and never told of the avatar, nor offered it",
)
SOCKET_REFUSED = _room(
    "socket-refused",
    4,
    "the WebSocket's handshake is refused, and so is its validation",
    {"status": 401},
    {"status": 404},
    {"status": 500, "every": True},
    on=_BOTH,
    required=("status",),
    status={"type": "integer", "enum": list(STATUSES), "description": "the HTTP status"},
)
SOCKET_CLOSED_EARLY = _room(
    "socket-closed-early",
    4,
    "the WebSocket is closed as soon as it has opened, before its first message",
    on=_BOTH,
)
JOIN_MISSING = _room(
    "join-missing",
    5,
    "the signalling opens and never says a word",
)
OFFER_MISSING = _room(
    "offer-missing",
    5,
    "the viewer is let in, and no offer ever comes",
)
SOCKET_STALLED = _room(
    "socket-stalled",
    5,
    "the WebSocket's handshake is never answered",
    on=_BOTH,
)
CHAT_UNKNOWN_EVENT = _room(
    "chat-unknown-event",
    1,
    "the chat socket's first message is of a type that no document names",
    on=(CHAT,),
    name={
        "type": "string",
        "maxLength": 200,
        "description": "the type",
        "default": UNKNOWN_EVENT,
    },
)
CHAT_NOT_JSON = _room(
    "chat-not-json",
    3,
    "the chat socket's first message is no JSON: cut in the middle, a bare word, empty, or binary",
    {"form": "word"},
    {"form": "binary"},
    on=(CHAT,),
    form={**choice("what it is", WORDS), "default": "word"},
)

KINDS: tuple[Kind, ...] = (
    SIGNAL_UNKNOWN,
    CHAT_UNKNOWN_EVENT,
    JOIN_LATE,
    OFFER_LATE,
    PACKET_MALFORMED,
    PACKET_LOSSY,
    PACKET_FROM_STRANGER,
    AVATAR_RENAMED,
    PUBLISH_UNANSWERED,
    PONG_MISSING,
    CHAT_NOT_JSON,
    SOCKET_CLOSED,
    RESUME_REFUSED,
    VIEWER_REMOVED,
    AVATAR_MISSING,
    SOCKET_REFUSED,
    SOCKET_CLOSED_EARLY,
    SOCKET_STALLED,
    OFFER_MISSING,
    JOIN_MISSING,
)
