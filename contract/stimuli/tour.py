"""The transition tour: every action from every state of the model that can be reached.

Breadth-first over the states that the Monitor distinguishes, with at most two sessions and one
token; then the finite tables, each row in the state that enables it; then directed scenarios.
The seed decides the order within each of them and nothing else.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from contract.client import Client, monitor_of
from contract.findings import Findings
from contract.model.session import State
from contract.stimuli.actions import ENTER, LEAVE, Action, Which
from contract.stimuli.scenarios import (
    BARE_START,
    CONNECT,
    INTERRUPT,
    LIST,
    NEW,
    PAPER_START,
    ROOM,
    START,
    STOP,
    TOKEN,
    Scenario,
    by,
    say,
    scenarios,
)
from contract.stimuli.tables import Ground, Row, rows
from contract.stimuli.world import World
from contract.subject import Progress, Subject

MAX_OPEN = 8
"""How many sessions are opened to find a limit that is not known."""
SESSIONS = 2
"""How many sessions there are at most in the states that are visited."""
_STATES = 150
"""More states than the model has with two sessions: a server that shows more is broken."""
_MAY_CHANGE = frozenset({"newSession", "startSession", "stopSession", ENTER, LEAVE})
_SESSION_CALLS = (
    "submitIce", "interruptTask", "keepAlive", "startListening", "stopListening",
)  # fmt: skip

Abstract = tuple[object, ...]
"""A state of the model: what the sessions are and who opened them, and which tokens are used."""


def run_tour(
    subject: Subject, findings: Findings, progress: Progress, *, sessions: int = SESSIONS
) -> None:
    """The whole tour. All that it opened is stopped at its end, however it ends.

    Raises UnreachableError when the subject is gone.
    """
    world = World(Client(subject, monitor_of(subject, findings)))
    try:
        Tour(world, findings, progress, sessions=sessions).run()
    finally:
        world.close()


class Tour:
    """The parts of the tour, on one :class:`World`."""

    def __init__(
        self, world: World, findings: Findings, progress: Progress, *, sessions: int = SESSIONS
    ) -> None:
        self._world = world
        self._findings = findings
        self._sessions = sessions
        self._progress = progress
        self._random = random.Random(world.subject.seed)  # noqa: S311 - an order, no secret
        self._limit = 0
        self._connects = False

    def run(self) -> None:
        """All parts. Sessions are connected for scenarios first: their number may be limited."""
        self.find_limit()
        self.directed()
        self.rooms()
        self.voice()
        self.tables()
        self.states()

    # the limit

    def find_limit(self) -> None:
        """Opens until refused; then that a slot is free after a stop, and a token is kept."""
        world = self._world
        self._progress(0, None, "the limit of sessions")
        world.play(TOKEN)
        known = world.subject.max_sessions
        for _ in range(MAX_OPEN if not known else min(MAX_OPEN, known + 1)):
            answer = world.play(NEW)
            if answer is not None and answer.response.status != 200:
                break
        self._limit = len(world.sessions)
        if self._limit:
            world.play_all((LIST, by("token 0", NEW), STOP, LIST, by("token 0", NEW), NEW, LIST))
            if world.subject.other_key is not None:  # whose limit is its own
                world.play_all((by("other key", NEW), by("other key", LIST), LIST))
        world.reset()
        if self._limit:
            world.play_all((CONNECT, LIST))
            self._connects = bool(world.sessions) and world.states(0) == {State.CONNECTED}
            world.reset()

    # scenarios

    def directed(self) -> None:
        """Every scenario that can be played here."""
        for scenario in self._scenarios():
            self._progress(0, None, scenario.name)
            self._world.play_through(scenario.actions)

    def _scenarios(self) -> list[Scenario]:
        world = self._world
        found = [
            scenario
            for scenario in scenarios()
            if (self._connects or not scenario.needs_connection)
            and (world.subject.advance is not None or not scenario.needs_advance)
        ]
        self._random.shuffle(found)
        return found

    # rooms

    def rooms(self) -> None:
        """What is said in rooms, where one can be entered."""
        subject = self._world.subject
        if subject.rooms is None or not self._limit:
            return
        # Half a second, which nobody should wait for who has no room to go to.
        from contract.stimuli.rooms import visit_rooms  # noqa: PLC0415

        self._progress(0, None, "rooms")
        visit_rooms(self._world.client, self._findings, subject.rooms)

    def voice(self) -> None:
        """What is said at the chat socket and the realtime endpoint, where a room can be entered:
        nobody is heard, and nobody speaks, before the avatar has a viewer.
        """
        subject = self._world.subject
        if subject.rooms is None or not self._limit:
            return
        from contract.stimuli.packets import visit_by_packets  # noqa: PLC0415 - as those of rooms
        from contract.stimuli.voice import visit_sockets  # noqa: PLC0415

        self._progress(0, None, "voice")
        visit_sockets(self._world.client, self._findings, subject.rooms)
        visit_by_packets(self._world.client, self._findings, subject.rooms)

    # tables

    def tables(self, wanted: Callable[[Row], bool] = lambda row: True) -> None:
        """Every row of every table that is wanted, in the state that enables it."""
        world = self._world
        every = list(rows(world.subject.spec, other=world.subject.other_key is not None))
        self._random.shuffle(every)
        grounds: Sequence[Ground] = ("nothing", "new", "connected") if self._limit else ("nothing",)
        done = 0
        for ground in grounds:
            chosen = [row for row in every if row.ground == ground and wanted(row)]
            if not chosen:
                continue
            self._ground(ground)
            for row in chosen:
                self._row(row)
                done += 1
                self._progress(done, len(every), "tables")
            world.reset()

    def _ground(self, ground: Ground) -> None:
        self._world.reset()
        if ground == "new":
            self._world.play(NEW)
        elif ground == "connected":
            self._world.play(CONNECT)

    def _row(self, row: Row) -> None:
        world, action = self._world, row.action
        if not world.possible(action):
            return
        before = self.abstract()
        answer = world.play(action)
        done = answer is not None and answer.response.status == 200
        if action.do in _MAY_CHANGE or done:
            world.play(LIST)
        if action.do == "sendTask" and done:
            world.play(INTERRUPT)
        if self.abstract() != before:
            self._ground(row.ground)

    # states

    def abstract(self) -> Abstract:
        """Where the model is now."""
        world = self._world
        sessions = (
            (
                tuple(sorted(world.states(number))),
                session.credentials != world.client.key,
                session.room is not None,
                session.entered,
            )
            for number, session in enumerate(world.sessions)
        )
        tokens = tuple(world.token_used(number) for number in range(len(world.tokens)))
        return (*sessions, tokens)

    def states(self) -> None:
        """Breadth-first: every action from every state that is found on the way."""
        world = self._world
        world.reset()
        seen: set[Abstract] = {self.abstract()}
        waiting: deque[tuple[Action, ...]] = deque([()])
        visited = 0
        while waiting:
            path = waiting.popleft()
            here = self._walk(path)
            visited += 1
            self._progress(visited, visited + len(waiting), "states")
            for action in self._actions():
                if not world.possible(action):
                    continue
                answer = world.play(action)
                if action.do == "sendTask" and answer and answer.response.status == 200:
                    world.play(replace(INTERRUPT, session=action.session))
                there = self.abstract()
                if there == here:
                    continue
                world.play(LIST)
                if there not in seen and len(seen) < _STATES:
                    seen.add(there)
                    waiting.append((*path, action))
                if self._walk(path) != here:
                    break  # the server does not repeat itself, or a connection could not be had
        world.reset()

    def _walk(self, path: tuple[Action, ...]) -> Abstract:
        self._world.reset()
        self._world.play_all(action for action in path if self._world.possible(action))
        return self.abstract()

    def _actions(self) -> list[Action]:
        """Every action that can be tried here; those that may lead elsewhere are the last."""
        staying: list[Action] = []
        leading: list[Action] = []
        for action in self._choices():
            (leading if action.do in (*_MAY_CHANGE, "createToken") else staying).append(action)
        self._random.shuffle(staying)
        self._random.shuffle(leading)
        return [*staying, *leading]

    def _choices(self) -> Iterator[Action]:
        world = self._world
        callers = ["key"] + [f"token {number}" for number in range(len(world.tokens))]
        sessions: tuple[Which, ...] = (*range(len(world.sessions)), "unknown")
        for caller in callers:
            yield by(caller, LIST)
            for session in sessions:
                yield from (by(caller, action) for action in self._calls(session))
        if world.subject.other_key is not None:
            # Whose session it is comes before its state: one call tells as much as all.
            yield by("other key", LIST)
            for session in sessions[:-1]:
                some = self._random.choice(list(self._calls(session)))
                yield by("other key", some)
        if any(session.room is not None for session in world.sessions):
            # One room, by itself: all others would show what sessions of raw WebRTC do.
            yield from (Action(do, 0) for do in (ENTER, LEAVE))
            return
        if not world.sessions and not world.tokens:
            yield ROOM
        if len(world.sessions) < min(self._sessions, self._limit):
            yield from (by(caller, NEW) for caller in callers)
        elif world.tokens and world.token_used(0):
            yield by("token 0", NEW)
        yield TOKEN if not world.tokens else by("token 0", TOKEN)

    def _calls(self, session: Which) -> Iterator[Action]:
        for operation in _SESSION_CALLS:
            yield Action(operation, session)
        yield replace(say(), session=session)
        new = isinstance(session, int) and State.NEW in self._world.states(session)
        in_room = isinstance(session, int) and self._world.sessions[session].room is not None
        if in_room:
            yield replace(BARE_START, session=session)
        elif new and self._connects:
            yield replace(START, session=session)
        if in_room or not new or not self._connects or not self._world.on_paper:
            yield replace(PAPER_START, session=session)
        yield replace(STOP, session=session)
