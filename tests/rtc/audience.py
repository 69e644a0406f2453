"""Light viewers of a served fake: real ICE and DTLS, and the RTP time of each picture kept."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from itertools import pairwise
from struct import unpack_from

from bench.answer import Offer
from bench.identity import Identity
from bench.service import Service
from bench.watcher import Watcher


class Seat:
    """One viewer, and the RTP timestamps of the pictures that it was sent, in order."""

    def __init__(self, watcher: Watcher, *, video: int) -> None:
        self.watcher = watcher
        self.times: list[int] = []
        self._video = video

    def receive(self, data: bytes) -> None:
        if 127 < data[0] < 192 and data[1] & 0x7F == self._video:
            (timestamp,) = unpack_from("!I", data, 4)
            if timestamp not in self.times[-2:]:  # a picture's packets have one
                self.times.append(timestamp)
        self.watcher.receive(memoryview(data))

    def rate(self, since: int = 0) -> float:
        """Pictures per second of their own time, those before a number of them left out."""
        steps = [(later - one) % 2**32 for one, later in pairwise(self.times[since:])]
        return 90_000 * len(steps) / sum(steps)


class Audience:
    """Viewers of sessions that it opens by the API; all are served by one loop."""

    def __init__(self, url: str) -> None:
        self.service = Service(url)
        self._identity = Identity()
        self._selector = selectors.DefaultSelector()
        self.seats: list[Seat] = []

    def open(self, **wishes: object) -> Seat:
        """A viewer of a new session, which connects while the audience watches."""
        data = self.service.call("new", wishes)["data"]
        watcher = Watcher(data["session_id"], data["sdp"]["sdp"], self._identity)
        video = Offer.parse(data["sdp"]["sdp"]).payload_type("video")
        seat = Seat(watcher, video=video)
        self._selector.register(watcher.sock, selectors.EVENT_READ, seat)
        self.seats.append(seat)
        self.service.start(watcher.session_id, watcher.answer)
        return seat

    def watch(self, until: Callable[[], bool], *, seconds: float = 20.0) -> None:
        """Receives until the condition holds. Raises TimeoutError when it does not in time."""
        give_up = time.monotonic() + seconds
        while not until():
            self._receive(0.02)
            now = time.monotonic()
            for seat in self.seats:
                seat.watcher.tick(now)
            if now > give_up:
                raise TimeoutError([len(seat.times) for seat in self.seats])

    def catch_up(self) -> None:
        """Receives what has come while nobody watched."""
        while self._receive(0):
            pass

    def _receive(self, patience: float) -> int:
        ready = self._selector.select(patience)
        for key, _ in ready:
            seat: Seat = key.data
            seat.receive(seat.watcher.sock.recv(2048))
        return len(ready)

    def close(self) -> None:
        for seat in self.seats:
            self.service.stop(seat.watcher.session_id)
            seat.watcher.close()
        self.service.close()
        self._selector.close()
