"""The guard as its parent sees it: a process of its own that ends with the block."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any, Self

from contract.exchange import Exchange, UnreachableError
from contract.guard.config import GuardConfig
from contract.guard.wire import (
    GuardReport,
    Reaped,
    exchange_from_json,
    reaped_from_json,
    report_from_json,
)
from contract.keys import KEY_VARIABLE, usable_key
from contract.spec import Spec
from contract.unable import UnableError

_START_TIME = 90.0
"""Seconds: sessions of an earlier run may have to be stopped first."""
_END_TIME = 12.0
"""Seconds; the guard itself takes less than ten."""


def take_key(environment: MutableMapping[str, str]) -> str | None:
    """The real key, which then is in the environment no more, nor in that of any child.

    Raises UnableError for one that cannot be sent.
    """
    key = environment.pop(KEY_VARIABLE, "").strip()
    return usable_key(key, source=KEY_VARIABLE) if key else None


class GuardProcess:
    """A guard for as long as the block runs.

    ``key`` is the real one; None where the clients bring their own. ``on_exchange`` is called by a
    thread of this object, in order. Inside the block :attr:`url` is where clients are to go and
    :attr:`sentinel` the key that they send.

    Raises UnableError where it does not start, ModuleNotFoundError without the extra.
    """

    def __init__(
        self,
        config: GuardConfig,
        *,
        spec: Spec,
        key: str | None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        if importlib.util.find_spec("httpx2") is None:  # better told here than by the guard
            raise ModuleNotFoundError("No module named 'httpx2'", name="httpx2")
        self.config = config
        self.url = ""
        self.sentinel = ""
        self.journal = ""
        self.reaped = Reaped()
        self._spec = spec
        self._key = key
        self._on_exchange = on_exchange
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._first: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._exchanges: dict[int, Exchange] = {}
        self._report: dict[str, Any] | None = None
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        # A session of its own: the terminal's Ctrl-C is for the judge, which ends the guard when
        # it has done with it.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "contract", "guard"],
            env={name: value for name, value in os.environ.items() if name != KEY_VARIABLE},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="guard's output", daemon=True)
        self._reader.start()
        try:
            self._say({"config": self.config.to_json(), "key": self._key, "parent": os.getpid()})
            ready = self._ready()
            self.url, self.sentinel = ready["url"], ready["sentinel"]
            self.journal = ready["journal"]
            self.reaped = reaped_from_json(ready["reaped"])
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        """The guard's process id."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> GuardReport:
        """Ends the guard, which stops all that is open first; the report of its run.

        Raises UnreachableError when the guard was killed: what it left open is then stopped by
        the next run, or by `heygen-contract reap`. May be called again.
        """
        self._end()
        if self._failure is not None:
            raise self._failure
        if self._report is None:
            raise UnreachableError(
                "the guard was killed; `heygen-contract reap` stops what it may have left open"
            )
        return report_from_json(self._report, self._spec, self._exchanges)

    def _ready(self) -> dict[str, Any]:
        try:
            first = self._first.get(timeout=_START_TIME)
        except queue.Empty:
            raise UnableError(f"the guard did not start within {_START_TIME:.0f} s") from None
        if "ready" not in first:
            raise UnableError(f"the guard does not start: {first.get('failed', 'it died')}")
        ready: dict[str, Any] = first["ready"]
        return ready

    def _end(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        if not process.stdin.closed:
            # Said too, because a child that this process has forked may keep the pipe open.
            self._say({"end": True})
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(_END_TIME)
        except subprocess.TimeoutExpired:
            process.kill()  # its journal tells what is left
            process.wait()
        if self._reader is not None:
            self._reader.join(_END_TIME)

    def _say(self, line: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died, and says why, or nothing
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for text in lines:
                try:
                    self._take(json.loads(text))
                except Exception as problem:  # noqa: BLE001 - raised to the owner by stop()
                    self._failure = self._failure or problem
        self._first.put({})  # whoever waits for it learns that it died

    def _take(self, line: dict[str, Any]) -> None:
        if "exchange" in line:
            exchange = exchange_from_json(line["exchange"])
            self._exchanges[exchange.number] = exchange
            if self._on_exchange is not None:
                self._on_exchange(exchange)
        elif "report" in line:
            self._report = line["report"]
        else:
            self._first.put(line)
