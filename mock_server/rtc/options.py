"""Where media is bound, what viewers are told of it, and whom it may be sent to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RtcOptions:
    """``media_bind`` is the address sockets are bound to, ``0.0.0.0`` or ``::`` for any.

    ``media_advertised`` is the one viewers are told, by default the bound one, and all of the
    machine's when that is any. ``port_range`` is (first, last); without it the system chooses.
    ``ice_servers`` are URLs; STUN ones are asked for the public address of each session.
    ``consent`` is in seconds: a viewer that answers no check for so long has gone (RFC 7675).
    """

    media_bind: str = "127.0.0.1"
    media_advertised: str | None = None
    port_range: tuple[int, int] | None = None
    ice_servers: tuple[str, ...] = ()
    allow_public_candidates: bool = False
    consent: float = 30.0
