"""The states of a session and the table that leads from one to the next.

The states and the refusals named after them are those of the service's error table (session
state wrong: new, connecting, connected, closing, closed). ``closing`` is not modelled: here a
session closes at once, and the row is reachable through a magic avatar id only.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from mock_server.core import errors
from mock_server.core import events as ev


class State(StrEnum):
    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LEFT = "left"
    CLOSED = "closed"


Transitions = Mapping[State, Mapping[type[ev.Event], State]]

_ENDS: Mapping[type[ev.Event], State] = {
    ev.Stop: State.CLOSED,
    ev.Lost: State.LEFT,
    ev.Unavailable: State.CLOSED,
    ev.Crashed: State.CLOSED,
    ev.Shutdown: State.CLOSED,
    ev.Expired: State.CLOSED,
}

TRANSITIONS: Transitions = {
    State.NEW: {
        **_ENDS,
        ev.Open: State.NEW,
        ev.OfferMade: State.NEW,
        ev.Start: State.CONNECTING,
        ev.Candidate: State.NEW,
        ev.Interrupt: State.NEW,
        ev.KeepAlive: State.NEW,
        ev.Listen: State.NEW,
    },
    State.CONNECTING: {
        **_ENDS,
        # Who found the session's id in the list may start it before its opener has the offer.
        ev.OfferMade: State.CONNECTING,
        ev.DescriptionAccepted: State.CONNECTING,
        ev.DescriptionRefused: State.NEW,
        ev.Connected: State.CONNECTED,
        ev.Candidate: State.CONNECTING,
        ev.Interrupt: State.CONNECTING,
        ev.KeepAlive: State.CONNECTING,
        ev.Listen: State.CONNECTING,
    },
    State.CONNECTED: {
        **_ENDS,
        # Without media the peer is connected before its report of the answer arrives.
        ev.DescriptionAccepted: State.CONNECTED,
        ev.Candidate: State.CONNECTED,
        ev.Speak: State.CONNECTED,
        ev.Extend: State.CONNECTED,
        ev.Interrupt: State.CONNECTED,
        ev.KeepAlive: State.CONNECTED,
        ev.Listen: State.CONNECTED,
        ev.SpeechEnded: State.CONNECTED,
    },
    # Over, but one stop is still taken well: @heygen/streaming-avatar 1.0.16 closes its peer
    # connection first and then posts streaming.stop (stopAvatar).
    State.LEFT: {ev.Stop: State.CLOSED},
    State.CLOSED: {},
}

ROOM_TRANSITIONS: Transitions = {
    State.NEW: {
        **_ENDS,
        ev.Open: State.NEW,
        ev.RoomOpened: State.NEW,
        ev.Start: State.CONNECTING,
        ev.Interrupt: State.NEW,
        ev.KeepAlive: State.NEW,
        ev.Listen: State.NEW,
    },
    State.CONNECTING: {
        **_ENDS,
        # Who found the session's id in the list may start it before its room is there.
        ev.RoomOpened: State.CONNECTING,
        ev.Announced: State.CONNECTING,
        ev.Connected: State.CONNECTED,
        ev.Interrupt: State.CONNECTING,
        ev.KeepAlive: State.CONNECTING,
        ev.Listen: State.CONNECTING,
    },
    # Viewers come and go; the session stays connected.
    State.CONNECTED: {
        **_ENDS,
        # Who waits for the avatar may see it before its own report arrives.
        ev.Announced: State.CONNECTED,
        ev.Speak: State.CONNECTED,
        ev.Extend: State.CONNECTED,
        ev.Interrupt: State.CONNECTED,
        ev.KeepAlive: State.CONNECTED,
        ev.Listen: State.CONNECTED,
        ev.UserStarted: State.CONNECTED,
        ev.UserStopped: State.CONNECTED,
        ev.SpeechEnded: State.CONNECTED,
    },
    State.LEFT: {ev.Stop: State.CLOSED},
    State.CLOSED: {},
}
"""Of v2: a room takes the place of descriptions and candidates."""

REFUSALS: Mapping[State, errors.ErrorRow] = {
    State.NEW: errors.SESSION_NEW,
    State.CONNECTING: errors.SESSION_CONNECTING,
    State.CONNECTED: errors.SESSION_CONNECTED,
    State.LEFT: errors.SESSION_CLOSED,
    State.CLOSED: errors.SESSION_CLOSED,
}

# Recorded for a task before the avatar has a viewer (a public client, 2025); the rest is inferred.
ROOM_REFUSALS: Mapping[State, errors.ErrorRow] = {
    **dict.fromkeys((State.NEW, State.CONNECTING, State.CONNECTED), errors.SESSION_STATE),
    State.LEFT: errors.SESSION_CLOSED,
    State.CLOSED: errors.SESSION_CLOSED,
}
