"""What holds after any sequence of events."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from mock_server.core import effects as ef
from mock_server.core import events as ev
from mock_server.core.session import Session
from mock_server.core.transitions import State
from tests.core.sessions import ANSWER, config, task

MOVES = (
    "open", "offer", "start", "accepted", "refused", "connected", "candidate", "sync", "async",
    "blocks", "interrupt", "keep", "listen", "time", "time", "time", "sync", "async",
)  # fmt: skip
ENDS = ("stop", "lost", "unavailable", "crashed", "shutdown")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(MOVES) | st.sampled_from(MOVES) | st.sampled_from(ENDS + MOVES),
        st.sampled_from((0.0, 0.001, 0.3, 1.0, 7.0, 119.0)),
        st.integers(0, 20),
    ),
    max_size=60,
)
PROLOGUE = [("open", 0.0, 0), ("offer", 0.0, 0), ("start", 0.0, 0), ("connected", 0.0, 0)]


@dataclass
class Observer:
    """Feeds events, and holds each effect against what came before."""

    session: Session
    now: float = 0.0
    calls: int = 0
    answered: dict[int, ef.Reply | ef.Refuse] = field(default_factory=dict)
    talking: str | None = None
    started: list[str] = field(default_factory=list)

    def event(self, name: str, size: int) -> ev.Event:
        self.calls += 1
        n = self.calls
        events: dict[str, ev.Event] = {
            "open": ev.Open(n),
            "start": ev.Start(n, ANSWER),
            "candidate": ev.Candidate(n, None),
            "sync": task(n, milliseconds=size * 100),
            "async": task(n, milliseconds=size * 100, sync=False),
            "blocks": task(n, milliseconds=size * 100, blocks=True),
            "interrupt": ev.Interrupt(n),
            "keep": ev.KeepAlive(n),
            "listen": ev.Listen(n, on=size > 10),
            "stop": ev.Stop(n),
            "offer": ev.OfferMade("sdp"),
            "accepted": ev.DescriptionAccepted(None),
            "refused": ev.DescriptionRefused("why"),
            "connected": ev.Connected(),
            "lost": ev.Lost("gone"),
            "unavailable": ev.Unavailable("none"),
            "crashed": ev.Crashed("bug"),
            "shutdown": ev.Shutdown(),
            "time": ev.TimePassed(),
        }
        return events[name]

    def step(self, name: str, after: float, size: int) -> None:
        self.now += after
        was_closed, was_over = self.session.state is State.CLOSED, self.session.is_over
        effects = self.session.handle(self.event(name, size), self.now)
        for effect in effects:
            self.hold(effect)
        assert self.session.state in State
        assert (self.session.deadline is None) == self.session.is_over
        assert self.session.is_over or not was_over
        assert (self.session.speech is None) == (self.talking is None)
        assert self.session.waiting == 0 or self.talking is not None
        if was_closed:
            assert all(isinstance(effect, ef.Refuse) for effect in effects)

    def hold(self, effect: ef.Effect) -> None:
        if isinstance(effect, ef.Reply | ef.Refuse):
            assert effect.call not in self.answered
            assert effect.call <= self.calls
            self.answered[effect.call] = effect
        elif isinstance(effect, ef.SendEvent) and effect.type == "avatar_start_talking":
            assert self.talking is None
            assert effect.task_id not in self.started
            self.talking = effect.task_id
            self.started.append(effect.task_id)
        elif isinstance(effect, ef.SendEvent):
            assert effect.type == "avatar_stop_talking"
            assert effect.task_id == self.talking
            assert effect.duration_ms is not None
            assert 0.0 <= effect.duration_ms <= 2000.0
            self.talking = None


@given(STEPS, st.sampled_from((None, 30.0, 120.0)), st.booleans())
def test_any_history_keeps_the_rules_of_a_session(
    steps: list[tuple[str, float, int]], idle: float | None, begun: bool
) -> None:
    observer = Observer(Session(config(idle_timeout=idle)))
    for name, after, size in [*(PROLOGUE if begun else []), *steps]:
        observer.step(name, after, size)
    order = [int(name.removeprefix("task-")) for name in observer.started]
    assert order == sorted(order)


@given(STEPS)
def test_any_history_ends_with_every_caller_answered(
    steps: list[tuple[str, float, int]],
) -> None:
    observer = Observer(Session(config()))
    waiting: set[int] = set()
    opened = started = False
    for name, after, size in [*PROLOGUE, *steps]:
        if (name == "open" and opened) or (name == "start" and started):
            continue  # the server opens once; a second start is refused while one is under way
        opened, started = opened or name == "open", started or name == "start"
        observer.step(name, after, size)
        if name not in ("offer", "accepted", "refused", "connected", "time", *ENDS[1:]):
            waiting.add(observer.calls)
    observer.step("stop", 0.0, 0)
    assert waiting <= observer.answered.keys()


@given(STEPS)
def test_time_alone_brings_every_session_to_its_end(steps: list[tuple[str, float, int]]) -> None:
    observer = Observer(Session(config()))
    for name, after, size in [*PROLOGUE, *steps]:
        observer.step(name, after, size)
    for _ in range(200):
        due = observer.session.deadline
        if due is None:
            break
        observer.step("time", max(0.0, due - observer.now) + 1e-9, 0)
    assert observer.session.is_over
    assert observer.talking is None
    assert observer.now <= 600.0 + sum(after for _, after, _ in steps) + 1.0
