"""How one participant of a room is served: like all, or as a plan asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mock_server.livekit.participant import Host
from mock_server.peers import Peer, PeerSpec

_Thing = TypeVar("_Thing")


def _as_it_is(thing: _Thing) -> _Thing:
    return thing


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is made of that which the room gives its participants; without arguments nothing."""

    host: Callable[[Host], Host] = _as_it_is
    spec: Callable[[PeerSpec], PeerSpec] = _as_it_is
    peer: Callable[[Peer], Peer] = _as_it_is


LIKE_ALL = Treatment()
