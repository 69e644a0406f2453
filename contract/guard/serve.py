"""A guard's life, from its first line of input to its last line of output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from contract.findings import Findings
from contract.guard.config import GuardConfig, config_from_json
from contract.guard.credentials import Credentials
from contract.guard.journal import Journal
from contract.guard.proxy import Proxy
from contract.guard.reaper import reap
from contract.guard.service import Service
from contract.guard.web import listen, make_server
from contract.guard.wire import Reaped, exchange_to_json, reaped_to_json, violation_to_json
from contract.model.knowledge import Knowledge
from contract.monitor import Monitor
from contract.spec import load_spec
from contract.unable import UnableError

_PATIENCE = 7.5
"""Seconds for stopping all that is open; with what follows less than ten."""
_REAP_TIME = 10.0
_TICK = 0.2
_MAX_LINE = 64 * 1024


def run_guard(*, given: int = 0, taken: int = 1) -> int:
    """Serves until the parent says so or dies, or a signal comes.

    ``given`` and ``taken`` are file descriptors of pipes to the parent. Its first line is
    ``{"config": ..., "key": ..., "parent": pid}``; the key comes by the pipe because an
    environment can be read from outside. Whatever follows, be it the pipe's end, ends the guard.
    Returns 0, or 2 when it could not start.
    """
    for library in ("httpx2", "httpcore2", "uvicorn.error", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)
    output = _Output(taken)
    try:
        start = json.loads(_first_line(given))
        config, key = config_from_json(start["config"]), start["key"]
        parent = int(start["parent"])
        asyncio.run(_serve(config, key, output, given=given, parent=parent))
    except (UnableError, OSError, ValueError, KeyError, TypeError) as problem:
        words = str(problem) if isinstance(problem, UnableError) else repr(problem)
        output.put({"failed": words})
        return 2
    finally:
        output.close()
    return 0


async def _serve(
    config: GuardConfig, key: str | None, output: _Output, *, given: int, parent: int
) -> None:
    over = asyncio.Event()
    _end_by_signal(over)
    _end_with_parent(over, given)
    spec = load_spec()
    credentials = Credentials(key)
    findings = Findings(spec, "real")
    monitor = Monitor(
        spec,
        findings,
        answers=config.answers,
        knowledge=Knowledge(
            keys=frozenset({credentials.sentinel}) if key else None, exclusive=False
        ),
    )
    try:
        listening = listen(config.port)
    except OSError as problem:
        raise UnableError(f"port {config.port} of 127.0.0.1: {problem.strerror}") from None
    with contextlib.closing(listening):
        journal = Journal(config.journals, target=config.target, key=key)
        proxy: Proxy | None = None
        try:
            async with Service(config.target, timeout=config.timeout) as service:
                reaped = Reaped()
                if key and config.reap:
                    async with Service(config.target, timeout=_REAP_TIME) as reaping:
                        reaped = await reap(config.journals, spec=spec, service=reaping, key=key)
                proxy = Proxy(
                    config,
                    spec=spec,
                    service=service,
                    credentials=credentials,
                    journal=journal,
                    monitor=monitor,
                    sink=output.exchange if config.exchanges else lambda exchange: None,
                )
                server = make_server(proxy.answer)
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                port = listening.getsockname()[1]
                output.put(
                    {
                        "ready": {
                            "url": f"http://127.0.0.1:{port}",
                            "sentinel": credentials.sentinel,
                            "journal": str(journal.path),
                            "reaped": reaped_to_json(reaped),
                        }
                    }
                )
                await _until_over(over, proxy, parent=parent, serving=serving)
                await proxy.end(_PATIENCE)
                server.should_exit = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(serving, 1.5)
        finally:
            journal.close(clean=proxy is None or proxy.ledger.settled)
        output.put({"report": _report(proxy, findings)})


def _report(proxy: Proxy, findings: Findings) -> dict[str, Any]:
    ledger = proxy.ledger
    return {
        "opened": ledger.opened,
        "minutes": round(ledger.billed(time.monotonic()) / 60, 2),
        "stopped": proxy.stopped,
        "left_open": [held.session_id for held in ledger.open],
        "unanswered": ledger.unanswered + ledger.pending,
        "refused": ledger.refused,
        "exchanges": proxy.exchanges,
        # Of the others the parent knows more: for instance when its viewer left.
        "violations": [
            violation_to_json(each)
            for each in findings.violations
            if each.history and each.history[-1].number in proxy.own
        ],
        "problem": proxy.problem,
    }


async def _until_over(
    over: asyncio.Event, proxy: Proxy, *, parent: int, serving: asyncio.Task[None]
) -> None:
    tidying: asyncio.Task[None] | None = None
    try:
        while not over.is_set() and not serving.done() and os.getppid() == parent:
            if tidying is None or tidying.done():
                tidying = asyncio.create_task(proxy.tidy())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _TICK)
    finally:
        if tidying is not None:
            tidying.cancel()
            await asyncio.gather(tidying, return_exceptions=True)


def _end_by_signal(over: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)


def _end_with_parent(over: asyncio.Event, given: int) -> None:
    """The parent's end of the pipe closes when it dies, however it dies; unless a child that it
    forked has kept it open, for which its process id is watched as well.
    """
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError):
            os.read(given, 1)
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(over.set)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _first_line(given: int) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        # Byte by byte: what follows belongs to the watch.
        byte = os.read(given, 1)
        if not byte or len(line) > _MAX_LINE:
            raise UnableError("the guard is started by `heygen-contract check --target real`")
        line += byte
    return bytes(line)


class _Output:
    """Lines to the parent by a thread, so that a parent that does not read blocks no request."""

    def __init__(self, taken: int) -> None:
        self._taken = taken
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="output", daemon=True)
        self._writer.start()
        self.exchange: Callable[[Any], None] = lambda exchange: self.put(
            {"exchange": exchange_to_json(exchange)}
        )

    def put(self, line: dict[str, Any]) -> None:
        self._lines.put(line)

    def close(self) -> None:
        self._lines.put(None)
        self._writer.join(1.0)

    def _write(self) -> None:
        gone = False
        while (line := self._lines.get()) is not None:
            data = json.dumps(line).encode() + b"\n"
            while data and not gone:
                try:
                    data = data[os.write(self._taken, data) :]
                except OSError:  # the parent is gone; the sessions are still to be stopped
                    gone = True
