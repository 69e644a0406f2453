"""A session as the judge imagines it."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LEFT = "left"
    CLOSED = "closed"
