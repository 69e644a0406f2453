"""The process of light viewers: ``python -m bench.audience URL``, asked by lines of JSON."""

from __future__ import annotations

import json
import os
import selectors
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.identity import Identity
from bench.service import Service
from bench.signalling import Signalling
from bench.speech import TEXT
from bench.watcher import Watcher

_PATIENCE = 60.0
_TICK = 0.05


class Audience:
    """Opens sessions of one server and watches them, in one loop without asyncio."""

    def __init__(self, url: str) -> None:
        self._service = Service(url)
        self._identity = Identity()
        self._watchers: list[Watcher] = []
        self._lines: list[Signalling] = []
        self._selector = selectors.DefaultSelector()
        self._buffer = bytearray(2048)
        self._view = memoryview(self._buffer)
        self._next_tick = 0.0

    def open(self, count: int, version: str = "v1") -> dict[str, object]:
        """Opens so many more sessions; all that are open show a picture afterwards."""
        began = time.monotonic()
        for _ in range(count):
            (self._join if version == "v2" else self._open)()
            self._watch(0)
        fresh = self._watchers[-count:]
        give_up = time.monotonic() + _PATIENCE
        while not all(watcher.watching for watcher in fresh):
            if time.monotonic() > give_up:
                missing = sum(not watcher.watching for watcher in fresh)
                raise TimeoutError(f"{missing} of {count} viewers saw nothing")
            self._watch(_TICK)
        return {"open": len(self._watchers), "seconds": time.monotonic() - began}

    def _open(self) -> None:
        session_id, offer = self._service.new()
        watcher = self._add(session_id, offer)
        self._service.start(session_id, watcher.answer)

    def _join(self) -> None:
        session_id, line = self._service.room()
        self._lines.append(line)
        watcher = self._add(session_id, line.offer())
        self._selector.register(line.sock, selectors.EVENT_READ, line)
        line.answer(watcher.answer)

    def _add(self, session_id: str, offer: str) -> Watcher:
        watcher = Watcher(session_id, offer, self._identity)
        self._watchers.append(watcher)
        self._selector.register(watcher.sock, selectors.EVENT_READ, watcher)
        return watcher

    def speak(self) -> dict[str, object]:
        """Every avatar begins the same minute of speech anew."""
        for watcher in self._watchers:
            self._service.interrupt(watcher.session_id)
            self._service.speak(watcher.session_id, TEXT)
            self._watch(0)
        return {"speaking": len(self._watchers)}

    def watch(self, seconds: float) -> dict[str, object]:
        """Counts for so long: each viewer's frames and sounds, and the time it really took."""
        began = time.monotonic()
        frames = [watcher.frames for watcher in self._watchers]
        sounds = [watcher.sounds for watcher in self._watchers]
        used = time.process_time()
        while (left := began + seconds - time.monotonic()) > 0:
            self._watch(min(left, _TICK))
        took = time.monotonic() - began
        return {
            "seconds": took,
            "frames": [w.frames - n for w, n in zip(self._watchers, frames, strict=True)],
            "sounds": [w.sounds - n for w, n in zip(self._watchers, sounds, strict=True)],
            "busy": (time.process_time() - used) / took,
        }

    def close(self) -> dict[str, object]:
        """Stops every session."""
        for watcher in self._watchers:
            self._service.stop(watcher.session_id)
            self._selector.unregister(watcher.sock)
            watcher.close()
        for line in self._lines:
            self._selector.unregister(line.sock)
            line.close()
        self._lines.clear()
        closed = len(self._watchers)
        self._watchers.clear()
        return {"closed": closed}

    def idle(self) -> None:
        """Goes on watching for a moment."""
        self._watch(0.02)

    def _watch(self, patience: float) -> None:
        """Waits so many seconds for what comes first, then takes all that has come."""
        view, buffer = self._view, self._buffer
        give_up = time.monotonic() + patience + _TICK
        while ready := self._selector.select(patience):
            for key, _ in ready:
                watcher = key.data
                if isinstance(watcher, Signalling):
                    watcher.receive()
                    continue
                try:
                    size = watcher.sock.recv_into(buffer)
                except (BlockingIOError, ConnectionRefusedError):
                    continue
                if size:
                    watcher.receive(view[:size])
            patience = 0
            if time.monotonic() >= give_up:
                break
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + _TICK
            for each in self._watchers:
                each.tick(now)
            for line in self._lines:
                line.tick(now)


class Commands:
    """Lines of JSON on standard input, answered on standard output, until the end of input.

    Between them ``idle`` runs, so that viewers go on while nobody asks.
    """

    def __init__(self, actions: dict[str, Callable[..., object]], idle: Callable[[], None]) -> None:
        self._actions = actions
        self._idle = idle
        os.set_blocking(0, False)
        self._pending = b""

    def run(self) -> None:
        while True:
            self._idle()
            try:
                chunk = os.read(0, 65536)
            except BlockingIOError:
                continue
            if not chunk:
                return
            *lines, self._pending = (self._pending + chunk).split(b"\n")
            for line in lines:
                self._answer(json.loads(line))

    def _answer(self, command: dict[str, Any]) -> None:
        try:
            answer = self._actions[command.pop("do")](**command)
        except Exception as error:  # noqa: BLE001 - told to the one who asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def main() -> None:
    audience = Audience(sys.argv[1])
    actions: dict[str, Callable[..., object]] = {
        "open": audience.open,
        "speak": audience.speak,
        "watch": audience.watch,
        "close": audience.close,
    }
    Commands(actions, audience.idle).run()


if __name__ == "__main__":
    main()
