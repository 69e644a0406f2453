"""The small fixed sample of the JSON stimuli that is played against real media as well.

With real media the states are the same and more of them can be reached: a session stays
connecting while nobody stands behind its answer, and ends when its viewer leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract.client import Client, monitor_of
from contract.findings import Findings
from contract.stimuli.actions import CONNECTED, ENTER, LEAVE, Action, put
from contract.stimuli.descriptions import GOOD, ODD, UNUSABLE
from contract.stimuli.scenarios import (
    CONNECT,
    CONNECT_ROOM,
    GO,
    INTERRUPT,
    KEEP_ALIVE,
    LIST,
    LONG,
    NEW,
    PAPER_START,
    ROOM,
    START,
    STOP,
    Scenario,
    advance,
    say,
)
from contract.stimuli.world import World
from contract.subject import Progress, Subject

_ICE = Action("submitIce", 0)
_CALLS = (_ICE, KEEP_ALIVE, INTERRUPT, Action("startListening", 0), Action("stopListening", 0))


def run_sample(subject: Subject, findings: Findings, progress: Progress) -> None:
    """Plays the sample. All that it opened is stopped at its end, however it ends.

    Raises UnreachableError when the subject is gone.
    """
    world = World(Client(subject, monitor_of(subject, findings)))
    every = [s for s in sample() if subject.advance is not None or not s.needs_advance]
    try:
        for number, scenario in enumerate(every):
            progress(number, len(every), scenario.name)
            world.play_through(scenario.actions)
        if subject.rooms is not None:
            from contract.stimuli.packets import visit_by_packets  # noqa: PLC0415 - as in the tour

            progress(len(every), len(every), "packets")
            visit_by_packets(world.client, findings, subject.rooms)
    finally:
        world.close()


def sample() -> Iterator[Scenario]:
    """The scenarios of the sample. A viewer is connected in four of them."""
    yield Scenario(
        "a session stays connecting while nobody is there",
        (NEW, LIST, say(), *_CALLS, PAPER_START, LIST, say(), PAPER_START, *_CALLS, LIST, STOP,
         LIST, say(), *_CALLS, PAPER_START, STOP),
    )  # fmt: skip
    yield Scenario(
        "a session to which nobody comes is lost, and can be stopped once",
        (NEW, PAPER_START, advance(26), LIST, say(), advance(10), LIST, say(), STOP, STOP),
    )
    yield Scenario(
        "a connected session takes every call but a start",
        (CONNECT, LIST, say(), *_CALLS, START, LIST, STOP, LIST, say(), STOP),
    )
    offered = replace(START, edits=(put("sdp.type", "offer"), put("sdp.sdp", "$offer")))
    yield Scenario("a viewer's own offer is answered", (NEW, offered, LIST, say(), offered, STOP))
    yield Scenario(
        "a session whose start was refused can be started",
        (NEW, replace(START, edits=(put("sdp.sdp", "nonsense"),)), LIST,
         replace(START, edits=(put("sdp.sdp", "$paper/a section less"),)), LIST, START, LIST,
         say(LONG), say(), Action(LEAVE, 0), STOP, STOP, LIST),
    )  # fmt: skip
    fields = (put("quality", "high"), put("video_encoding", "H264"))
    yield Scenario(
        "a session of the highest quality in H264",
        (Action(CONNECTED, edits=fields), LIST, say(), INTERRUPT, STOP),
    )
    yield Scenario(
        "a session in a room lives on when its viewer leaves",
        (CONNECT_ROOM, LIST, say(), GO, LIST, say(), Action(ENTER, 0), say(), STOP, LIST, say()),
    )
    yield Scenario(
        "a session in a room whose viewer was there first",
        (ROOM, Action(ENTER, 0), LIST, say(), START, LIST, say(), STOP),
    )
    for name in (*UNUSABLE, *ODD, *GOOD):
        answer = replace(START, edits=(put("sdp.sdp", f"$paper/{name}"),))
        yield Scenario(f"an answer: {name}", (NEW, answer, LIST, STOP))
