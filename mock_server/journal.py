"""What happened, for people and tests to look at: requests and session timelines, bounded."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mock_server.core.faults.plan import Deviation

Entry = Mapping[str, Any]

MAX_REQUESTS = 2000
MAX_TIMELINES = 1000
MAX_TIMELINE = 1000
MAX_UNREAD = 500


class Journal:
    """Bounded records of one server. ``t`` of an entry is in seconds since the journal began."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._began = now()
        self._count = 0
        self._requests: deque[Entry] = deque(maxlen=MAX_REQUESTS)
        self._timelines: OrderedDict[str, deque[Entry]] = OrderedDict()
        self._readers: set[asyncio.Queue[Entry]] = set()

    def request(self, **entry: Any) -> dict[str, Any]:
        """Adds one answered request. What turns out later is set right in the entry it returns."""
        self._count += 1
        added = {"n": self._count, "t": self._elapsed(), **entry}
        self._add(self._requests, added, "request")
        return added

    def event(self, session_id: str, event: str, detail: Mapping[str, Any]) -> None:
        """Adds an entry to a session's timeline."""
        timeline = self._timelines.get(session_id)
        if timeline is None:
            timeline = self._timelines[session_id] = deque(maxlen=MAX_TIMELINE)
            while len(self._timelines) > MAX_TIMELINES:
                self._timelines.popitem(last=False)
        entry = {"t": self._elapsed(), "event": event, **detail}
        self._add(timeline, entry, "session", session_id=session_id)

    def fault(self, session_id: str, deviation: Deviation) -> None:
        """Says in a session's timeline that a deviation was applied to it."""
        self.event(session_id, "fault", {"do": deviation.do, "at": deviation.at})

    def _elapsed(self) -> float:
        return round(self._now() - self._began, 3)

    def _add(self, where: deque[Entry], entry: Entry, kind: str, **more: str) -> None:
        where.append(entry)
        for queue in self._readers:
            if queue.full():
                queue.get_nowait()  # a reader that is too slow misses the oldest
            queue.put_nowait({"kind": kind, **more, **entry})

    @property
    def count(self) -> int:
        """How many requests were answered, those among them that are no longer kept."""
        return self._count

    def requests(self) -> list[Entry]:
        return list(self._requests)

    def timeline(self, session_id: str) -> list[Entry]:
        return list(self._timelines.get(session_id, ()))

    @contextmanager
    def reader(self) -> Iterator[asyncio.Queue[Entry]]:
        """A queue of the entries from now on; the oldest are dropped when it is not emptied."""
        queue: asyncio.Queue[Entry] = asyncio.Queue(MAX_UNREAD)
        self._readers.add(queue)
        try:
            yield queue
        finally:
            self._readers.discard(queue)

    def clear(self) -> None:
        """As at process start; readers stay."""
        self._began = self._now()
        self._count = 0
        self._requests.clear()
        self._timelines.clear()
