"""Random histories for depth: a Hypothesis state machine over the tour's actions.

What the Monitor finds is raised, so that Hypothesis shrinks the history that leads to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import seed
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    multiple,
    rule,
    run_state_machine_as_test,
)

from contract.exchange import UnreachableError
from contract.findings import Findings
from contract.stimuli import credentials
from contract.stimuli.actions import CONNECTED, ENTER, LEAVE, Action, Edit, put
from contract.stimuli.bodies import BAD_JSON, BAD_TYPES, GOOD_FORMS
from contract.stimuli.descriptions import VARIANTS
from contract.stimuli.generated import near_valid_edits, valid_edits
from contract.stimuli.scenarios import (
    INTERRUPT,
    LIST,
    LONG,
    ROOM,
    SHORT,
    TOKEN,
    advance,
    by,
    say,
)
from contract.stimuli.search import BrokenRuleError, Effort, Search
from contract.stimuli.tables import BAD_CANDIDATES, BAD_TEXTS, GOOD_CANDIDATES, GOOD_TEXTS
from contract.subject import Progress, Subject

_OPEN = 3
"""How many sessions are open at one time where the limit is not known."""
_SECONDS = (1.0, 27.0, 33.0, 63.0, 117.0, 123.0, 597.0, 3597.0)


def run_machine(subject: Subject, findings: Findings, progress: Progress) -> None:
    """The machine with its usual effort and the subject's seed.

    Raises UnreachableError when the subject is gone.
    """
    drive_machine(subject, findings, progress, Effort())


def drive_machine(subject: Subject, findings: Findings, progress: Progress, effort: Effort) -> None:
    """Looks for broken rules, each key once, until the effort is spent.

    After a find the search goes on with that key left aside. All that was opened is stopped at
    the end of each history. Raises UnreachableError when the subject is gone.
    """
    search = Search(subject, findings, progress, effort)
    while search.left > 0:
        before = search.best.keys() | set()
        try:
            run_state_machine_as_test(
                seed(subject.seed + len(before))(make_machine(search)),
                settings=search.settings(),
            )
        except BrokenRuleError:
            pass
        except HypothesisException:
            # A history that does not show the same twice: what it showed first has been kept.
            if search.best.keys() == before:
                raise
        finally:
            search.report()
        if search.gone is not None:
            raise search.gone
        if search.best.keys() == before or effort.first:
            return


def make_machine(search: Search) -> type[RuleBasedStateMachine]:
    """The rules, over the subject's own operations."""
    spec = search.subject.spec
    on_session = tuple(
        operation.id
        for operation in spec.operations.values()
        if operation.body_required and operation.id != "newSession"
    )
    names = st.sampled_from((*credentials.BAD, *credentials.GOOD, *credentials.BAD_WITH_OTHER))
    callers = st.sampled_from(("key", "key", "key", "other key", *credentials.GOOD))
    forms = st.sampled_from(("json", "json", *GOOD_FORMS))
    bodies = {o.id: valid_edits(spec, o) for o in spec.operations.values() if o.has_body}

    class Machine(RuleBasedStateMachine):
        sessions: Bundle[int] = Bundle("sessions")
        tokens: Bundle[int] = Bundle("tokens")

        def __init__(self) -> None:
            super().__init__()
            self.world, self.scratch = search.begin()
            self.failed = False

        def teardown(self) -> None:
            actions = len(self.world.played)
            judged = not self.failed and not search.over
            self.guarded(self.world.close)
            search.ahead += self.world.moved
            search.shape = self.world.monitor.shape
            search.findings.checked += self.scratch.checked
            if judged:
                search.judge(self.scratch, actions)

        def judge(self) -> None:
            try:
                search.judge(self.scratch, len(self.world.played))
            except BrokenRuleError:
                self.failed = True
                raise

        def guarded(self, work: Callable[[], object]) -> None:
            if search.gone is not None:
                return
            try:
                work()
            except UnreachableError as problem:
                search.gone = problem

        def play(self, *several: Action) -> None:
            for action in several:
                if not search.over and self.world.possible(action):
                    self.guarded(lambda action=action: self.world.play(action))  # type: ignore[misc]
                    self.judge()

        def opened(self, action: Action) -> Any:
            """The numbers of the sessions that the action opened."""
            before = len(self.world.sessions)
            if sum(not s.ended for s in self.world.sessions) <= _room(search.subject):
                self.play(action)
            return multiple(*range(before, len(self.world.sessions)))

        def quiet(self, session: int) -> None:
            """So that no task is kept waiting for the end of another's speech."""
            if self.world.sessions[session].speaking:
                self.play(replace(INTERRUPT, session=session))

        # sessions

        @rule(target=sessions, edits=bodies["newSession"], form=forms, caller=callers)
        def new(self, edits: tuple[Edit, ...], form: str, caller: str) -> Any:
            return self.opened(Action("newSession", edits=edits, form=form, credentials=caller))

        @rule(target=sessions, token=tokens, edits=bodies["newSession"])
        def new_by_token(self, token: int, edits: tuple[Edit, ...]) -> Any:
            return self.opened(Action("newSession", edits=edits, credentials=f"token {token}"))

        @rule(target=sessions, edits=bodies["newSession"])
        def new_connected(self, edits: tuple[Edit, ...]) -> Any:
            return self.opened(Action(CONNECTED, edits=edits))

        @rule(
            target=sessions,
            do=st.sampled_from(("newSession", CONNECTED)),
            edits=bodies["newSession"],
            caller=callers,
        )
        def new_room(self, do: str, edits: tuple[Edit, ...], caller: str) -> Any:
            action = Action(do, edits=(*edits, *ROOM.edits), credentials=caller)
            return self.opened(action)

        @rule(target=sessions, text=st.sampled_from((SHORT, LONG)))
        def new_speaking(self, text: str) -> Any:
            numbers = self.opened(Action(CONNECTED))
            for number in numbers.values:
                self.play(say(text, session=number))
            return numbers

        @rule(session=sessions, kind=st.sampled_from(("answer", "answer", "offer", "nothing")))
        def start(self, session: int, kind: str) -> None:
            sdp = (put("sdp.type", "offer"), put("sdp.sdp", "$offer"))
            edits = {"answer": (), "offer": sdp, "nothing": (Edit("sdp"),)}[kind]
            self.play(Action("startSession", session, edits))

        @rule(session=sessions, name=st.sampled_from(sorted(VARIANTS)))
        def start_oddly(self, session: int, name: str) -> None:
            self.play(Action("startSession", session, (put("sdp.sdp", f"$paper/{name}"),)))

        @rule(session=sessions)
        def stop(self, session: int) -> None:
            self.play(Action("stopSession", session))

        @rule(session=consumes(sessions))
        def stop_twice(self, session: int) -> None:
            self.play(Action("stopSession", session), Action("stopSession", session), LIST)

        @rule(session=sessions)
        def enter(self, session: int) -> None:
            self.play(Action(ENTER, session))

        @rule(session=sessions)
        def leave(self, session: int) -> None:
            self.play(Action(LEAVE, session))

        # speech

        @rule(
            session=sessions,
            text=st.sampled_from((SHORT, LONG, *GOOD_TEXTS)),
            edits=bodies["sendTask"],
            caller=callers,
        )
        def task(self, session: int, text: str, edits: tuple[Edit, ...], caller: str) -> None:
            action = Action("sendTask", session, (put("text", text), *edits), credentials=caller)
            if self.world.sessions[session].speaking:
                action = replace(action, edits=(*action.edits, put("task_mode", "async")))
            self.play(action)

        @rule(session=sessions, text=st.sampled_from(BAD_TEXTS))
        def bad_task(self, session: int, text: str) -> None:
            self.quiet(session)
            self.play(Action("sendTask", session, (put("text", text),)))

        @rule(session=sessions, caller=callers)
        def interrupt(self, session: int, caller: str) -> None:
            self.play(by(caller, replace(INTERRUPT, session=session)))

        # all else

        @rule(session=sessions, text=st.sampled_from((*GOOD_CANDIDATES, *BAD_CANDIDATES)))
        def candidate(self, session: int, text: str) -> None:
            self.play(Action("submitIce", session, (put("candidate.candidate", text),)))

        @rule(
            session=sessions,
            operation=st.sampled_from(("keepAlive", "startListening", "stopListening")),
            caller=callers,
            form=forms,
        )
        def attend(self, session: int, operation: str, caller: str, form: str) -> None:
            self.play(Action(operation, session, form=form, credentials=caller))

        @rule(caller=callers)
        def list_sessions(self, caller: str) -> None:
            self.play(by(caller, LIST))

        @rule(target=tokens, caller=callers)
        def create_token(self, caller: str) -> Any:
            before = len(self.world.tokens)
            self.play(by(caller, TOKEN))
            return multiple(*range(before, len(self.world.tokens)))

        @rule(
            token=tokens,
            session=sessions,
            operation=st.sampled_from(("listSessions", "createToken", *on_session)),
            before=st.sampled_from(("", "", "key and ", "other key and ")),
        )
        def by_token(self, token: int, session: int, operation: str, before: str) -> None:
            if operation == "sendTask":
                self.quiet(session)
            which = session if operation in on_session else None
            self.play(Action(operation, which, credentials=f"{before}token {token}"))

        @rule(session=sessions, operation=st.sampled_from(on_session), name=names)
        def by_nobody(self, session: int, operation: str, name: str) -> None:
            edits = (put("sdp.sdp", "$paper"),) if operation == "startSession" else ()
            if operation == "sendTask":
                self.quiet(session)
            self.play(Action(operation, session, edits, credentials=name), LIST)

        @rule(
            target=sessions,
            operation=st.sampled_from(("newSession", "createToken", "listSessions")),
            name=names,
        )
        def nobody_opens(self, operation: str, name: str) -> Any:
            return self.opened(Action(operation, credentials=name))

        @rule(
            operation=st.sampled_from(on_session), which=st.sampled_from(("unknown", "malformed"))
        )
        def no_session(self, operation: str, which: Any) -> None:
            self.play(Action(operation, which))

        @rule(
            session=sessions,
            operation=st.sampled_from(on_session),
            data=st.data(),
            form=st.sampled_from(("json", "json", "json", *BAD_JSON, *BAD_TYPES)),
        )
        def nearly_right(
            self, session: int, operation: str, data: st.DataObject, form: str
        ) -> None:
            edits = data.draw(near_valid_edits(spec, spec.operations[operation]))
            if operation == "sendTask":
                self.quiet(session)
            if operation == "startSession":
                edits = (put("sdp.sdp", "$paper"), *edits)
            self.play(Action(operation, session, edits, form))

        @rule(target=sessions, edits=near_valid_edits(spec, spec.operations["newSession"]))
        def nearly_new(self, edits: tuple[Edit, ...]) -> Any:
            return self.opened(Action("newSession", edits=edits))

        @rule(seconds=st.sampled_from(_SECONDS))
        def time_passes(self, seconds: float) -> None:
            self.play(advance(seconds), LIST)

    return Machine


def _room(subject: Subject) -> int:
    """How many sessions may be open when one more is asked for: the limit itself is tried."""
    return subject.max_sessions or _OPEN - 1
