"""Which single deviations are worth a run of this client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from contract.clients.catalogue import Catalogue
from contract.clients.healthy import Healthy
from contract.clients.plan import Deviation
from contract.clients.stage import Media

NO_OCCASION = "the client ended before there was an occasion for it"
"""Why a deviation was not applied that was played."""


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A deviation that could not be tried, and why."""

    deviation: Deviation
    reason: str


def reached_by(catalogue: Catalogue, healthy: Healthy, media: Media) -> Catalogue:
    """The catalogue without the targets that the client never comes to."""
    targets = frozenset(on for on in catalogue.targets if occasions(on, healthy, media))
    kinds = {}
    for kind in catalogue:
        on = tuple(target for target in kind.on if target in targets)
        if on:
            sweep = tuple(one for one in kind.sweep if one.on in targets)
            kinds[kind.do] = replace(kind, on=on, sweep=sweep)
    return replace(catalogue, kinds=kinds)


def occasions(on: str, healthy: Healthy, media: Media, *, event: str | None = None) -> int:
    """How often the healthy client gives an occasion for a deviation on that target.

    ``event`` is the type of event that a deviation is for, if it is for one.
    """
    milestones = healthy.milestones
    if on in ("peer", "session"):
        return milestones.opened
    if on == "media":
        return milestones.connected if media == "real" else 0
    if on == "event":
        if not milestones.connected or media == "none":
            return 0
        return healthy.events.total() if event is None else healthy.events[event]
    if on == "room":
        return healthy.visits
    if on == "chat":
        return healthy.chats
    return healthy.calls[on]


def sort_out(
    catalogue: Catalogue, healthy: Healthy, media: Media
) -> tuple[list[Deviation], list[NotApplied]]:
    """What is to be tried, in the catalogue's order, and what can have no effect."""
    tried: list[Deviation] = []
    left: list[NotApplied] = []
    for one in catalogue.sweep:
        reason = "; ".join(_reasons(one, catalogue, healthy, media))
        if reason:
            left.append(NotApplied(one, reason))
        else:
            tried.append(one)
    return tried, left


def _reasons(one: Deviation, catalogue: Catalogue, healthy: Healthy, media: Media) -> Iterator[str]:
    event = one.parameters.get("type") if one.on == "event" else None
    times = occasions(one.on, healthy, media, event=event)
    nth = one.nth or 1
    if nth > times:
        yield f"there is no time {nth}: the client comes to {event or one.on} {times} times"
    starts = catalogue.starts_at(one)
    if starts >= healthy.seconds:
        yield f"it begins after {starts:g} s, and the client is done after {healthy.seconds:.1f} s"
