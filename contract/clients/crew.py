"""Threads that run a client, each against a fake of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from contract.clients.outcome import Outcome
from contract.clients.plan import Plan
from contract.clients.runner import Hire, Runner, Why
from contract.clients.stage import Media, Stage
from contract.exchange import UnreachableError
from contract.unable import UnableError


@dataclass(frozen=True, slots=True)
class Order:
    """One run to make: at most so many seconds, and so many requests before it is a storm."""

    plan: Plan
    limit: float
    storm: int


def perform(
    order: Order, *, stage: Stage, runner: Runner, stopped: Callable[[], bool] = lambda: False
) -> Outcome:
    """Runs the client once. Raises UnableError, and UnreachableError when the fake dies."""
    stage.play(order.plan)

    def watch() -> Why | None:
        if stopped():
            return "interrupted"
        return "storm" if stage.requests_so_far() > order.storm else None

    ended = runner.run(stage.address, limit=order.limit, watch=watch)
    return Outcome(order.plan, ended, stage.aftermath())


class Crew:
    """At most ``jobs`` runs at a time. A stage and a runner are made when they are first needed,
    and serve until the block ends.

    A fake that dies is started again once; ``troubles`` tells of it.
    """

    def __init__(self, hire: Hire, *, jobs: int, media: Media = "real") -> None:
        self._hire = hire
        self._jobs = jobs
        self._media: Media = media
        self._orders: queue.SimpleQueue[tuple[Order, Future[Outcome]] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._over: list[threading.Event] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._waiting = 0
        self.troubles: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for _ in self._threads:
            self._orders.put(None)
        for over in self._over:
            # The end is seconds away: a second Ctrl-C is to cost no finding, and to leave neither a
            # client nor a fake. (After an interrupted join Python 3.11 takes a thread for ended.)
            while not over.is_set():
                with suppress(KeyboardInterrupt):
                    over.wait()

    def submit(self, order: Order) -> Future[Outcome]:
        """Has it run by who is free next; orders begin in the order in which they are given."""
        future: Future[Outcome] = Future()
        with self._lock:
            self._waiting += 1
            if self._waiting > len(self._threads) < self._jobs:
                name = f"client {len(self._threads) + 1}"
                over = threading.Event()
                thread = threading.Thread(target=self._run, args=(over,), name=name)
                self._threads.append(thread)
                self._over.append(over)
                thread.start()
        self._orders.put((order, future))
        return future

    def run(self, order: Order) -> Outcome:
        """Runs it, and waits. Raises UnableError, UnreachableError."""
        return self.submit(order).result()

    def abandon(self) -> None:
        """Stops what runs, and begins nothing that waits; from then on nothing can be run."""
        self._stop.set()

    def _run(self, over: threading.Event) -> None:
        try:
            self._work()
        finally:
            over.set()

    def _work(self) -> None:
        with ExitStack() as stack:
            place: _Place | None = None
            while (taken := self._orders.get()) is not None:
                order, future = taken
                try:
                    if self._stop.is_set():
                        future.cancel()
                        continue
                    place = place or _Place(self._hire, self._media, stack, self.troubles)
                    future.set_result(place.perform(order, self._stop.is_set))
                except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
                    future.set_exception(error)
                finally:
                    with self._lock:
                        self._waiting -= 1


class _Place:
    """One job's stage and runner."""

    def __init__(self, hire: Hire, media: Media, stack: ExitStack, troubles: list[str]) -> None:
        self._media: Media = media
        self._stack = stack
        self._troubles = troubles
        self._runner = stack.enter_context(hire())
        self._stage = stack.enter_context(Stage(media=media))
        self._died = False

    def perform(self, order: Order, stopped: Callable[[], bool]) -> Outcome:
        try:
            return perform(order, stage=self._stage, runner=self._runner, stopped=stopped)
        except UnreachableError as problem:
            self._troubles.append(f"{problem}; it played {order.plan}")
            if self._died:
                raise self._unable(order, problem) from None
            self._died = True
        self._stage = self._stack.enter_context(Stage(media=self._media))
        try:
            return perform(order, stage=self._stage, runner=self._runner, stopped=stopped)
        except UnreachableError as problem:
            raise self._unable(order, problem) from None

    @staticmethod
    def _unable(order: Order, problem: UnreachableError) -> UnableError:
        return UnableError(f"the fake died twice: {problem}; it played {order.plan}")
