"""Lets the avatar speak audio while it still comes.

A speech begins with its first piece and grows with each further one. Where the next piece comes
too late, the avatar has stopped talking by then, and begins anew.
"""

from __future__ import annotations

from mock_server.core import errors
from mock_server.core import events as ev
from mock_server.core.effects import SendEvent
from mock_server.core.errors import ApiError
from mock_server.core.given_audio import GivenAudio
from mock_server.core.session import Session
from mock_server.ids import Ids
from mock_server.runtime import Runtime

MAX_SECONDS = 120.0
"""Of one speech, and of the buffer."""
MAX_KNOWN = 200
"""Speeches whose ``event_id`` is still known."""


class Presenter:
    """What one socket lets the avatar speak in one session. Methods raise ApiError."""

    def __init__(self, runtime: Runtime, ids: Ids, session: Session) -> None:
        self._runtime = runtime
        self._ids = ids
        self._session = session
        self._event_ids: dict[str, str] = {}
        self._buffer = GivenAudio()
        self._given = GivenAudio()
        self._task_id: str | None = None
        self._event_id: str | None = None
        self._dropped: str | None = None

    def event_id(self, task_id: str) -> str:
        """The event_id of the message that a task comes from; its own id if it has none."""
        return self._event_ids.get(task_id, task_id)

    async def speak(self, pcm: bytes, event_id: str | None) -> None:
        """Begins a speech, or goes on with it."""
        if event_id is not None and event_id == self._dropped:
            return  # sent before its client knew of the interruption
        if event_id != self._event_id:
            self.end(self._event_id)
        self._event_id = event_id
        _check_length(self._given, pcm)
        self._given.add(pcm)
        task_id, utterance = self._task_id, self._given.utterance()
        if task_id is not None:
            try:
                await self._runtime.call(self._session, lambda n: ev.Extend(n, task_id, utterance))
            except ApiError:
                self._given, self._task_id = GivenAudio(), None
                self._given.add(pcm)
            else:
                return
        if utterance.slots:
            self._task_id = await self._begin(self._given, event_id)

    def end(self, event_id: str | None) -> None:
        """No more comes of that speech."""
        if event_id == self._event_id:
            self._given, self._task_id, self._event_id = GivenAudio(), None, None

    def append(self, pcm: bytes) -> None:
        _check_length(self._buffer, pcm)
        self._buffer.add(pcm)

    async def commit(self, event_id: str | None) -> None:
        given, self._buffer = self._buffer, GivenAudio()
        if not given.utterance().slots:
            raise errors.invalid("audio", "the buffer is empty")
        await self._begin(given, event_id)

    def clear(self) -> None:
        self._buffer = GivenAudio()

    def interrupt(self) -> None:
        """What was being spoken is not to be gone on with, nor is the buffer."""
        self._dropped = self._event_id
        self.end(self._event_id)
        self.clear()

    def news(self, event: SendEvent) -> None:
        """Hears of the session: somebody else may interrupt what this one lets it speak."""
        if event.type != "avatar_stop_talking" or event.task_id != self._task_id:
            return
        if (event.duration_ms or 0.0) < self._given.seconds * 1000 - 1:
            self.interrupt()

    async def _begin(self, given: GivenAudio, event_id: str | None) -> str:
        task_id, utterance = self._ids.task_id(), given.utterance()
        if event_id is not None:
            self._event_ids[task_id] = event_id
            while len(self._event_ids) > MAX_KNOWN:
                del self._event_ids[next(iter(self._event_ids))]
        await self._runtime.call(
            self._session, lambda n: ev.Speak(n, task_id, utterance, sync=False, blocks=False)
        )
        return task_id


def _check_length(given: GivenAudio, pcm: bytes) -> None:
    if given.seconds + len(pcm) / 48_000 > MAX_SECONDS:
        raise errors.invalid("audio", f"one speech has at most {MAX_SECONDS:.0f} seconds")
