"""Plays chosen histories, one after the other: the probe for services that cost money."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from contract.client import Client, monitor_of
from contract.findings import Findings
from contract.stimuli import actions
from contract.stimuli.actions import Action
from contract.stimuli.world import World
from contract.subject import Subject


class SpoiledError(Exception):
    """What came back was not the subject's doing: the history cannot go on. The rest can."""


def play_histories(
    subject: Subject, findings: Findings, histories: Iterable[Sequence[Action]]
) -> Generator[bool, None, None]:
    """Plays each from a state in which none of its sessions is open, and stops what it opened.

    Says of each whether it was played to its end: it was not when it was spoiled, or when the
    subject has not what it needs. Raises UnreachableError when the subject is gone.
    """
    world = _world(subject, findings)
    try:
        for history in histories:
            try:
                whole = _played(world, history)
                world.reset()
            except SpoiledError:
                # What this Monitor believes is no longer so. Who ended one of the sessions ends
                # the others too.
                world = _world(subject, findings)
                whole = False
            yield whole
    finally:
        world.close()


def _world(subject: Subject, findings: Findings) -> World:
    return World(Client(subject, monitor_of(subject, findings)))


def _played(world: World, history: Sequence[Action]) -> bool:
    for action in history:
        if not _known_path(world, action) or not world.possible(action):
            return False
        world.play(action)
    return True


def _known_path(world: World, action: Action) -> bool:
    """Paths that are none of the contract's are never sent to a service that is not ours."""
    if action.do == actions.REQUEST or action.path is not None:
        return (action.path or "/").partition("?")[0] in world.subject.spec.paths
    return True
