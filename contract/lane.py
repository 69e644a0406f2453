"""One subject and the stimuli that drive it one after the other, in a process of its own.

Processes and not threads: a stimulus computes as much as the fake does, and of two in one
interpreter each would wait for the other.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from types import FrameType
from typing import Literal

from contract.exchange import Request, Response, Send, UnreachableError
from contract.findings import Findings, Key, Profile, Violation
from contract.report.summary import MOST
from contract.spec import Answers, Spec, load_spec
from contract.subject import Progress, RoomViewer, Stimulus, Subject, Viewer
from contract.tally import Doorman, Tally
from contract.target import FakeProcess
from contract.unable import UnableError

STIMULI = {
    "schemathesis": "contract.stimuli.schemathesis:run_schemathesis",
    "tour": "contract.stimuli.tour:run_tour",
    "machine": "contract.stimuli.machine:run_machine",
    "sample": "contract.stimuli.sample:run_sample",
    "media": "contract.media:run_media",
}
"""Where each is; imported by who runs it, because some take a second to import.

A lane's stimulus is one of these names, or such a place.
"""

FAKE_MAX_SESSIONS = 3
_TELL_EVERY = 0.1
"""Seconds between two words on progress."""


@dataclass(frozen=True, slots=True)
class Lane:
    """``url`` is None for a fake that is started for the lane, with such ``media``.

    ``max_connects`` is how many sessions a real viewer may connect, 0 for none at all.
    """

    stimuli: tuple[str, ...]
    seed: int
    url: str | None = None
    media: Literal["none", "real"] = "none"
    keys: tuple[str, ...] = ()
    profile: Profile = "strict"
    answers: Answers = "union"
    accepts_any_key: bool = False
    exclusive: bool = True
    max_connects: int = 0


@dataclass(frozen=True, slots=True)
class Began:
    stimulus: str


@dataclass(frozen=True, slots=True)
class Moved:
    stimulus: str
    done: int
    total: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Found:
    stimulus: str
    violation: Violation


@dataclass(frozen=True, slots=True)
class Ended:
    """Also said of a stimulus that was stopped: then it is not ``complete``.

    ``moves`` are the times at which the server's clock was moved, and by how much.
    ``connections`` is None where no viewer was asked.
    """

    stimulus: str
    complete: bool
    seconds: float
    requests: int
    checked: Counter[str]
    unjudged: dict[str, str]
    calls: Counter[str]
    moves: list[tuple[float, float]]
    keys: tuple[str, ...]
    connections: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """``kind``: what it means. ``gone`` the subject, ``unable`` to begin, ``missing`` a module
    of that name, ``crashed`` by a mistake of the judge: the text is a traceback.
    """

    stimulus: str
    kind: Literal["gone", "unable", "missing", "crashed"]
    text: str


Message = Began | Moved | Found | Ended | Failed
Tell = Callable[[Message], None]


class _StopError(KeyboardInterrupt):
    """The parent asks to stop. Hypothesis catches SystemExit, and lets this one through."""


@dataclass(slots=True)
class _Course:
    """A stimulus under way: says what is new in its findings."""

    name: str
    findings: Findings
    tell: Tell
    told: int = 0
    keys: Counter[Key] = field(default_factory=Counter)
    last: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.news()
        now = time.monotonic()
        if now - self.last >= _TELL_EVERY or done == total:
            self.last = now
            self.tell(Moved(self.name, done, total, note))

    def news(self) -> None:
        with self.lock:
            fresh = self.findings.violations[self.told :]
            self.told += len(fresh)
        for violation in fresh:
            self.keys[violation.key] += 1
            if self.keys[violation.key] <= MOST:
                self.tell(Found(self.name, violation))


def drive(lane: Lane, tell: Tell, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Runs the lane's stimuli in this process.

    KeyboardInterrupt ends them, what was found has been told then; ``stopped`` says that there
    was one, for the case that a library keeps it to itself.
    """
    name = lane.stimuli[0]
    try:
        spec = load_spec()
        with _subject(lane, spec) as (subject, tally):
            for name in lane.stimuli:
                _run(name, subject, tally, tell, stopped)
                if stopped():
                    return
    except UnreachableError as problem:
        tell(Failed(name, "gone", str(problem)))
    except UnableError as problem:
        tell(Failed(name, "unable", str(problem)))
    except ModuleNotFoundError as problem:
        tell(Failed(name, "missing", (problem.name or "").partition(".")[0]))
    except Exception:  # noqa: BLE001 - whatever it is, the other lanes' findings must be shown
        tell(Failed(name, "crashed", traceback.format_exc()))


def _run(
    name: str, subject: Subject, tally: Tally, tell: Tell, stopped: Callable[[], bool]
) -> None:
    stimulus = load_stimulus(name)
    course = _Course(name, subject.findings(), tell)
    doorman = subject.viewer if isinstance(subject.viewer, Doorman) else None
    connections = 0 if doorman is None else doorman.connections
    requests, calls, moves = tally.requests, Counter(tally.calls), len(tally.moves)
    tell(Began(name))
    began = time.monotonic()
    complete = False
    try:
        progress: Progress = course.progress
        # What an earlier stimulus moved the clock by is for this one how the server's clock is.
        ahead = sum(seconds for _, seconds in tally.moves[:moves])
        mine = replace(subject, clock=lambda: time.time() + ahead)
        stimulus(mine, course.findings, progress)
        complete = not stopped()
    finally:
        course.news()
        tell(
            Ended(
                name,
                complete,
                time.monotonic() - began,
                tally.requests - requests,
                course.findings.checked,
                course.findings.unjudged,
                tally.calls - calls,
                tally.moves[moves:],
                tuple(key for key in (subject.key, subject.other_key) if key),
                None if doorman is None or not doorman.tried else doorman.connections - connections,
            )
        )


def load_stimulus(name: str) -> Stimulus:
    """The function of that name. Raises ModuleNotFoundError where an extra is missing."""
    module, _, attribute = STIMULI.get(name, name).partition(":")
    stimulus: Stimulus = getattr(importlib.import_module(module), attribute)
    return stimulus


@contextmanager
def _subject(lane: Lane, spec: Spec) -> Iterator[tuple[Subject, Tally]]:
    from contract.transport import HttpSend  # noqa: PLC0415 - sockets and TLS, for who sends

    with ExitStack() as stack:
        fake = None
        url, keys = lane.url, lane.keys
        if url is None:
            shape = lane.answers if lane.answers in {"documented", "recorded"} else "union"
            fake = stack.enter_context(
                FakeProcess(media=lane.media, keys=keys, arguments=("--answers", shape))
            )
            url, keys = fake.url, fake.keys
        http = HttpSend(url)
        stack.callback(http.close)
        tally = Tally(spec, _explained(http, fake))
        if fake is None:
            stack.callback(tally.stop_all)
        viewer = _viewer(lane)
        if viewer is not None:
            stack.callback(viewer.close)
        rooms = _rooms(lane)
        if rooms is not None:
            stack.callback(rooms.close)
        yield (
            Subject(
                spec=spec,
                url=url,
                send=tally.send,
                key=keys[0],
                other_key=keys[1] if len(keys) > 1 else None,
                accepts_any_key=lane.accepts_any_key,
                profile=lane.profile,
                answers=lane.answers,
                viewer=viewer,
                advance=None if fake is None else tally.advance(fake.advance),
                max_sessions=None if fake is None else FAKE_MAX_SESSIONS,
                exclusive=lane.exclusive,
                seed=lane.seed,
                on_paper=viewer is not None and not lane.max_connects,
                rooms=rooms,
            ),
            tally,
        )


def _viewer(lane: Lane) -> Viewer | None:
    viewer: Viewer | None = None
    if lane.max_connects:
        from contract.viewers.connector import Connector  # noqa: PLC0415 - aiortc takes long

        viewer = Doorman(Connector(lane.max_connects))
    elif lane.url is None and lane.media == "none":
        from contract.viewers.paper import PaperViewer  # noqa: PLC0415 - beside the other

        viewer = PaperViewer(connects=True)
    return viewer


def _rooms(lane: Lane) -> RoomViewer | None:
    if lane.url is not None and not lane.max_connects:
        return None
    # Protocol and sockets of rooms are half a second that --help need not wait for.
    from contract.rooms.sockets import dial  # noqa: PLC0415
    from contract.viewers.rooms import RoomViewers  # noqa: PLC0415

    if lane.max_connects:
        from contract.viewers.seats import PeerSeats  # noqa: PLC0415 - aiortc takes long

        return RoomViewers(dial, seats=PeerSeats())
    return RoomViewers(dial)


def _explained(send: Send, fake: FakeProcess | None) -> Send:
    """``send``, that says why a fake of ours is gone."""

    def explain(request: Request) -> Response:
        try:
            return send(request)
        except UnreachableError as problem:
            words = "" if fake is None else fake.last_words()
            raise UnreachableError(f"the fake {words}" if words else str(problem)) from None

    return explain


class LaneProcess:
    """A :class:`Lane` driven by a process of its own; its messages are read from a connection."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        context = multiprocessing.get_context("spawn")
        self.inbox, outbox = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_work, args=(lane, outbox), name=f"heygen-contract {'+'.join(lane.stimuli)}"
        )
        # Ctrl-C is the parent's: it shows what was found, and then ends this process. Blocked
        # until the child has said so itself, because the mask is inherited and a handler is not.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        outbox.close()

    def stop(self) -> None:
        """Asks it to stop what it does and to end its fake."""
        if self._process.is_alive():
            self._process.terminate()

    def join(self, seconds: float) -> int | None:
        """Waits for the end, then makes it one. The exit code; negative for a signal."""
        self._process.join(seconds)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        return self._process.exitcode


class _Stopper:
    """The handler of SIGTERM: the parent asks to stop."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            raise _StopError


def _work(lane: Lane, outbox: Connection) -> None:
    stopper = _Stopper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stopper)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    lock = threading.Lock()

    def tell(message: Message) -> None:
        with lock, suppress(BrokenPipeError):  # the parent is dead: _end_with_parent sees to it
            outbox.send(message)

    threading.Thread(target=_end_with_parent, name="parent's end", daemon=True).start()
    try:
        with _nothing_kept_here():
            drive(lane, tell, stopped=lambda: stopper.asked)
    except KeyboardInterrupt:  # _StopError, or what a library made of it
        pass
    finally:
        outbox.close()


@contextmanager
def _nothing_kept_here() -> Iterator[None]:
    """Hypothesis keeps what it has computed in the working directory, which is the user's."""
    with tempfile.TemporaryDirectory(prefix="heygen-contract-") as scratch:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = scratch
        yield


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
