"""What a wrong performance needs beside the right one; pictures are made in a thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from functools import cached_property

from mock_server.core.speech import speak
from mock_server.media.voice import VoiceBank
from mock_server.rtc.streamer import Pictures

log = logging.getLogger("heygen_mock")

Paint = Callable[[str, str], Pictures]
"""(codec, what is to be seen) -> the pictures; takes its time."""


class Props:
    """One viewer's. To be seen are "black", the size of a quality, by its name, "another size".

    ``usual`` is the quality of the right pictures.
    """

    def __init__(self, bank: VoiceBank, paint: Paint, threads: Executor, *, usual: str) -> None:
        self.silence = bank.silence
        self.usual = usual
        self._bank = bank
        self._paint = paint
        self._threads = threads
        self._pictures: dict[tuple[str, str], Future[Pictures]] = {}

    @cached_property
    def noise(self) -> tuple[bytes, ...]:
        """Packets of a voice that says nothing."""
        return self._bank.packets(speak("Yada yada", rate=1.0))

    def prepare(self, codec: str, scenes: Iterable[str]) -> None:
        """Begins to make the pictures."""
        for scene in scenes:
            if scene != self.usual and (codec, scene) not in self._pictures:
                painting = self._threads.submit(self._paint, codec, scene)
                painting.add_done_callback(_complain)
                self._pictures[codec, scene] = painting

    def pictures(self, codec: str, scene: str) -> Pictures | None:
        """Those that were prepared; None as long as they are not there."""
        painting = self._pictures[codec, scene]
        ready = painting.done() and not painting.cancelled() and painting.exception() is None
        return painting.result() if ready else None


def _complain(painting: Future[Pictures]) -> None:
    if not painting.cancelled() and (error := painting.exception()) is not None:
        log.error("pictures that a plan asks for could not be made", exc_info=error)
