"""The conformance suite for clients: cases that are data, each with evidence.

After the manner of the Autobahn testsuite; docs/cases.md is made from it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from contract.clients.cases import (
    candidates,
    chats,
    descriptions,
    errors,
    events,
    life,
    media,
    rooms,
    signalling,
)
from contract.clients.cases.case import Case
from contract.unable import UnableError

CASES: tuple[Case, ...] = (
    *signalling.CASES,
    *descriptions.CASES,
    *candidates.CASES,
    *media.CASES,
    *events.CASES,
    *life.CASES,
    *errors.CASES,
    *rooms.CASES,
    *chats.CASES,
)

GROUPS = {
    "SIG": "Answers of the API",
    "SDP": "Descriptions",
    "ICE": "Candidates and connections",
    "MEDIA": "Pictures and sound",
    "EVT": "Events",
    "LIFE": "Lives of sessions",
    "ERR": "Refusals, and answers that are broken or do not come",
    "ROOM": "Rooms of v2",
    "CHAT": "Chat sockets of v2",
}
"""What ids begin with."""


def choose(names: Iterable[str] | None) -> tuple[Case, ...]:
    """The cases of these ids and groups, in the suite's order; None is all.

    Raises UnableError for a name that is neither.
    """
    if names is None:
        return CASES
    wanted = {name.upper() for name in names}
    known = [*GROUPS, *(case.id for case in CASES)]
    for name in sorted(wanted - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the groups are {', '.join(GROUPS)}"
        raise UnableError(f"--only {name}: there is no such case or group; {hint}")
    return tuple(case for case in CASES if case.id in wanted or case.group in wanted)
